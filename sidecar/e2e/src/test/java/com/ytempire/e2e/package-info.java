/**
 * End-to-end tests: a real n8n runs each shipped workflow and each operation of each node against
 * the sidecar's jar, PostgreSQL, Redis and a simulated YouTube. {@code ./ytempire test} prepares
 * and runs them.
 */
@NullMarked
package com.ytempire.e2e;

import org.jspecify.annotations.NullMarked;
