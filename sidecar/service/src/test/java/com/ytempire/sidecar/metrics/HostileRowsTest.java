package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.Generate.characters;
import static org.quicktheories.generators.Generate.oneOf;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.bigDecimals;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;
import static org.quicktheories.generators.SourceDSL.longs;
import static org.quicktheories.generators.SourceDSL.strings;

import com.ytempire.sidecar.testing.Platform;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;
import tools.jackson.databind.JsonNode;

/**
 * Whatever a row holds, its batch is answered 200, the good rows beside it are stored, and it is
 * stored or rejected with its faults; what the contract accepts, PostgreSQL accepts.
 */
class HostileRowsTest {
  private static @Nullable Platform platform;
  private static String service = "";
  private static String user = "";

  @BeforeAll
  static void start() {
    platform = new Platform(1, 1);
    service = platform().token("service", null);
    user = platform().createUser("hostile@example.com");
    platform().addChannel(user, HostileRows.CHANNEL);
  }

  @AfterAll
  static void stop() {
    platform().close();
  }

  private static Platform platform() {
    if (platform == null) {
      throw new IllegalStateException("not started");
    }
    return platform;
  }

  /** Stores hostile rows, each with good ones before and after it. */
  private static void survives(List<String> hostile) {
    Map<String, String> good = HostileRows.good("channel-day", user);
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < hostile.size(); i++) {
      rows.add(HostileRows.with(good, "views", String.valueOf(i)));
      rows.add(hostile.get(i));
    }
    rows.add(HostileRows.with(good, "views", "1000001"));
    JsonNode answer =
        platform()
            .send(
                "POST", "/v1/metrics/store", service, "{\"rows\":[" + String.join(",", rows) + "]}")
            .expect(200)
            .body()
            .get("rows");
    assertEquals(rows.size(), answer.size());
    for (int i = 0; i < rows.size(); i++) {
      JsonNode outcome = answer.get(i);
      boolean isGood = i % 2 == 0;
      if (outcome.get("outcome").stringValue().equals("rejected")) {
        assertFalse(isGood, rows.get(i) + " " + outcome);
        for (JsonNode fault : outcome.get("faults")) {
          String message = fault.get("message").stringValue();
          assertFalse(message.isBlank(), rows.get(i));
          assertFalse(message.contains("SQLSTATE"), rows.get(i) + " " + outcome);
        }
        assertTrue(outcome.get("faults").size() > 0, rows.get(i));
      }
    }
  }

  @Test
  void every_field_of_every_kind_survives_every_hostile_value() {
    for (String kind : HostileRows.kinds()) {
      List<String> rows =
          HostileRows.all(kind, user).stream()
              // The body's own limits: members are objects.
              .filter(row -> row.startsWith("{\"kind\"") || row.startsWith("{\"userId\""))
              .toList();
      for (int from = 0; from < rows.size(); from += 300) {
        survives(rows.subList(from, Math.min(rows.size(), from + 300)));
      }
    }
  }

  /** Up to 30 of these characters. */
  private static Gen<String> text(Gen<Character> characters) {
    return lists()
        .of(characters)
        .ofSizeBetween(0, 30)
        .map(list -> list.stream().map(String::valueOf).collect(Collectors.joining()));
  }

  /** JSON values: text of any UTF-16 units and code points, numbers, what resembles a time. */
  private static Gen<String> values() {
    Gen<String> text =
        oneOf(
                text(characters(Character.MIN_VALUE, Character.MAX_VALUE)),
                strings().allPossible().ofLengthBetween(0, 30))
            .map(Platform.JSON::writeValueAsString);
    Gen<String> number =
        oneOf(
            integers()
                .between(0, 20)
                .flatMap(scale -> bigDecimals().ofBytes(16).withScale(scale))
                .map(BigDecimal::toPlainString),
            longs().all().map(value -> value.toString()),
            // JSON has no infinity and no NaN.
            longs()
                .all()
                .map(Double::longBitsToDouble)
                .assuming(Double::isFinite)
                .map(value -> value.toString()));
    Gen<String> time =
        text(pick("0123456789-:.TZ+".chars().mapToObj(unit -> (char) unit).toList()))
            .map(digits -> '"' + digits + '"');
    return oneOf(pick(HostileRows.VALUES), text, number, time);
  }

  /** Rows of any kind, each with two fields set to any values. */
  private static Gen<List<String>> hostile() {
    Gen<String> values = values();
    Gen<String> rows =
        pick(HostileRows.kinds())
            .flatMap(kind -> {
              Map<String, String> good = HostileRows.good(kind, user);
              Gen<String> fields = pick(List.copyOf(good.keySet()));
              return fields.zip(
                  values,
                  fields,
                  values,
                  (one, first, other, second) -> {
                    Map<String, String> row = new LinkedHashMap<>(good);
                    row.put(one, first);
                    row.put(other, second);
                    return HostileRows.json(row);
                  });
            });
    return lists().of(rows).ofSizeBetween(1, 40);
  }

  @Test
  void any_values_in_any_two_fields_are_survived() {
    qt().withExamples(60)
        .withShrinkCycles(100)
        .forAll(hostile())
        .checkAssert(HostileRowsTest::survives);
  }
}
