package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.youtube.Metric;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Rows as they are fetched. */
final class FetchedRowTest {
  private static final UUID USER = UUID.fromString("00000000-0000-0000-0000-000000000001");

  private static FetchedRow row(RowKind kind) {
    return new FetchedRow(kind, USER, "UC1");
  }

  private static void assertWritten(String fields, FetchedRow row) {
    String json = Json.MAPPER.writeValueAsString(row);
    assertEquals(
        "{\"kind\":\"%s\",\"userId\":\"%s\",\"channelId\":\"UC1\",%s}"
            .formatted(row.kind().label(), USER, fields),
        json);
    assertEquals(
        json,
        Json.MAPPER.writeValueAsString(Json.MAPPER.readValue(json, FetchedRow.class)),
        "read from the cache it is the same");
  }

  @Test
  void a_row_is_written_and_read_as_the_contract_has_it() {
    assertWritten(
        "\"day\":\"2026-11-01\",\"views\":12,\"averageViewPercentage\":45.3,\"estimatedRevenue\":\"1.0000\"",
        row(RowKind.CHANNEL_DAY)
            .set("day", LocalDate.of(2026, 11, 1))
            .set(Metric.VIEWS, new BigDecimal("12.0"))
            .set(Metric.AVERAGE_VIEW_PERCENTAGE, new BigDecimal("45.30"))
            .set(Metric.ESTIMATED_REVENUE, new BigDecimal("1")));
    assertWritten(
        "\"observedAt\":\"2026-11-01T10:00:00Z\",\"subscribers\":null,\"withoutGrant\":true",
        row(RowKind.CHANNEL_STATISTICS)
            .set("observedAt", Instant.parse("2026-11-01T10:00:00Z"))
            .set("subscribers", null)
            .set("withoutGrant", true));
    assertWritten(
        "\"tags\":[\"a\",\"b\"],\"durationSeconds\":60",
        row(RowKind.VIDEO).set("tags", List.of("a", "b")).set("durationSeconds", 60L));
    assertWritten(
        "\"elapsedVideoTimeRatio\":0.01",
        row(RowKind.RETENTION_POINT).set("elapsedVideoTimeRatio", new BigDecimal("0.01")));
  }

  @Test
  void a_field_that_the_kind_does_not_have_is_refused() {
    assertThrows(IllegalArgumentException.class, () -> row(RowKind.VIDEO).set("views", 1L));
  }

  @Test
  void a_value_of_another_type_is_refused() {
    assertThrows(
        IllegalArgumentException.class, () -> row(RowKind.VIDEO).set("publishedAt", "today"));
    assertThrows(IllegalArgumentException.class, () -> row(RowKind.CHANNEL_DAY).set("views", 1));
  }
}
