package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.Generate.booleans;
import static org.quicktheories.generators.Generate.oneOf;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.Generate.range;
import static org.quicktheories.generators.SourceDSL.lists;

import com.ytempire.sidecar.testing.Platform;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;
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

  @BeforeAll
  static void start() {
    platform = new Platform(1, 1);
    service = platform().token("service", null);
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

  // ---- what is sent ----

  /** Rows of a kind; a field of {@code sometimes} is left out of four in ten. */
  private static Gen<Map<String, Object>> rows(
      String kind, Map<String, Gen<?>> always, Map<String, Gen<?>> sometimes) {
    // In one order in every JVM: else a seed would mean other rows in each.
    Map<String, Gen<?>> required = new TreeMap<>(always);
    Map<String, Gen<? extends Optional<?>>> optional = new TreeMap<>();
    sometimes.forEach((name, values) -> optional.put(name, values.toOptionals(40)));
    return random -> {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("kind", kind);
      row.put("channelId", CHANNEL);
      required.forEach((name, values) -> row.put(name, values.generate(random)));
      optional.forEach(
          (name, values) -> values.generate(random).ifPresent(value -> row.put(name, value)));
      return row;
    };
  }

  /** Batches of few values and few keys, so that the same row comes again, the same or restated. */
  private static Gen<List<List<Map<String, Object>>>> histories() {
    Gen<Integer> count = range(0, 3);
    Gen<String> money = pick(MONEY);
    Gen<String> day = pick(List.of("2026-10-01", "2026-10-04", "2026-10-08"));
    Gen<String> video = pick(List.of("aaaaaaaaaaa", "bbbbbbbbbbb"));
    // The same moment is written in two ways.
    Gen<String> moment =
        pick(
            List.of("2026-10-01T10:00:00Z", "2026-10-01T12:00:00+02:00", "2026-10-01T10:15:00.5Z"));
    Gen<Map<String, Object>> any =
        oneOf(
            rows(
                "channel-day",
                Map.of("day", day, "views", count),
                Map.of(
                    "likes",
                    count,
                    "estimatedRevenue",
                    money,
                    "averageViewPercentage",
                    pick(List.of(41.5, 41.25, 0.0)))),
            rows(
                "video-day",
                Map.of("day", day, "videoId", video, "comments", count),
                Map.of(
                    "views",
                    count,
                    "engagedViews",
                    count,
                    "estimatedRevenue",
                    money,
                    "averageViewPercentage",
                    pick(List.of(41.5, 0.0)))),
            rows(
                "channel-statistics",
                Map.of("observedAt", moment, "views", count, "videos", count),
                Map.of("subscribers", count)),
            rows(
                "video-statistics",
                Map.of("observedAt", moment, "videoId", video, "views", count),
                Map.of("likes", count, "withoutGrant", booleans())),
            rows(
                "video",
                Map.of(
                    "videoId", video,
                    "title", pick(List.of("one", "two \"quoted\" \\ ümläut")),
                    "publishedAt", moment),
                Map.of("durationSeconds", count)));
    return lists().of(lists().of(any).ofSizeBetween(1, 10)).ofSizeBetween(1, 6);
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

  @Test
  void any_history_ends_as_in_a_map_and_is_reported_exactly() {
    qt().withExamples(150)
        .withShrinkCycles(100)
        .forAll(histories(), lists().of(booleans()).ofSizeBetween(0, 6))
        .checkAssert(StorePropertyTest::endsAsInAMap);
  }

  /**
   * Stores the batches.
   *
   * @param repeated whether a batch is sent twice, by its index; not, where the list has ended
   */
  private static void endsAsInAMap(
      List<List<Map<String, Object>>> batches, List<Boolean> repeated) {
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
    assertEquals(
        List.of(), platform().admin("select * from core.wrong_rollups(null)"), "rollups of videos");
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
