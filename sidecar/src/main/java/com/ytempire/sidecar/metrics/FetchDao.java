package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** What fetching needs to know of the tenant's channels, and what it learns of them. */
interface FetchDao {
  /**
   * A channel, as far as fetching goes.
   *
   * @param monetised whether YouTube showed revenue when it was last asked, at {@code
   *     monetisedAskedAt}; null: never asked
   */
  record Source(
      String channelId,
      @Nullable String uploadsPlaylistId,
      @Nullable Boolean monetised,
      @Nullable Instant monetisedAskedAt,
      String connection,
      boolean isActive) {}

  @SqlQuery(
      "select channel_id, uploads_playlist_id, monetised, monetised_asked_at, connection, is_active from analytics.channels")
  @RegisterConstructorMapper(Source.class)
  List<Source> sources();

  @SqlQuery("select subscription_tier from analytics.users where is_active")
  List<String> tierIfActive();

  @SqlUpdate(
      "update analytics.channels set monetised = :monetised, monetised_asked_at = :at where channel_id = :channelId")
  int setMonetised(String channelId, boolean monetised, OffsetDateTime at);
}
