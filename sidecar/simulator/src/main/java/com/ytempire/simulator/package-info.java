/**
 * A stand-in for YouTube at the wire: OAuth, Data API v3 and Analytics API v2 over HTTP, as far as
 * the platform uses them, with a believable and reproducible world behind. What Google refuses,
 * this refuses, with Google's own error bodies.
 */
@NullMarked
package com.ytempire.simulator;

import org.jspecify.annotations.NullMarked;
