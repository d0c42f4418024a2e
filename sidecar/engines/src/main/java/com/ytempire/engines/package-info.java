/**
 * PostgreSQL and Redis as child processes of this JVM, from binaries on Maven Central, configured
 * as a production server would be: durable commits, passwords asked for. For the demo and the
 * tests; production uses compose.yml.
 */
@NullMarked
package com.ytempire.engines;

import org.jspecify.annotations.NullMarked;
