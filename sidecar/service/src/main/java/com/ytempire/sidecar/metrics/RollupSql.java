package com.ytempire.sidecar.metrics;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The parts of the store's statements that keep rollups exact: {@code analytics.video_totals} and
 * {@code analytics.video_weeks} get the differences of what is stored, in the same statement, and
 * so does {@code analytics.reach_days}, the sums of thumbnails by channel and day. {@code
 * sql/repeatable/R__3_rollups.sql} says what they must hold and checks it.
 *
 * <p>A metric is never taken back to null, so that a difference is null only where the metric is
 * not reported in the row that comes in.
 */
final class RollupSql {
  private static final String WEIGHT = "percentage_weight";
  private static final String WEIGHTED = "weighted_percentage";

  /** Metrics of a day that are summed. */
  private static final List<String> METRICS =
      List.of(
          "views",
          "engaged_views",
          "watch_time_minutes",
          "likes",
          "comments",
          "shares",
          "subscribers_gained",
          "subscribers_lost",
          "revenue_usd");

  private static final List<String> WEEK_METRICS =
      List.of("views", "watch_time_minutes", "revenue_usd");

  /** A sum of the first days of a video. */
  private record Age(String column, String metric, int days) {
    String sum(String day, String published) {
      return "sum(%s) filter (where %s < %s + %d)".formatted(metric, day, published, days);
    }
  }

  private static final List<Age> AGES =
      List.of(
          new Age("views_7d", "views", 7),
          new Age("views_28d", "views", 28),
          new Age("revenue_7d_usd", "revenue_usd", 7),
          new Age("revenue_28d_usd", "revenue_usd", 28),
          new Age("revenue_90d_usd", "revenue_usd", 90));

  private static final String PUBLISHED_DAY =
      "(%s.published_at at time zone 'America/Los_Angeles')::date";

  private RollupSql() {}

  /** Columns of what is known of a row, which {@link #afterJudging} compares with what comes in. */
  static String known(RowKind kind) {
    return previous(kind).map(", o.was_"::concat).collect(Collectors.joining());
  }

  /** The same columns, looked up in the view {@code m}. */
  static String lookedUp(RowKind kind) {
    return previous(kind)
        .map(metric -> ", m." + metric + " as was_" + metric)
        .collect(Collectors.joining());
  }

  private static Stream<String> previous(RowKind kind) {
    return switch (kind) {
      case VIDEO_DAY -> Stream.concat(METRICS.stream(), Stream.of("average_view_percentage"));
      case THUMBNAIL_DAY -> Stream.of("impressions", "click_through_rate");
      default -> Stream.empty();
    };
  }

  /**
   * Expressions that go on with a statement that has {@code judged} and {@code now}; empty for
   * kinds without a rollup.
   */
  static String afterJudging(RowKind kind) {
    return switch (kind) {
      case VIDEO_DAY ->
          """
          , differences as materialized (
            select video_id, channel_id, date, (not is_known)::int as days, %s,
                   weight - coalesce(was_weight, 0) as percentage_weight,
                   weight * percentage - coalesce(was_weight * was_average_view_percentage, 0) as weighted_percentage
              from (select j.*, coalesce(average_view_percentage, was_average_view_percentage) as percentage,
                           case when coalesce(average_view_percentage, was_average_view_percentage) is not null
                                then coalesce(engaged_views, was_engaged_views, views, was_views) end as weight,
                           case when was_average_view_percentage is not null then coalesce(was_engaged_views, was_views) end as was_weight
                      from judged j where not is_known or changes is not null) j)
          %s
          """
              .formatted(
                  METRICS.stream()
                      .map(metric -> metric + " - coalesce(was_" + metric + ", 0) as " + metric)
                      .collect(Collectors.joining(", ")),
                  addition());
      case VIDEO ->
          """
          , announced as (
            insert into analytics.video_totals as m (video_id, channel_id, published_at, days, updated_at)
            select video_id, channel_id, published_at, 0, now.at from judged, now where not is_known or changes ~ '"publishedAt":'
            on conflict (user_id, video_id) do update
              set published_at = excluded.published_at, updated_at = excluded.updated_at, (%s) = (
                select %s from analytics.video_metrics d where d.video_id = m.video_id)
             where m.published_at is distinct from excluded.published_at)
          """
              .formatted(ages(Age::column), ages(age -> age.sum("d.date", published("excluded"))));
      case THUMBNAIL_DAY ->
          reach(
              """
              select channel_id, date, (not is_counted)::int as videos,
                     impressions - case when is_counted then was_impressions else 0 end as impressions,
                     impressions * rate - case when is_counted then was_impressions * was_click_through_rate else 0 end as clicks
                from (select channel_id, date, was_impressions, was_click_through_rate, coalesce(impressions, was_impressions) as impressions,
                             coalesce(click_through_rate, was_click_through_rate) as rate,
                             was_impressions is not null and was_click_through_rate is not null as is_counted
                        from judged where not is_known or changes is not null) j
               where impressions is not null and rate is not null\
              """);
      default -> "";
    };
  }

  /** Whether the insertion of new rows changes a rollup. */
  static boolean isRolledUp(RowKind kind) {
    return kind == RowKind.VIDEO_DAY || kind == RowKind.VIDEO || kind == RowKind.THUMBNAIL_DAY;
  }

  /** The same after {@code incoming} and {@code now}, where every row is new. */
  static String afterInserting(RowKind kind) {
    return switch (kind) {
      case VIDEO_DAY ->
          """
          , differences as materialized (
            select video_id, channel_id, date, 1 as days, %s,
                   case when average_view_percentage is not null then coalesce(engaged_views, views) end as percentage_weight,
                   coalesce(engaged_views, views) * average_view_percentage as weighted_percentage
              from incoming)
          %s
          """
              .formatted(String.join(", ", METRICS), addition());
      case VIDEO ->
          """
          , announced as (
            insert into analytics.video_totals as m (video_id, channel_id, published_at, days, updated_at)
            select video_id, channel_id, published_at, 0, now.at from incoming, now
            on conflict (user_id, video_id) do update
              set published_at = excluded.published_at, updated_at = excluded.updated_at, (%s) = (
                select %s from analytics.video_metrics d where d.video_id = m.video_id)
             where m.published_at is distinct from excluded.published_at)
          """
              .formatted(ages(Age::column), ages(age -> age.sum("d.date", published("excluded"))));
      case THUMBNAIL_DAY ->
          reach(
              """
              select channel_id, date, 1 as videos, impressions, impressions * click_through_rate as clicks
                from incoming where impressions is not null and click_through_rate is not null\
              """);
      default -> "";
    };
  }

  /** Adds differences of videos' days to the sums of their channels. */
  private static String reach(String differences) {
    return SqlTemplate.of(
            """
            , reached as (
              insert into analytics.reach_days as m (channel_id, date, videos, impressions, clicks)
              select d.channel_id, d.date, sum(d.videos), sum(d.impressions), sum(d.clicks) from ({differences}) d
               group by d.channel_id, d.date order by d.channel_id, d.date
              on conflict (user_id, channel_id, date) do update
                set videos = m.videos + excluded.videos, impressions = m.impressions + excluded.impressions, clicks = m.clicks + excluded.clicks)
            """)
        .define("differences", differences)
        .render();
  }

  private static String ages(Function<Age, String> each) {
    return AGES.stream().map(each).collect(Collectors.joining(", "));
  }

  private static String published(String row) {
    return PUBLISHED_DAY.formatted(row);
  }

  /** Adds {@code differences} to both rollups; in the order of keys, as everything that locks. */
  private static String addition() {
    List<String> sums = Stream.concat(METRICS.stream(), Stream.of(WEIGHT, WEIGHTED)).toList();
    return SqlTemplate.of(
            """
            , published as (
              select i.video_id, {publishedDay} as day
                from (select distinct video_id from differences) i
                cross join lateral (select m.published_at from analytics.video_totals m where m.video_id = i.video_id offset 0) o),
            totalled as (
              insert into analytics.video_totals as m (video_id, channel_id, days, first_day, last_day, {sums}, {ages}, updated_at)
              select d.video_id, min(d.channel_id), sum(days), min(date), max(date), {summed}, {agesSummed}, now.at
                from differences d left join published p on p.video_id = d.video_id, now
               group by d.video_id, now.at
              on conflict (user_id, video_id) do update
                set days = m.days + excluded.days, first_day = least(m.first_day, excluded.first_day), last_day = greatest(m.last_day, excluded.last_day),
                    {added}, updated_at = excluded.updated_at),
            by_week as (
              insert into analytics.video_weeks as m (video_id, channel_id, week, days, {weekMetrics})
              select video_id, min(channel_id), date_trunc('week', date::timestamp)::date, sum(days), {weekSummed}
                from differences group by 1, 3
              on conflict (user_id, week, video_id) do update set days = m.days + excluded.days, {weekAdded})
            """)
        .define("publishedDay", published("o"))
        .define("sums", String.join(", ", sums))
        .define("ages", ages(Age::column))
        .define("summed", summed(sums))
        .define("agesSummed", ages(age -> age.sum("d.date", "p.day")))
        .define("added", added(Stream.concat(sums.stream(), AGES.stream().map(Age::column))))
        .define("weekMetrics", String.join(", ", WEEK_METRICS))
        .define("weekSummed", summed(WEEK_METRICS))
        .define("weekAdded", added(WEEK_METRICS.stream()))
        .render();
  }

  private static String summed(List<String> metrics) {
    return metrics.stream().map("sum(%s)"::formatted).collect(Collectors.joining(", "));
  }

  private static String added(Stream<String> columns) {
    return columns.map(RollupSql::added).collect(Collectors.joining(", "));
  }

  private static String added(String column) {
    return SqlTemplate.of(
            "{column} = coalesce(m.{column} + excluded.{column}, m.{column}, excluded.{column})")
        .define("column", column)
        .render();
  }
}
