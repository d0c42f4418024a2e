package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.metrics.HostileRows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whatever a row holds, its batch is answered 200, the good rows beside it are stored, and it is
 * stored or rejected with its faults; what the contract accepts, PostgreSQL accepts.
 */
class HostileRowsTest {
  private static @Nullable Platform platform;
  private static String service = "";
  private static String user = "";

  @BeforeContainer
  static void start() {
    platform = new Platform(1, 1);
    service = platform().token("service", null);
    user = platform().createUser("hostile@example.com");
    platform().addChannel(user, HostileRows.CHANNEL);
  }

  @AfterContainer
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

  @Example
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

  @Provide
  Arbitrary<List<String>> hostile() {
    Arbitrary<String> text =
        Arbitraries.strings().all().ofMaxLength(30).map(Platform.JSON::writeValueAsString);
    Arbitrary<String> number =
        Arbitraries.oneOf(
            Arbitraries.bigDecimals().ofScale(20).map(value -> value.toPlainString()),
            Arbitraries.longs().map(String::valueOf),
            Arbitraries.doubles().map(String::valueOf));
    Arbitrary<String> time =
        Arbitraries.strings()
            .withChars("0123456789-:.TZ+")
            .ofMaxLength(30)
            .map(so -> '"' + so + '"');
    Arbitrary<String> value =
        Arbitraries.oneOf(Arbitraries.of(HostileRows.VALUES), text, number, time);
    Arbitrary<String> row =
        Arbitraries.of(HostileRows.kinds())
            .flatMap(kind -> {
              Map<String, String> good = new LinkedHashMap<>(HostileRows.good(kind, user));
              Arbitrary<String> field = Arbitraries.of(good.keySet());
              return Combinators.combine(field, value, field, value)
                  .as((one, first, other, second) -> {
                    Map<String, String> row1 = new LinkedHashMap<>(good);
                    row1.put(one, first);
                    row1.put(other, second);
                    return HostileRows.json(row1);
                  });
            });
    return row.list().ofMinSize(1).ofMaxSize(40);
  }

  @Property(tries = 60)
  void any_values_in_any_two_fields_are_survived(@ForAll("hostile") List<String> rows) {
    survives(rows);
  }
}
