package com.ytempire.sidecar.oauth;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

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

  /** A grant, and when Google last took it. */
  record Stored(UUID userId, String channelId, byte[] refreshTokenEncrypted, Instant verifiedAt) {}

  /** Grants of several users' channels, the n-th channel of the n-th user. */
  @SqlQuery("select * from app.read_grants(:tenants, :channels)")
  @RegisterConstructorMapper(Stored.class)
  List<Stored> read(String[] tenants, String[] channels);

  /** Google took these grants; noted once a day at most. */
  @SqlQuery("select app.note_verified_grants(:tenants, :channels, :at)")
  @Nullable String noteVerified(String[] tenants, String[] channels, OffsetDateTime at);

  /** Writes the same grant anew, unless it has become another meanwhile. */
  @SqlUpdate(
      "update app.oauth_grants set refresh_token_encrypted = :now where channel_id = :channelId and refresh_token_encrypted = :was")
  int reencrypt(String channelId, byte[] was, byte[] now);

  /** Moves the grant to those that are to be revoked at Google. */
  @SqlQuery("select app.end_grant(:channelId, :at)")
  @Nullable String end(String channelId, OffsetDateTime at);

  /**
   * The channel is named after its title when it is connected for the first time; from then on a
   * name that the user chose is kept.
   */
  @SqlUpdate(
      """
      update analytics.channels
         set connection = 'connected', connection_reason = null, erase_after = null, is_hidden = false,
             channel_name = case when channel_name in (youtube_title, channel_id)
                                   or youtube_title is null and connection = 'not-connected' and not is_hidden
                                 then :title else channel_name end,
             youtube_title = :title, uploads_playlist_id = :uploads, identity_verified_at = :at, identity_missed_at = null
       where channel_id = :channelId
      """)
  int markConnected(String channelId, String title, String uploads, OffsetDateTime at);

  /**
   * The grant is of this channel still. Its name follows YouTube's unless the user chose another;
   * while the title has not been noted, every name counts as chosen.
   */
  @SqlUpdate(
      """
      update analytics.channels
         set channel_name = case when channel_name in (youtube_title, channel_id) then :title else channel_name end,
             youtube_title = :title, uploads_playlist_id = :uploads, identity_verified_at = :at, identity_missed_at = null
       where channel_id = :channelId and connection = 'connected'
      """)
  int markIdentified(String channelId, String title, String uploads, OffsetDateTime at);

  /** Notes that the identity of the channel is about to be verified. */
  @SqlUpdate(
      "update analytics.channels set identity_attempted_at = :at where channel_id = :channelId")
  int markAttempted(String channelId, OffsetDateTime at);

  /** Notes that the grant was of no channel, and returns when that was noted first. */
  @SqlQuery(
      "update analytics.channels set identity_missed_at = coalesce(identity_missed_at, :at) where channel_id = :channelId returning identity_missed_at")
  Optional<Instant> markMissed(String channelId, OffsetDateTime at);

  /** A channel whose identity is to be verified. */
  record Identity(UUID userId, String channelId) {}

  /** The directory's list, over all users, longest unverified first. */
  @SqlQuery("select * from app.channels_to_identify(:before)")
  @RegisterConstructorMapper(Identity.class)
  List<Identity> toIdentify(OffsetDateTime before);

  /** 0 when it was so already, or when the channel was connected anew since this moment. */
  @SqlUpdate(
      """
      update analytics.channels
         set connection = 'reconnect-needed', connection_reason = :reason, erase_after = :eraseAfter
       where channel_id = :channelId and connection = 'connected'
         and not exists (select from app.oauth_grants g where g.channel_id = :channelId and g.connected_at > :since)
      """)
  int markDead(String channelId, OffsetDateTime since, OffsetDateTime eraseAfter, String reason);

  /** 0 when it was so already. */
  @SqlUpdate(
      """
      update analytics.channels set connection = 'not-connected', connection_reason = null, is_hidden = true, erase_after = :eraseAfter
       where channel_id = :channelId and connection <> 'not-connected'
      """)
  int markDisconnected(String channelId, OffsetDateTime eraseAfter);

  /**
   * A grant that was given up; {@code userId} may be gone by now.
   *
   * @param hasSiblings whether revoking it could end grants that are held
   */
  record Ended(
      UUID revocationId,
      UUID userId,
      String channelId,
      byte[] refreshTokenEncrypted,
      Instant since,
      boolean hasSiblings) {}

  @SqlQuery("select * from app.list_revocations()")
  @RegisterConstructorMapper(Ended.class)
  List<Ended> ended();

  @SqlQuery("select app.forget_revocation(:revocationId)")
  @Nullable String forgetEnded(UUID revocationId);

  /** The directory's list, over all users. */
  @SqlQuery("select * from app.list_grants()")
  @RegisterConstructorMapper(HeldGrant.class)
  List<HeldGrant> held();

  /** The tenant, as it is named to others. */
  record Customer(String email, String displayName) {}

  @SqlQuery("select email, display_name from analytics.users")
  @RegisterConstructorMapper(Customer.class)
  Customer customer();

  @SqlQuery("select subscription_tier from analytics.users")
  String subscriptionTier();
}
