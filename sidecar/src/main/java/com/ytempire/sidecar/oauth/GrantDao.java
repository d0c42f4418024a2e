package com.ytempire.sidecar.oauth;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The tenant's OAuth grants, and how its channels stand towards Google. */
interface GrantDao {
  @SqlUpdate(
      """
      insert into app.oauth_grants (channel_id, refresh_token_encrypted, scopes, connected_at, verified_at)
      values (:channelId, :ciphertext, :scopes, :at, :at)
      on conflict (user_id, channel_id) do update
        set refresh_token_encrypted = excluded.refresh_token_encrypted, scopes = excluded.scopes,
            connected_at = excluded.connected_at, verified_at = excluded.verified_at
      """)
  void put(String channelId, byte[] ciphertext, List<String> scopes, OffsetDateTime at);

  @SqlQuery("select refresh_token_encrypted from app.oauth_grants where channel_id = :channelId")
  Optional<byte[]> find(String channelId);

  @SqlUpdate("delete from app.oauth_grants where channel_id = :channelId")
  int delete(String channelId);

  @SqlUpdate(
      "update analytics.channels set connection = 'connected', channel_name = :title, uploads_playlist_id = :uploads where channel_id = :channelId")
  int markConnected(String channelId, String title, String uploads);

  @SqlUpdate("update analytics.channels set connection = :connection where channel_id = :channelId")
  int mark(String channelId, String connection);

  @SqlQuery("select email from analytics.users")
  String email();

  @SqlQuery("select subscription_tier from analytics.users")
  String subscriptionTier();
}
