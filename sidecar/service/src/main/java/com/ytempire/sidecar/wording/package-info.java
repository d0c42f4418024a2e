/** Writes figures, dates and strangers' text so that they can stand in a sentence of ours. */
@NullMarked
package com.ytempire.sidecar.wording;

import org.jspecify.annotations.NullMarked;
