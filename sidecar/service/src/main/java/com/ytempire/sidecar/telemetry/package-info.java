/** Meters for Prometheus, and whether the parts are up. */
@NullMarked
package com.ytempire.sidecar.telemetry;

import org.jspecify.annotations.NullMarked;
