package com.ytempire.sidecar.db;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.db.BinaryArray.Element;
import com.ytempire.sidecar.testing.Engines;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** That PostgreSQL reads from a binary array what was written to it. */
final class BinaryArrayTest {
  @Test
  void decimal_numbers_arrive_as_they_were_sent() throws SQLException {
    Random random = new Random(1);
    List<@Nullable Object> numbers = new ArrayList<>();
    for (String edge :
        List.of(
            "0",
            "0.0000",
            "-0.0001",
            "1",
            "9999",
            "10000",
            "1e4",
            "41.5000",
            "100.0000",
            "99999999999999.9",
            "999999999999999",
            "1000000000000000",
            "123456789012345678.1234")) {
      // As PostgreSQL has none with zeros instead of digits before the point.
      BigDecimal number = new BigDecimal(edge);
      numbers.add(number.setScale(Math.max(0, number.scale())));
    }
    for (int i = 0; i < 2_000; i++) {
      numbers.add(
          new BigDecimal(new BigInteger(1 + random.nextInt(80), random), random.nextInt(9)));
      numbers.add(BigDecimal.valueOf(-random.nextInt(100_000), random.nextInt(7)));
    }
    numbers.add(null);

    assertEquals(texts(numbers), received(Element.NUMERIC, "numeric", numbers));
  }

  @Test
  void other_values_arrive_as_they_were_sent() throws SQLException {
    List<@Nullable Object> counts =
        Arrays.asList(0L, -1L, 255L, 1L << 40, Long.MIN_VALUE, Long.MAX_VALUE, null);
    assertEquals(texts(counts), received(Element.INT8, "bigint", counts));
    List<@Nullable Object> texts =
        Arrays.asList("", "a", "é\uD83D\uDE00", "x".repeat(10_000), null);
    assertEquals(texts(texts), received(Element.TEXT, "text", texts));
    List<@Nullable Object> days =
        Arrays.asList(
            LocalDate.of(1, 1, 1), LocalDate.of(1999, 12, 31), LocalDate.of(9999, 12, 31), null);
    assertEquals(texts(days), received(Element.DATE, "date", days));
    List<@Nullable Object> flags = Arrays.asList(true, false, null);
    assertEquals(texts(flags), received(Element.BOOL, "boolean", flags));
    List<@Nullable Object> ids = Arrays.asList(new UUID(-1, 1), new UUID(1, -1), null);
    assertEquals(texts(ids), received(Element.UUID, "uuid", ids));
    assertEquals(
        List.of("1999-12-31T23:59:59.999999Z", "2026-11-28T20:00:00.000001Z"),
        received(
            Element.TIMESTAMPTZ,
            "timestamptz",
            Arrays.asList(
                Instant.parse("1999-12-31T23:59:59.999999Z"),
                Instant.parse("2026-11-28T20:00:00.000001Z")),
            "to_char(x at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
  }

  private static List<String> texts(List<@Nullable Object> values) {
    return values.stream()
        .map(value -> value instanceof BigDecimal number ? number.toPlainString() : value)
        .map(String::valueOf)
        .toList();
  }

  private static List<String> received(Element element, String type, List<@Nullable Object> values)
      throws SQLException {
    return received(element, type, values, "x::text");
  }

  private static List<String> received(
      Element element, String type, List<@Nullable Object> values, String text)
      throws SQLException {
    try (Connection connection = Engines.admin("postgres");
        PreparedStatement statement =
            connection.prepareStatement(
                "select %s from unnest(?::%s[]) with ordinality as i (x, n) order by n"
                    .formatted(text, type))) {
      statement.setArray(1, BinaryArray.of(connection, element, values.size(), values::get));
      List<String> received = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          received.add(String.valueOf(result.getString(1)));
        }
      }
      return received;
    }
  }
}
