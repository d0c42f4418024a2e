package com.ytempire.sidecar.billing;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as Stripe has it, as far as it concerns us
 * (docs.stripe.com/api/subscriptions/object).
 *
 * @param status in Stripe's words: incomplete, incomplete_expired, trialing, active, past_due,
 *     canceled, unpaid or paused; one that is new to us grants nothing and ends nothing
 * @param prices ids of its items' prices
 */
record StripeSubscription(
    String id,
    String status,
    List<String> prices,
    @Nullable Instant periodEndsAt,
    boolean isCanceledAtPeriodEnd) {}
