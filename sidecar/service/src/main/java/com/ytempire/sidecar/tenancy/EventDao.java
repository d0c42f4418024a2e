package com.ytempire.sidecar.tenancy;

import java.time.Instant;
import java.util.UUID;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** The outbox, written as the tenant. An event is delivered to each subscriber of its kind. */
interface EventDao {
  @SqlUpdate("select app.publish_event(:id, :kind, :channelId, :at, :data)")
  void publish(UUID id, String kind, @Nullable String channelId, Instant at, String data);

  @SqlUpdate("select app.publish_counts(:kind, :cause, :at, :dueAt, :counts, :data)")
  void publishCounts(
      String kind, String cause, Instant at, Instant dueAt, String counts, String data);

  @SqlQuery("select app.is_event_wanted(:kind)")
  boolean isWanted(String kind);
}
