package com.ytempire.sidecar.tenancy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** The tenant's channels. */
@RegisterConstructorMapper(Channel.class)
interface ChannelDao {
  String COLUMNS =
      "user_id, channel_id, slot, channel_name, niche, monetized, connection, connection_reason, is_active, erase_after, created_at";

  @SqlUpdate(
      "insert into analytics.channels (channel_id, channel_name, niche, created_at) values (:channelId, :channelName, :niche, :createdAt)")
  void create(String channelId, String channelName, @Nullable String niche, Instant createdAt);

  @SqlQuery(
      "select "
          + COLUMNS
          + " from analytics.channels where is_active or not :activeOnly order by slot nulls last, created_at")
  List<Channel> list(boolean activeOnly);

  @SqlQuery("select " + COLUMNS + " from analytics.channels where channel_id = :channelId")
  Optional<Channel> find(String channelId);

  @SqlUpdate(
      "update analytics.channels set channel_name = :channelName, niche = :niche, is_active = :isActive where channel_id = :channelId")
  int update(String channelId, String channelName, @Nullable String niche, boolean isActive);
}
