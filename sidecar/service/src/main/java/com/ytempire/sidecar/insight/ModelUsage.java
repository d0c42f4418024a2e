package com.ytempire.sidecar.insight;

import com.ytempire.sidecar.costs.Booking;
import com.ytempire.sidecar.costs.Ledger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The usage of a language model by an answer; {@code usage} of {@code schemas/insight-create.json}.
 */
record ModelUsage(
    @Nullable String provider,
    String responseId,
    String model,
    long inputTokens,
    @Nullable Long cachedInputTokens,
    long outputTokens) {
  /** The provider where none is named. */
  static final String PROVIDER = "openai";

  private static final String CACHED_INPUT = "cached-input-token";
  private static final String INPUT = "input-token";
  private static final String OUTPUT = "output-token";

  String billedBy() {
    return provider == null ? PROVIDER : provider;
  }

  /**
   * Finds a unit of a model's usage that has no price, so that its use would count as nothing.
   *
   * @param model null: any of the provider
   */
  static Optional<String> unitWithoutPrice(
      Ledger ledger, String provider, @Nullable String model, Instant at) {
    return Stream.of(CACHED_INPUT, INPUT, OUTPUT)
        .filter(unit -> !ledger.hasPrice(provider, model, unit, at))
        .findFirst();
  }

  /**
   * Books it in the ledger of the tenant, once an answer.
   *
   * @return what could not be booked, and why; empty: all was
   */
  Optional<String> book(Ledger ledger, Instant at) {
    long cached = cachedInputTokens == null ? 0 : Math.min(cachedInputTokens, inputTokens);
    Map<String, Long> units =
        new TreeMap<>(
            Map.of(
                CACHED_INPUT, cached,
                INPUT, inputTokens - cached,
                OUTPUT, outputTokens));
    List<Booking> bookings =
        units.entrySet().stream()
            .filter(unit -> unit.getValue() > 0)
            .map(unit ->
                Booking.ofUsage(
                    "insight/%s/%s".formatted(responseId, unit.getKey()),
                    billedBy(),
                    model,
                    "text",
                    unit.getKey(),
                    unit.getValue(),
                    at))
            .toList();
    return ledger.bookUsage(bookings, at);
  }
}
