/** The settings, parsed once at start into values; nothing reads the environment later. */
@NullMarked
package com.ytempire.sidecar.config;

import org.jspecify.annotations.NullMarked;
