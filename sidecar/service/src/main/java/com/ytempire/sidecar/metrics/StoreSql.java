package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.RowKind.Field;
import com.ytempire.sidecar.metrics.RowKind.Part;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The one statement that stores a batch of rows of a kind: look up what is known of each, insert
 * what is new, update what changed, leave the rest alone, keep what was, and tell of each row which
 * it was. Columns come from {@link RowKind}, never from outside.
 *
 * <p>It is exact only while nobody else writes the same channels, which {@link
 * StoreDao#lockChannels} sees to. What is known is looked up row by row through the key's index
 * ({@code offset 0} keeps the planner from joining): the time it takes goes with the batch, not
 * with all that the user has.
 */
final class StoreSql {
  private StoreSql() {}

  static String of(RowKind kind) {
    List<Field> keys = kind.fields(Part.KEY);
    List<Field> values = kind.fields(Part.VALUE);
    List<String> stamps = kind.stamps();
    String columns =
        columns(kind.fields(), Field::column)
            + stamps.stream().map(stamp -> ", " + stamp).collect(Collectors.joining());
    String selected =
        columns(kind.fields(), Field::column)
            + stamps.stream().map(stamp -> ", now.at").collect(Collectors.joining());
    String updates =
        columns(values, field -> "%1$s = coalesce(excluded.%1$s, m.%1$s)".formatted(field.column()))
            + stamps.stream()
                .filter(stamp -> !stamp.equals("created_at"))
                .map(", %1$s = excluded.%1$s"::formatted)
                .collect(Collectors.joining());
    String written =
        """
        with now as (select ?::timestamptz as at),
        judged as materialized (
          select i.*, o.is_known is not null as is_known,
                 case when o.is_known then '{' || nullif(concat_ws(',', %1$s), '') || '}' end as changes%12$s
            from (select %2$s, n from unnest(%3$s) with ordinality as i (%4$s, n)) i
            left join lateral (select true as is_known, %5$s%13$s from %6$s m where %7$s offset 0) o on true),
        inserted as (
          insert into %6$s (%8$s) select %9$s from judged, now where not is_known),
        updated as (
          insert into %6$s as m (%8$s) select %9$s from judged, now where changes is not null
          on conflict (user_id, %10$s) do update set %11$s)
        """
            .formatted(
                columns(values, StoreSql::change),
                columns(kind.fields(), Field::column),
                columns(kind.fields(), field -> "?::" + field.type().sql() + "[]"),
                columns(kind.fields(), Field::column),
                columns(values, field -> "m." + field.column()),
                kind.view(),
                equal(keys, "m", "i"),
                columns,
                selected,
                columns(keys, Field::column),
                updates,
                RollupSql.known(kind),
                RollupSql.lookedUp(kind));
    // A figure that comes later than the others, as revenue does, restates nothing.
    String revised =
        kind.isRevised()
            ? """
            , revised as (
              insert into analytics.metric_revisions (channel_id, video_id, day, changes, revised_at)
              select channel_id, %s, date, changes::jsonb, now.at from judged, now where changes ~ '"from":[^n]')
            """
                .formatted(kind == RowKind.VIDEO_DAY ? "video_id" : "null")
            : "";
    // A title that came again unchanged is fresh again, though nothing of it changed.
    String refreshed =
        stamps.contains("refreshed_at")
            ? """
            , refreshed as (
              update %s m set refreshed_at = now.at
                from judged i, now
               where %s and i.is_known and i.changes is null and m.refreshed_at < now.at - interval '10 minutes')
            """
                .formatted(kind.view(), equal(keys, "m", "i"))
            : "";
    return written
        + revised
        + refreshed
        + RollupSql.afterJudging(kind)
        + """
        select case when not is_known then 'stored' when changes is null then 'unchanged' else 'updated' end as outcome, changes
          from judged
         order by n
        """;
  }

  /**
   * Inserts the rows that are new and tells only how many they are; as an update count or, where
   * rollups take part in it, as a row. What it adds to rollups is right only if all rows are new.
   */
  static String insertOf(RowKind kind) {
    String fields = columns(kind.fields(), Field::column);
    List<String> stamps = kind.stamps();
    if (RollupSql.isRolledUp(kind)) {
      return """
      with incoming as materialized (select * from unnest(%4$s) as i (%1$s)),
      now as (select ?::timestamptz as at),
      inserted as (
        insert into %2$s (%1$s%3$s) select %1$s%6$s from incoming, now on conflict (user_id, %5$s) do nothing returning 1)
      %7$s
      select count(*) from inserted
      """
          .formatted(
              fields,
              kind.view(),
              stamps.stream().map(", "::concat).collect(Collectors.joining()),
              columns(kind.fields(), field -> "?::" + field.type().sql() + "[]"),
              columns(kind.fields(Part.KEY), Field::column),
              stamps.stream().map(stamp -> ", now.at").collect(Collectors.joining()),
              RollupSql.afterInserting(kind));
    }
    return "insert into %1$s (%2$s) select %3$s from unnest(%4$s) as i (%5$s)%6$s on conflict (user_id, %7$s) do nothing"
        .formatted(
            kind.view(),
            fields + stamps.stream().map(", "::concat).collect(Collectors.joining()),
            fields + stamps.stream().map(stamp -> ", now.at").collect(Collectors.joining()),
            columns(kind.fields(), field -> "?::" + field.type().sql() + "[]"),
            fields,
            stamps.isEmpty() ? "" : ", (select ?::timestamptz as at) now",
            columns(kind.fields(Part.KEY), Field::column));
  }

  /** Asks whether any of these keys is known. */
  static String knownOf(RowKind kind) {
    List<Field> keys = kind.fields(Part.KEY);
    return "select 1 from unnest(%1$s) as i (%2$s), lateral (select 1 from %3$s m where %4$s offset 0) o limit 1"
        .formatted(
            columns(keys, field -> "?::" + field.type().sql() + "[]"),
            columns(keys, Field::column),
            kind.view(),
            equal(keys, "m", "i"));
  }

  /**
   * A member of the JSON object that tells what changed, or null when this field did not: what is
   * not told anew stays. Money and times are text, as the contract has them.
   */
  private static String change(Field field) {
    String json =
        switch (field.type()) {
          case MONEY, DAY, INSTANT -> "'\"' || %s.%s::text || '\"'";
          case TEXT -> "to_json(%s.%s)::text";
          case COUNT, PERCENT, RATE, FLAG, LIST -> "%s.%s::text";
        };
    return "case when i.%1$s is not null and i.%1$s is distinct from o.%1$s then '\"%2$s\":{\"from\":' || coalesce(%3$s, 'null') || ',\"to\":' || %4$s || '}' end"
        .formatted(
            field.column(),
            field.json(),
            json.formatted("o", field.column()),
            json.formatted("i", field.column()));
  }

  private static String columns(List<Field> fields, Function<Field, String> each) {
    return fields.stream().map(each).collect(Collectors.joining(", "));
  }

  private static String equal(List<Field> keys, String left, String right) {
    return keys.stream()
        .map(key -> "%1$s.%3$s = %2$s.%3$s".formatted(left, right, key.column()))
        .collect(Collectors.joining(" and "));
  }
}
