package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.RowField.Part;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The one statement that stores a batch of rows of a kind: look up what is known of each, insert
 * what is new, update what changed, leave the rest alone, keep what was, and return of each row
 * which it was. Columns come from {@link RowKind}, never from outside.
 *
 * <p>It is exact only while nobody else writes the same channels, which {@link
 * StoreDao#lockChannels} sees to. What is known is looked up row by row through the key's index
 * ({@code offset 0} keeps the planner from joining): the time it takes goes with the batch, not
 * with all that the user has.
 */
final class StoreSql {
  private StoreSql() {}

  static String of(RowKind kind) {
    List<RowField> keys = kind.fields(Part.KEY);
    List<RowField> values = kind.fields(Part.VALUE);
    List<String> stamps = kind.stamps();
    String updates =
        columns(values, field -> coalesced(field.column()))
            + stamps.stream()
                .filter(stamp -> !stamp.equals("created_at"))
                .map(stamp -> ", " + stamp + " = excluded." + stamp)
                .collect(Collectors.joining());
    String written =
        SqlTemplate.of(
                """
                with now as (select ?::timestamptz as at),
                judged as materialized (
                  select i.*, o.is_known is not null as is_known,
                         case when o.is_known then '{' || nullif(concat_ws(',', {changes}), '') || '}' end as changes{restated}{known}
                    from (select {fields}, n from unnest({arrays}) with ordinality as i ({fields}, n)) i
                    left join lateral (select true as is_known, {knownValues}{lookedUp} from {view} m where {isSameKey} offset 0) o on true),
                inserted as (
                  insert into {view} ({columns}) select {selected} from judged, now where not is_known),
                updated as (
                  insert into {view} as m ({columns}) select {selected} from judged, now where changes is not null
                  on conflict (user_id, {keys}) do update set {updates})
                """)
            .define("changes", columns(values, StoreSql::change))
            .define("restated", kind.isRevised() ? ", " + restated(values) : "")
            .define("fields", columns(kind.fields(), RowField::column))
            .define("arrays", arrays(kind.fields()))
            .define("knownValues", columns(values, field -> "m." + field.column()))
            .define("view", kind.view())
            .define("isSameKey", equal(keys, "m", "i"))
            .define("columns", columns(kind.fields(), RowField::column) + listed(stamps))
            .define("selected", columns(kind.fields(), RowField::column) + stampedNow(stamps))
            .define("keys", columns(keys, RowField::column))
            .define("updates", updates)
            .define("known", RollupSql.known(kind))
            .define("lookedUp", RollupSql.lookedUp(kind))
            .render();
    String revised =
        kind.isRevised()
            ? SqlTemplate.of(
                    """
                    , revised as (
                      insert into analytics.metric_revisions (channel_id, video_id, day, changes, revised_at)
                      select channel_id, {video}, date, changes::jsonb, now.at from judged, now where is_restated)
                    """)
                .define("video", kind == RowKind.VIDEO_DAY ? "video_id" : "null")
                .render()
            : "";
    // A title that came again unchanged is fresh again, though nothing of it changed.
    String refreshed =
        stamps.contains("refreshed_at")
            ? SqlTemplate.of(
                    """
                    , refreshed as (
                      update {view} m set refreshed_at = now.at
                        from judged i, now
                       where {isSameKey} and i.is_known and i.changes is null and m.refreshed_at < now.at - interval '10 minutes')
                    """)
                .define("view", kind.view())
                .define("isSameKey", equal(keys, "m", "i"))
                .render()
            : "";
    return written
        + revised
        + refreshed
        + RollupSql.afterJudging(kind)
        + """
        select case when is_known then changes else '' end
          from judged
         order by n
        """;
  }

  /**
   * Inserts the rows that are new and returns only how many they are; as an update count or, where
   * rollups take part in it, as a row. What it adds to rollups is right only if all rows are new.
   * Without {@code on conflict} it would take a fifth less, but each guess that proves wrong would
   * be an error in PostgreSQL's log, with text that a customer chose.
   */
  static String insertOf(RowKind kind) {
    List<String> stamps = kind.stamps();
    SqlTemplate statement =
        RollupSql.isRolledUp(kind)
            ? SqlTemplate.of(
                    """
                    with incoming as materialized (select * from unnest({arrays}) as i ({fields})),
                    now as (select ?::timestamptz as at),
                    inserted as (
                      insert into {view} ({fields}{stamps}) select {fields}{stampedNow} from incoming, now
                      on conflict (user_id, {keys}) do nothing returning 1)
                    {rollups}
                    select count(*) from inserted
                    """)
                .define("rollups", RollupSql.afterInserting(kind))
            : SqlTemplate.of(
                    """
                    insert into {view} ({fields}{stamps})
                    select {fields}{stampedNow} from unnest({arrays}) as i ({fields}){now} on conflict (user_id, {keys}) do nothing
                    """)
                .define("now", stamps.isEmpty() ? "" : ", (select ?::timestamptz as at) now");
    return statement
        .define("fields", columns(kind.fields(), RowField::column))
        .define("view", kind.view())
        .define("stamps", listed(stamps))
        .define("stampedNow", stampedNow(stamps))
        .define("arrays", arrays(kind.fields()))
        .define("keys", columns(kind.fields(Part.KEY), RowField::column))
        .render();
  }

  /** Asks whether any of these keys is known. */
  static String knownOf(RowKind kind) {
    List<RowField> keys = kind.fields(Part.KEY);
    return SqlTemplate.of(
            "select 1 from unnest({arrays}) as i ({keys}), lateral (select 1 from {view} m where {isSameKey} offset 0) o limit 1")
        .define("arrays", arrays(keys))
        .define("keys", columns(keys, RowField::column))
        .define("view", kind.view())
        .define("isSameKey", equal(keys, "m", "i"))
        .render();
  }

  /**
   * A member of the JSON object of changes, or null when this field did not: what is not reported
   * anew stays. Money and times are text, as the contract has them.
   */
  private static String change(RowField field) {
    return SqlTemplate.of(
            """
            case when i.{column} is not null and i.{column} is distinct from o.{column} then '"{field}":{"from":' || coalesce({before}, 'null') || ',"to":' || {after} || '}' end\
            """)
        .define("column", field.column())
        .define("field", field.json())
        .define("before", json(field, "o"))
        .define("after", json(field, "i"))
        .render();
  }

  /**
   * Whether a figure is another than the one that is known; null when none is. A figure that comes
   * later than the others, as revenue does, restates nothing.
   */
  private static String restated(List<RowField> values) {
    return values.stream()
        .map(field -> "i." + field.column() + " <> o." + field.column())
        .collect(Collectors.joining(" or ", "", " as is_restated"));
  }

  private static String json(RowField field, String row) {
    String column = row + "." + field.column();
    return switch (field.type()) {
      case MONEY, DAY, INSTANT -> "'\"' || " + column + "::text || '\"'";
      case TEXT -> "to_json(" + column + ")::text";
      case COUNT, PERCENT, RATE, FLAG, LIST -> column + "::text";
    };
  }

  /** What a metric becomes: what comes in or, where that says nothing, what is known. */
  private static String coalesced(String column) {
    return column + " = coalesce(excluded." + column + ", m." + column + ")";
  }

  /** A parameter for each field: the values of all rows. */
  private static String arrays(List<RowField> fields) {
    return columns(fields, field -> "?::" + field.type().sql() + "[]");
  }

  private static String listed(List<String> stamps) {
    return stamps.stream().map(", "::concat).collect(Collectors.joining());
  }

  private static String stampedNow(List<String> stamps) {
    return stamps.stream().map(stamp -> ", now.at").collect(Collectors.joining());
  }

  private static String columns(List<RowField> fields, Function<RowField, String> each) {
    return fields.stream().map(each).collect(Collectors.joining(", "));
  }

  private static String equal(List<RowField> keys, String left, String right) {
    return keys.stream()
        .map(key -> left + "." + key.column() + " = " + right + "." + key.column())
        .collect(Collectors.joining(" and "));
  }
}
