package com.ytempire.sidecar.insight;

import com.ytempire.sidecar.costs.Booking;
import com.ytempire.sidecar.costs.Ledger;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a language model used for an answer; {@code usage} of {@code schemas/insight-create.json}.
 */
record ModelUsage(
    @Nullable String provider,
    String responseId,
    String model,
    long inputTokens,
    @Nullable Long cachedInputTokens,
    long outputTokens) {
  private static final String PROVIDER = "openai";

  String billedBy() {
    return provider == null ? PROVIDER : provider;
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
                "cached-input-token", cached,
                "input-token", inputTokens - cached,
                "output-token", outputTokens));
    @Nullable String fault = null;
    for (Map.Entry<String, Long> unit : units.entrySet()) {
      if (unit.getValue() > 0) {
        Optional<String> found =
            ledger.book(
                Booking.ofUsage(
                    "insight/%s/%s".formatted(responseId, unit.getKey()),
                    billedBy(),
                    model,
                    "text",
                    unit.getKey(),
                    unit.getValue(),
                    at));
        fault = fault == null ? found.orElse(null) : fault;
      }
    }
    return Optional.ofNullable(fault);
  }
}
