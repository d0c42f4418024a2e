package com.ytempire.sidecar.tenancy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A customer of the platform; {@code schemas/user.json}.
 *
 * @param targetRevenueUsd goal of a calendar month, USD
 */
public record User(
    UUID userId,
    String email,
    String displayName,
    String subscriptionTier,
    BigDecimal targetRevenueUsd,
    String timeZone,
    boolean isActive,
    Instant createdAt) {

  /** {@code schemas/user-create.json}. */
  record Create(
      String email,
      String displayName,
      @Nullable String subscriptionTier,
      @Nullable BigDecimal targetRevenueUsd,
      @Nullable String timeZone) {}

  /** {@code schemas/user-update.json}. */
  record Update(
      @Nullable String displayName,
      @Nullable String subscriptionTier,
      @Nullable BigDecimal targetRevenueUsd,
      @Nullable String timeZone,
      @Nullable Boolean isActive) {}

  /** {@code schemas/user-page.json}. */
  record Page(List<User> users, @Nullable UUID next) {}
}
