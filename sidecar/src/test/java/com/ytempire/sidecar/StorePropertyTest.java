package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Any batches, restatements and repeats, in any order, end as they do in a map in memory; what the
 * store says of each row is what the map says; and the revisions are the map's history.
 */
class StorePropertyTest {
  private static final String CHANNEL = "UCabcdefghijklmnopqrstuv";
  private static final Set<String> KEYS = Set.of("kind", "videoId", "day", "observedAt");
  private static final List<String> MONEY = List.of("1.5", "1.50", "2.0001", "-0.25", "100");

  private static @Nullable Platform platform;
  private static String service = "";
  private static int users;

  @BeforeContainer
  static void start() {
    platform = new Platform(1, 1);
    service = platform().token("service", null);
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

  // ---- what is sent ----

  /** Small values and few keys, so that the same row comes again, the same or restated. */
  private static Arbitrary<Map<String, Object>> optional(Map<String, Arbitrary<?>> fields) {
    Arbitrary<Map<String, Object>> row = Arbitraries.just(Map.of());
    for (Map.Entry<String, Arbitrary<?>> field : fields.entrySet()) {
      row =
          Combinators.combine(row, field.getValue().injectNull(0.4))
              .as((so, value) -> {
                if (value == null) {
                  return so;
                }
                Map<String, Object> more = new LinkedHashMap<>(so);
                more.put(field.getKey(), value);
                return more;
              });
    }
    return row;
  }

  private static Arbitrary<Map<String, Object>> row(
      String kind, Map<String, Arbitrary<?>> always, Map<String, Arbitrary<?>> sometimes) {
    Arbitrary<Map<String, Object>> row = optional(sometimes);
    for (Map.Entry<String, Arbitrary<?>> field : always.entrySet()) {
      row =
          Combinators.combine(row, field.getValue())
              .as((so, value) -> {
                Map<String, Object> more = new LinkedHashMap<>(so);
                more.put(field.getKey(), value);
                return more;
              });
    }
    return row.map(fields -> {
      Map<String, Object> whole = new LinkedHashMap<>(Map.of("kind", kind, "channelId", CHANNEL));
      whole.putAll(fields);
      return whole;
    });
  }

  @Provide
  Arbitrary<List<List<Map<String, Object>>>> histories() {
    Arbitrary<Integer> count = Arbitraries.integers().between(0, 3);
    Arbitrary<String> money = Arbitraries.of(MONEY);
    Arbitrary<String> day = Arbitraries.of("2026-10-01", "2026-10-02", "2026-10-03");
    Arbitrary<String> video = Arbitraries.of("aaaaaaaaaaa", "bbbbbbbbbbb");
    // The same moment is written in two ways.
    Arbitrary<String> moment =
        Arbitraries.of(
            "2026-10-01T10:00:00Z", "2026-10-01T12:00:00+02:00", "2026-10-01T10:15:00.5Z");
    Arbitrary<Map<String, Object>> any =
        Arbitraries.oneOf(
            row(
                "channel-day",
                Map.of("day", day, "views", count),
                Map.of(
                    "likes",
                    count,
                    "estimatedRevenue",
                    money,
                    "averageViewPercentage",
                    Arbitraries.of(41.5, 41.25, 0.0))),
            row(
                "video-day",
                Map.of("day", day, "videoId", video, "comments", count),
                Map.of("views", count, "estimatedRevenue", money)),
            row(
                "channel-statistics",
                Map.of("observedAt", moment, "views", count, "videos", count),
                Map.of("subscribers", count)),
            row(
                "video-statistics",
                Map.of("observedAt", moment, "videoId", video, "views", count),
                Map.of("likes", count, "withoutGrant", Arbitraries.of(true, false))),
            row(
                "video",
                Map.of(
                    "videoId", video,
                    "title", Arbitraries.of("one", "two \"quoted\" \\ ümläut"),
                    "publishedAt", moment),
                Map.of("durationSeconds", count)));
    return any.list().ofMinSize(1).ofMaxSize(10).list().ofMinSize(1).ofMaxSize(6);
  }

  // ---- the model ----

  private record Revision(
      String day, @Nullable String videoId, Map<String, Map<String, Object>> changes) {}

  /** What the store should know, in a map. */
  private static final class Model {
    final Map<List<String>, Map<String, Object>> rows = new LinkedHashMap<>();
    final List<Revision> revisions = new ArrayList<>();

    /** What should become of this row, and what should change. */
    Map.Entry<String, Map<String, Map<String, Object>>> store(Map<String, Object> row) {
      List<String> key = new ArrayList<>();
      Map<String, Object> values = new TreeMap<>();
      new TreeMap<>(row)
          .forEach((name, value) -> {
            if (KEYS.contains(name)) {
              key.add(String.valueOf(normal(name, value)));
            } else if (!name.equals("channelId")) {
              values.put(name, normal(name, value));
            }
          });
      Map<String, Object> known = rows.get(key);
      if (known == null) {
        rows.put(key, values);
        return Map.entry("stored", Map.of());
      }
      Map<String, Map<String, Object>> changes = new TreeMap<>();
      values.forEach((name, value) -> {
        Object was = known.get(name);
        if (!value.equals(was)) {
          Map<String, Object> change = new TreeMap<>();
          change.put("from", was == null ? "null" : was);
          change.put("to", value);
          changes.put(name, change);
          known.put(name, value);
        }
      });
      // A figure that was not known before restates nothing.
      boolean restates =
          changes.values().stream().anyMatch(change -> !"null".equals(change.get("from")));
      if (restates && row.containsKey("day")) {
        revisions.add(
            new Revision(
                String.valueOf(row.get("day")),
                row.containsKey("videoId") ? String.valueOf(row.get("videoId")) : null,
                changes));
      }
      return Map.entry(changes.isEmpty() ? "unchanged" : "updated", changes);
    }
  }

  /** A value in the one form in which two that mean the same are equal. */
  private static Object normal(String name, Object value) {
    return switch (name) {
      case "estimatedRevenue", "averageViewPercentage" ->
          new BigDecimal(String.valueOf(value)).setScale(4, RoundingMode.HALF_UP);
      case "observedAt", "publishedAt" ->
          OffsetDateTime.parse(String.valueOf(value).replace(' ', 'T').replaceAll("\\+00$", "Z"))
              .toInstant()
              .toString();
      default -> value instanceof Number number ? number.longValue() : value;
    };
  }

  private static Map<String, Map<String, Object>> changesIn(@Nullable JsonNode node) {
    Map<String, Map<String, Object>> changes = new TreeMap<>();
    if (node != null) {
      node.properties()
          .forEach(field -> {
            Map<String, Object> change = new TreeMap<>();
            for (String side : List.of("from", "to")) {
              JsonNode value = field.getValue().get(side);
              change.put(side, value.isNull() ? "null" : normal(field.getKey(), plain(value)));
            }
            changes.put(field.getKey(), change);
          });
    }
    return changes;
  }

  private static Object plain(JsonNode value) {
    return value.isBoolean()
        ? (Object) value.booleanValue()
        : value.isString() ? value.stringValue() : value.decimalValue();
  }

  // ---- the property ----

  @Property(tries = 150)
  void anyHistoryEndsAsInAMapAndIsToldExactly(
      @ForAll("histories") List<List<Map<String, Object>>> batches,
      @ForAll List<Boolean> repeated) {
    String user = platform().createUser("user%d@example.com".formatted(users++));
    platform().addChannel(user, CHANNEL);
    Model model = new Model();
    for (int b = 0; b < batches.size(); b++) {
      boolean again = b < repeated.size() && repeated.get(b);
      for (int time = 0; time < (again ? 2 : 1); time++) {
        List<Map<String, Object>> rows =
            batches.get(b).stream()
                .map(row -> {
                  Map<String, Object> whole = new LinkedHashMap<>(row);
                  whole.put("userId", user);
                  return whole;
                })
                .toList();
        JsonNode answer =
            platform()
                .post("/v1/metrics/store", service, Map.of("rows", rows))
                .expect(200)
                .body()
                .get("rows");
        for (int r = 0; r < rows.size(); r++) {
          var expected = model.store(batches.get(b).get(r));
          assertEquals(
              expected.getKey(),
              answer.get(r).get("outcome").stringValue(),
              rows.get(r).toString());
          assertEquals(
              expected.getValue(), changesIn(answer.get(r).get("changes")), rows.get(r).toString());
        }
      }
    }
    assertEquals(new TreeMap<>(byText(model.rows)), new TreeMap<>(byText(stored(user))));
    assertEquals(byRow(model.revisions), byRow(revisions(user)));
  }

  private static Map<String, Map<String, Object>> byText(
      Map<List<String>, Map<String, Object>> rows) {
    Map<String, Map<String, Object>> text = new TreeMap<>();
    rows.forEach((key, row) -> text.put(key.toString(), row));
    return text;
  }

  /** The history of each row; rows of one batch have no order among them. */
  private static Map<String, List<Map<String, Map<String, Object>>>> byRow(
      List<Revision> revisions) {
    Map<String, List<Map<String, Map<String, Object>>>> histories = new TreeMap<>();
    for (Revision revision : revisions) {
      histories
          .computeIfAbsent(revision.day() + " " + revision.videoId(), key -> new ArrayList<>())
          .add(revision.changes());
    }
    return histories;
  }

  /** What the API shows, in the model's form. */
  private static Map<List<String>, Map<String, Object>> stored(String user) {
    Map<List<String>, Map<String, Object>> rows = new LinkedHashMap<>();
    for (String kind :
        List.of("channel-day", "video-day", "channel-statistics", "video-statistics", "video")) {
      for (JsonNode row :
          platform()
              .get("/v1/users/%s/metrics/%s".formatted(user, kind), service)
              .expect(200)
              .body()
              .get("rows")) {
        List<String> key = new ArrayList<>();
        Map<String, Object> values = new TreeMap<>();
        Map<String, JsonNode> fields = new TreeMap<>();
        row.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        fields.forEach((name, value) -> {
          if (KEYS.contains(name)) {
            key.add(String.valueOf(normal(name, plain(value))));
          } else if (!Set.of("channelId", "userId").contains(name) && !value.isNull()) {
            values.put(name, normal(name, plain(value)));
          }
        });
        rows.put(key, values);
      }
    }
    return rows;
  }

  private static List<Revision> revisions(String user) {
    List<Revision> found = new ArrayList<>();
    for (Map<String, Object> row :
        platform()
            .admin(
                "select day::text, video_id, changes::text from core.metric_revisions where user_id = '%s' order by revision_id"
                    .formatted(user))) {
      found.add(
          new Revision(
              String.valueOf(row.get("day")),
              (String) row.get("video_id"),
              changesIn(Platform.JSON.readTree(String.valueOf(row.get("changes"))))));
    }
    return found;
  }
}
