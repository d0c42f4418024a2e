/** A small cache in Redis for answers that cost quota. */
@NullMarked
package com.ytempire.sidecar.cache;

import org.jspecify.annotations.NullMarked;
