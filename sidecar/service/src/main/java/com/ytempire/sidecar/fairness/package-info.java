/** Fair scheduling of calls: a pure queue with a thin runner around it. */
@NullMarked
package com.ytempire.sidecar.fairness;

import org.jspecify.annotations.NullMarked;
