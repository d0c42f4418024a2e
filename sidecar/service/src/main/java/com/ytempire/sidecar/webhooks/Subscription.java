package com.ytempire.sidecar.webhooks;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A subscription to events and the state of its deliveries, as {@code schemas/subscription.json}
 * has it.
 *
 * @param userId whose events; null: of all users
 * @param waiting events that are due
 */
public record Subscription(
    UUID subscriptionId,
    @Nullable UUID userId,
    String url,
    List<String> events,
    @Nullable String workflowId,
    Instant createdAt,
    @Nullable Instant lastDeliveredAt,
    @Nullable Instant failingSince,
    @Nullable String lastError,
    long waiting) {}
