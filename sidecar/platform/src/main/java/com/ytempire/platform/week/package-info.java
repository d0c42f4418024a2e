/** A week of the product in minutes: seven mornings of a platform whose clock is moved. */
@NullMarked
package com.ytempire.platform.week;

import org.jspecify.annotations.NullMarked;
