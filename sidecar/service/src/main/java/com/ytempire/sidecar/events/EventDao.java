package com.ytempire.sidecar.events;

import com.ytempire.sidecar.db.BinaryArray;
import com.ytempire.sidecar.db.BinaryArray.Element;
import com.ytempire.sidecar.tenancy.ActivityLog.Origin;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jspecify.annotations.Nullable;

/** Events in and their counts out, for the tenant entered in the transaction. */
final class EventDao {
  /**
   * Kinds and sources of an hour that are counted apart; what comes beyond them is counted together
   * as {@code other}. Whoever sends events chooses these, and must not choose how large the counts
   * grow.
   */
  static final int MAX_COUNTED_APART = 500;

  /**
   * Inserts what is new and counts it, in one statement, so that the counts are those of the rows
   * whatever fails. Answers the places of those that were there already.
   */
  private static final String RECORD =
      """
      with incoming as materialized (
        select * from unnest(:ats, :ids, :kinds, :sources, :channels, :videos, :workflows, :executions, :data)
                 with ordinality as i (at, event_id, kind, source, channel_id, video_id, workflow_id, execution_id, data, n)),
      inserted as (
        insert into analytics.events (at, event_id, kind, source, channel_id, video_id, workflow_id, execution_id, data)
        select at, event_id, kind, source, channel_id, video_id, workflow_id, execution_id, data from incoming
        on conflict (user_id, at, event_id) do nothing
        returning at, event_id, kind, source),
      hours as materialized (
        select date_trunc('hour', at, 'UTC') as hour, kind, source, count(*) as events from inserted group by 1, 2, 3),
      judged as (
        select h.*,
               exists (select from analytics.event_hours e where e.hour = h.hour and e.kind = h.kind and e.source = h.source)
               or (select count(*) from analytics.event_hours e where e.hour = h.hour)
                  + row_number() over (partition by h.hour order by h.kind, h.source) <= :most as is_counted_apart
          from hours h),
      counted as (
        insert into analytics.event_hours as e (hour, kind, source, events)
        select hour, case when is_counted_apart then kind else 'other' end, case when is_counted_apart then source else 'other' end, sum(events)
          from judged group by 1, 2, 3 order by 1, 2, 3
        on conflict (user_id, hour, kind, source) do update set events = e.events + excluded.events)
      select n - 1 from incoming i
       where not exists (select from inserted s where s.at = i.at and s.event_id = i.event_id)
       order by n
      """;

  private final Handle handle;

  EventDao(Handle handle) {
    this.handle = handle;
  }

  /**
   * Holds the tenant until the transaction ends: it is not erased meanwhile, and its counts are
   * written by one transaction at a time. Answers whether there is one.
   */
  boolean lockUser() {
    return !handle
        .createQuery("select true from analytics.users for no key update")
        .mapTo(Boolean.class)
        .list()
        .isEmpty();
  }

  /** Holds channels, so that they are not erased meanwhile; answers those that the tenant has. */
  Set<String> lockChannels(Collection<String> channelIds) {
    return new HashSet<>(
        handle
            .createQuery(
                """
                select c.channel_id from analytics.channels c
                 where c.channel_id = any(:ids) and not c.is_hidden order by c.channel_id for key share of c
                """)
            .bindArray("ids", String.class, channelIds)
            .mapTo(String.class)
            .list());
  }

  /**
   * Records events whose keys all differ.
   *
   * @param origins of the events, in their order
   * @return the places of those that were recorded before
   */
  Set<Integer> record(List<RecordedEvent> events, List<Origin> origins) {
    return new HashSet<>(
        handle
            .createQuery(RECORD)
            .bind("ats", array(Element.TIMESTAMPTZ, events, RecordedEvent::at))
            .bind("ids", array(Element.UUID, events, RecordedEvent::id))
            .bind("kinds", array(Element.TEXT, events, RecordedEvent::type))
            .bind("sources", array(Element.TEXT, events, RecordedEvent::source))
            .bind("channels", array(Element.TEXT, events, RecordedEvent::channelId))
            .bind("videos", array(Element.TEXT, events, RecordedEvent::videoId))
            .bind("workflows", array(Element.TEXT, origins, Origin::workflowId))
            .bind("executions", array(Element.TEXT, origins, Origin::executionId))
            .bind("data", array(Element.JSONB, events, RecordedEvent::data))
            .bind("most", MAX_COUNTED_APART)
            .mapTo(Integer.class)
            .list());
  }

  /** A column of the rows, as one parameter. */
  private static <T> Argument array(
      Element element, List<T> rows, Function<T, @Nullable Object> column) {
    return (position, statement, context) ->
        statement.setArray(
            position,
            BinaryArray.of(
                statement.getConnection(), element, rows.size(), i -> column.apply(rows.get(i))));
  }

  /** Returns how many of these events, whose keys all differ, were recorded before. */
  int known(List<RecordedEvent> events) {
    return handle
        .createQuery(
            """
            select count(*)
              from unnest(:ats\\:\\:timestamptz[], :ids\\:\\:uuid[]) as i (at, event_id)
              join analytics.events e on e.at = i.at and e.event_id = i.event_id
            """)
        .bindArray("ats", String.class, events.stream().map(e -> e.at().toString()).toList())
        .bindArray("ids", String.class, events.stream().map(e -> e.id().toString()).toList())
        .mapTo(Integer.class)
        .one();
  }

  /** Returns how many events arrived on a day, whatever their own times. */
  long arrivals(LocalDate day) {
    return handle
        .createQuery(
            "select events from app.event_arrivals where arrival_day between :day and :day + 1")
        .bind("day", day)
        .mapTo(Long.class)
        .findOne()
        .orElse(0L);
  }

  /**
   * Adds events to those that arrived on a day. The count of a day before is replaced; one of the
   * day after, by a replica whose clock is ahead at midnight, goes on.
   */
  void addArrivals(LocalDate day, int events) {
    handle
        .createUpdate(
            """
            insert into app.event_arrivals as a (arrival_day, events) values (:day, :events)
            on conflict (user_id) do update
               set arrival_day = case when a.arrival_day = excluded.arrival_day + 1 then a.arrival_day else excluded.arrival_day end,
                   events = excluded.events
                            + case when a.arrival_day between excluded.arrival_day and excluded.arrival_day + 1 then a.events else 0 end
            """)
        .bind("day", day)
        .bind("events", events)
        .execute();
  }

  /**
   * Counts of hours, newest first.
   *
   * @param after where the page before ended; null: the first page
   */
  List<EventCount> counts(
      Instant from,
      Instant until,
      @Nullable String type,
      @Nullable String source,
      @Nullable EventCount after,
      int limit) {
    return handle
        .createQuery(
            """
            select hour, kind as type, source, events from analytics.event_hours
             where hour >= :from and hour < :until
               and (:type\\:\\:text is null or kind = :type) and (:source\\:\\:text is null or source = :source)
               and (:hour\\:\\:timestamptz is null or (hour, kind, source) < (:hour\\:\\:timestamptz, :afterType\\:\\:text, :afterSource\\:\\:text))
             order by hour desc, kind desc, source desc
             limit :limit
            """)
        .bind("from", from)
        .bind("until", until)
        .bind("type", type)
        .bind("source", source)
        .bindByType("hour", after == null ? null : after.hour(), Instant.class)
        .bind("afterType", after == null ? null : after.type())
        .bind("afterSource", after == null ? null : after.source())
        .bind("limit", limit)
        .map(ConstructorMapper.of(EventCount.class))
        .list();
  }
}
