/** In the package of the DAO that is measured, because nobody else may see it. */
@NullMarked
package com.ytempire.sidecar.metrics;

import org.jspecify.annotations.NullMarked;
