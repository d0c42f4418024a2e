/** Benchmarks: what is compared is measured in one run, side by side, and reported as a ratio. */
@NullMarked
package com.ytempire.bench;

import org.jspecify.annotations.NullMarked;
