/** The sidecar as a process that a benchmark starts and kills. */
@org.jspecify.annotations.NullMarked
package com.ytempire.sidecar;
