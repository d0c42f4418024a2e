/** Webhooks: subscriptions to events, and signed deliveries with retries. */
@NullMarked
package com.ytempire.sidecar.webhooks;

import org.jspecify.annotations.NullMarked;
