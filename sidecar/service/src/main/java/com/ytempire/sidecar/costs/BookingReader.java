package com.ytempire.sidecar.costs;

import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Request;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads rows of {@code schemas/cost-booking.json} and refuses what no cost is. */
final class BookingReader {
  /** No single bill of a video is near it: whoever sends more has mistaken the unit. */
  static final BigDecimal MAX_USD = new BigDecimal("10000");

  private static final Duration MAX_AHEAD = Duration.ofDays(1);

  private final Contract contract;

  BookingReader(Contract contract) {
    this.contract = contract;
  }

  /**
   * A booking, or what is wrong with its row.
   *
   * @param booking null when it has faults
   */
  record ParsedRow(@Nullable Booking booking, List<Fault> faults) {}

  /** {@code schemas/cost-booking.json}. */
  record Row(
      String externalId,
      String provider,
      String category,
      @Nullable Instant at,
      @Nullable String channelId,
      @Nullable String videoId,
      @Nullable String model,
      @Nullable BigDecimal quantity,
      @Nullable String unit,
      @Nullable BigDecimal amountUsd,
      @Nullable Boolean isRefund,
      @Nullable Boolean isEstimate) {}

  /**
   * Reads a row.
   *
   * @param now when it was used where the row does not say
   */
  ParsedRow read(JsonNode json, Instant now) {
    List<Fault> faults = contract.faults("cost-booking", json);
    if (!faults.isEmpty()) {
      return new ParsedRow(null, faults);
    }
    try {
      Row row = Json.MAPPER.treeToValue(json, Row.class);
      Instant at = row.at() == null ? now : row.at();
      faults = faults(row, at, now);
      return faults.isEmpty()
          ? new ParsedRow(booking(row, at), faults)
          : new ParsedRow(null, faults);
    } catch (JacksonException e) {
      return new ParsedRow(
          null, List.of(new Fault("/at", "must be a moment that the calendar has, as RFC 3339")));
    }
  }

  private static List<Fault> faults(Row row, Instant at, Instant now) {
    List<Fault> faults = new ArrayList<>();
    if (!Request.isOfOurTime(at) || at.isAfter(now.plus(MAX_AHEAD))) {
      faults.add(new Fault("/at", "must be from 2000 to a day from now, not " + at));
    }
    BigDecimal usd = row.amountUsd();
    boolean isRefund = Boolean.TRUE.equals(row.isRefund());
    if (isRefund && (usd == null || usd.signum() >= 0)) {
      faults.add(new Fault("/isRefund", "needs a negative amountUsd: what the provider gave back"));
    }
    if (usd == null) {
      return faults;
    }
    if (usd.signum() < 0 && !isRefund) {
      faults.add(
          new Fault(
              "/amountUsd",
              "is %s, and a cost is not negative; set isRefund where the provider gave money back"
                  .formatted(usd.toPlainString())));
    }
    if (usd.abs().compareTo(MAX_USD) > 0) {
      faults.add(
          new Fault(
              "/amountUsd",
              "is %s, more than the %,.0f USD that one cost may be; is it in USD, and of one use?"
                  .formatted(usd.toPlainString(), MAX_USD)));
    }
    return faults;
  }

  private static Booking booking(Row row, Instant at) {
    return new Booking(
        row.externalId(),
        row.provider(),
        row.category(),
        at,
        row.channelId(),
        row.videoId(),
        row.model(),
        row.quantity(),
        row.unit(),
        row.amountUsd(),
        Boolean.TRUE.equals(row.isEstimate()) ? "estimated" : "metered");
  }
}
