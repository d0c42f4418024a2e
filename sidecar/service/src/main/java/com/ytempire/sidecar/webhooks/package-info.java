/**
 * Telling other programs what happened: who has subscribed, and signed deliveries that are tried
 * until they arrive.
 */
@NullMarked
package com.ytempire.sidecar.webhooks;

import org.jspecify.annotations.NullMarked;
