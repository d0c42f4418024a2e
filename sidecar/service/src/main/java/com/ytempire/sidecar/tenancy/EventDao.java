package com.ytempire.sidecar.tenancy;

import java.time.OffsetDateTime;
import java.util.UUID;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jspecify.annotations.Nullable;

/** The outbox, written as the tenant. Each answers how many subscribers will be told. */
interface EventDao {
  @SqlQuery("select app.publish_event(:id, :kind, :channelId, :at, :data)")
  long publish(UUID id, String kind, @Nullable String channelId, OffsetDateTime at, String data);

  @SqlQuery("select app.publish_counts(:kind, :cause, :at, :dueAt, :counts, :data)")
  long publishCounts(
      String kind,
      String cause,
      OffsetDateTime at,
      OffsetDateTime dueAt,
      String counts,
      String data);

  @SqlQuery("select app.is_event_wanted(:kind)")
  boolean isWanted(String kind);
}
