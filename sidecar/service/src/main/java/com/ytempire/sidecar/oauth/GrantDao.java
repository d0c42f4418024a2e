package com.ytempire.sidecar.oauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Reads and writes the tenant's OAuth grants and the state of its channels' connections. */
interface GrantDao {
  @SqlUpdate(
      """
      insert into app.oauth_grants (channel_id, refresh_token_encrypted, scopes, connected_at, verified_at)
      values (:channelId, :ciphertext, :scopes, :at, :at)
      on conflict (user_id, channel_id) do update
        set refresh_token_encrypted = excluded.refresh_token_encrypted, scopes = excluded.scopes,
            connected_at = excluded.connected_at, verified_at = excluded.verified_at
      """)
  void put(String channelId, byte[] ciphertext, List<String> scopes, Instant at);

  @SqlQuery("select refresh_token_encrypted from app.oauth_grants where channel_id = :channelId")
  Optional<byte[]> find(String channelId);

  /** A grant, and when Google last took it. */
  record StoredGrant(
      UUID userId, String channelId, byte[] refreshTokenEncrypted, Instant verifiedAt) {}

  /** Grants of several users' channels, the n-th channel of the n-th user. */
  @SqlQuery("select * from app.read_grants(:tenants, :channels)")
  @RegisterConstructorMapper(StoredGrant.class)
  List<StoredGrant> read(String[] tenants, String[] channels);

  /** Google took these grants; noted once a day at most. */
  @SqlUpdate("select app.note_verified_grants(:tenants, :channels, :at)")
  void noteVerified(String[] tenants, String[] channels, Instant at);

  /** Writes the same grant anew, unless it has become another meanwhile. */
  @SqlUpdate(
      "update app.oauth_grants set refresh_token_encrypted = :now where channel_id = :channelId and refresh_token_encrypted = :was")
  int reencrypt(String channelId, byte[] was, byte[] now);

  /** Moves the grant to those that are still to be revoked at Google. */
  @SqlUpdate("select app.end_grant(:channelId, :at)")
  void end(String channelId, Instant at);

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
  int markConnected(String channelId, String title, String uploads, Instant at);

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
  void markIdentified(String channelId, String title, String uploads, Instant at);

  /** Notes that the identity of the channel is about to be verified. */
  @SqlUpdate(
      "update analytics.channels set identity_attempted_at = :at where channel_id = :channelId")
  void markAttempted(String channelId, Instant at);

  /** Notes that the grant was of no channel, and returns when that was noted first. */
  @SqlQuery(
      "update analytics.channels set identity_missed_at = coalesce(identity_missed_at, :at) where channel_id = :channelId returning identity_missed_at")
  Optional<Instant> markMissed(String channelId, Instant at);

  /** A channel whose identity is to be verified. */
  record Identity(UUID userId, String channelId) {}

  /** The directory's list, over all users, longest unverified first. */
  @SqlQuery("select * from app.channels_to_identify(:before)")
  @RegisterConstructorMapper(Identity.class)
  List<Identity> toIdentify(Instant before);

  /** 0 when it was so already, or when the channel was connected anew since this moment. */
  @SqlUpdate(
      """
      update analytics.channels
         set connection = 'reconnect-needed', connection_reason = :reason, erase_after = :eraseAfter
       where channel_id = :channelId and connection = 'connected'
         and not exists (select from app.oauth_grants g where g.channel_id = :channelId and g.connected_at > :since)
      """)
  int markDead(String channelId, Instant since, Instant eraseAfter, String reason);

  /** 0 when it was so already. */
  @SqlUpdate(
      """
      update analytics.channels set connection = 'not-connected', connection_reason = null, is_hidden = true, erase_after = :eraseAfter
       where channel_id = :channelId and connection <> 'not-connected'
      """)
  int markDisconnected(String channelId, Instant eraseAfter);

  /**
   * A grant that was given up; {@code userId} may be gone by now.
   *
   * @param hasSiblings whether revoking it could end grants that are held
   */
  record EndedGrant(
      UUID revocationId,
      UUID userId,
      String channelId,
      byte[] refreshTokenEncrypted,
      Instant since,
      boolean hasSiblings) {}

  @SqlQuery("select * from app.list_revocations()")
  @RegisterConstructorMapper(EndedGrant.class)
  List<EndedGrant> ended();

  @SqlUpdate("select app.forget_revocation(:revocationId)")
  void forgetEnded(UUID revocationId);

  /** The directory's list, over all users. */
  @SqlQuery("select * from app.list_grants()")
  @RegisterConstructorMapper(HeldGrant.class)
  List<HeldGrant> held();

  /** The tenant, as it is named to others. */
  record Customer(String email, String displayName) {}

  @SqlQuery("select email, display_name from analytics.users")
  @RegisterConstructorMapper(Customer.class)
  Customer customer();

  /** The tenant's connected channels, in the order of their slots. */
  @SqlQuery(
      "select channel_id from analytics.channels where connection = 'connected' and is_active order by slot, channel_id")
  List<String> connectedChannels();

  @SqlQuery("select subscription_tier from analytics.users")
  String subscriptionTier();
}
