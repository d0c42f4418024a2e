package com.ytempire.sidecar.costs;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A cost to book for the tenant.
 *
 * @param externalId the provider's or the caller's own id; a cost is booked once by provider and
 *     this
 * @param category by {@code schemas/cost-category.json}
 * @param channelId null: of the video's channel or, without a video, shared by all
 * @param quantity in {@code unit}; null: an amount alone
 * @param amountUsd negative: a refund; null: priced by the quantity
 */
public record Booking(
    String externalId,
    String provider,
    String category,
    Instant at,
    @Nullable String channelId,
    @Nullable String videoId,
    @Nullable String model,
    @Nullable BigDecimal quantity,
    @Nullable String unit,
    @Nullable BigDecimal amountUsd,
    String basis) {

  /** A metered quantity that is spent on no channel in particular. */
  public static Booking ofUsage(
      String externalId,
      String provider,
      String model,
      String category,
      String unit,
      long quantity,
      Instant at) {
    return new Booking(
        externalId,
        provider,
        category,
        at,
        null,
        null,
        model,
        BigDecimal.valueOf(quantity),
        unit,
        null,
        "metered");
  }

  Booking withAmount(BigDecimal usd) {
    return new Booking(
        externalId, provider, category, at, channelId, videoId, model, quantity, unit, usd, basis);
  }

  Booking withChannel(String id) {
    return new Booking(
        externalId, provider, category, at, id, videoId, model, quantity, unit, amountUsd, basis);
  }
}
