/**
 * The whole product as processes of one machine, started, supervised and closed by {@link
 * com.ytempire.platform.Platform}, and what the demo, the benchmarks and the end-to-end tests use
 * to drive and examine it.
 */
@NullMarked
package com.ytempire.platform;

import org.jspecify.annotations.NullMarked;
