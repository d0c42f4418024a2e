/** The ledger of what users' videos cost: bookings, prices, shares of the platform, limits. */
@NullMarked
package com.ytempire.sidecar.costs;

import org.jspecify.annotations.NullMarked;
