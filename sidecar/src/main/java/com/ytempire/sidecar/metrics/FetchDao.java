package com.ytempire.sidecar.metrics;

import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** What fetching needs to know of the tenant's channels, and what it learns of them. */
interface FetchDao {
  /** A channel, as far as fetching goes. */
  record Source(
      String channelId,
      @Nullable String uploadsPlaylistId,
      @Nullable Boolean monetised,
      String connection,
      boolean isActive) {}

  @SqlQuery(
      "select channel_id, uploads_playlist_id, monetised, connection, is_active from analytics.channels")
  @RegisterConstructorMapper(Source.class)
  List<Source> sources();

  @SqlQuery("select subscription_tier from analytics.users where is_active")
  List<String> tierIfActive();

  @SqlUpdate(
      "update analytics.channels set monetised = :monetised where channel_id = :channelId and monetised is distinct from :monetised")
  int setMonetised(String channelId, boolean monetised);
}
