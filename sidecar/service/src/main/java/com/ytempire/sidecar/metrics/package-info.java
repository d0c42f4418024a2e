/** Fetching metrics from YouTube and storing them, with what YouTube restated kept. */
@NullMarked
package com.ytempire.sidecar.metrics;

import org.jspecify.annotations.NullMarked;
