/** Identifiers by which the log lines of all parts are found that belong to one request. */
@NullMarked
package com.ytempire.sidecar.trace;

import org.jspecify.annotations.NullMarked;
