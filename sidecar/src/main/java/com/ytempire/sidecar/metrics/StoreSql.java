package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.RowKind.Field;
import com.ytempire.sidecar.metrics.RowKind.Part;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The one statement that stores a batch of rows of a kind: insert what is new, update what changed,
 * leave the rest alone, keep what was, and tell of each row which it was. Columns come from {@link
 * RowKind}, never from outside.
 *
 * <p>It is exact only while nobody else writes the same channels, which {@link
 * StoreDao#lockChannels} sees to.
 */
final class StoreSql {
  private StoreSql() {}

  static String of(RowKind kind) {
    List<Field> keys = kind.fields(Part.KEY);
    List<Field> values = kind.fields(Part.VALUE);
    List<String> stamps = kind.stamps();
    String inserted =
        columns(kind.fields(), Field::column)
            + stamps.stream().map(stamp -> ", " + stamp).collect(Collectors.joining());
    String selected =
        columns(kind.fields(), field -> "i." + field.column())
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
        input as (
          select * from unnest(%1$s) with ordinality as i (%2$s, n)),
        old as (
          select %3$s from %4$s m join input i on %5$s),
        written as (
          insert into %4$s as m (%6$s)
          select %7$s from input i, now
          on conflict (user_id, %8$s) do update set %9$s
           where (%10$s) is distinct from (%11$s)
          returning %3$s),
        changed as (
          select %12$s, %13$s (
            select jsonb_object_agg(v.name, jsonb_build_object('from', v.was, 'to', v.is_now))
              from (values %14$s) v (name, was, is_now)
             where v.was is distinct from v.is_now) as changes
            from written w join old o on %15$s)
        """
            .formatted(
                columns(kind.fields(), field -> "?::" + field.type().sql() + "[]"),
                columns(kind.fields(), Field::column),
                columns(kind.fields(), field -> "m." + field.column()),
                kind.view(),
                equal(keys, "m", "i"),
                inserted,
                selected,
                columns(keys, Field::column),
                updates,
                columns(
                    values, field -> "coalesce(excluded.%1$s, m.%1$s)".formatted(field.column())),
                columns(values, field -> "m." + field.column()),
                columns(keys, field -> "w." + field.column()),
                kind == RowKind.VIDEO_DAY ? "w.channel_id," : "",
                columns(values, StoreSql::change),
                equal(keys, "w", "o"));
    String revised =
        kind.restated()
            ? """
            , revised as (
              insert into analytics.metric_revisions (channel_id, video_id, day, changes, revised_at)
              select channel_id, %s, date, changes, now.at from changed, now)
            """
                .formatted(kind == RowKind.VIDEO_DAY ? "video_id" : "null")
            : "";
    // A title that came again unchanged is fresh again, though nothing of it changed.
    String refreshed =
        stamps.contains("refreshed_at")
            ? """
            , refreshed as (
              update %s v set refreshed_at = now.at
                from input i, now
               where %s and v.refreshed_at < now.at - interval '1 day' and not exists (select from written w where %s))
            """
                .formatted(kind.view(), equal(keys, "v", "i"), equal(keys, "w", "i"))
            : "";
    return written
        + revised
        + refreshed
        + """
        select i.n,
               case when w.%1$s is null then 'unchanged' when o.%1$s is null then 'stored' else 'updated' end as outcome,
               c.changes
          from input i
          left join written w on %2$s
          left join old o on %3$s
          left join changed c on %4$s
         order by i.n
        """
            .formatted(
                keys.getFirst().column(),
                equal(keys, "w", "i"),
                equal(keys, "o", "i"),
                equal(keys, "c", "i"));
  }

  /** Money and times as text, so that JSON carries them as the contract has them. */
  private static String change(Field field) {
    return switch (field.type()) {
      case MONEY, TEXT, DAY, INSTANT ->
          "('%1$s', to_jsonb(o.%2$s::text), to_jsonb(w.%2$s::text))"
              .formatted(field.json(), field.column());
      case COUNT, PERCENT, FLAG ->
          "('%1$s', to_jsonb(o.%2$s), to_jsonb(w.%2$s))".formatted(field.json(), field.column());
    };
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
