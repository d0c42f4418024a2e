/** Reads stored analytics back: views of a user's metrics, revenue and costs, as tables. */
@NullMarked
package com.ytempire.sidecar.analytics;

import org.jspecify.annotations.NullMarked;
