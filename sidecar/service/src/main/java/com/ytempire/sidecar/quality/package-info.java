/**
 * Data quality: declared checks, their results and incidents, and the operators' view of success.
 */
@NullMarked
package com.ytempire.sidecar.quality;

import org.jspecify.annotations.NullMarked;
