/**
 * Subscriptions at Stripe and the tiers that they grant. Cards, addresses and invoices stay at
 * Stripe: of an event its id, type and customer are read, and nothing of it is stored or logged.
 */
@NullMarked
package com.ytempire.sidecar.billing;

import org.jspecify.annotations.NullMarked;
