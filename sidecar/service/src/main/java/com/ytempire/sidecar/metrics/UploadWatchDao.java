package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/**
 * Watches on the uploads of channels: how YouTube's hub reaches us, and when feeds and playlists
 * were read.
 */
interface UploadWatchDao {
  /** A row to write what happens into. */
  @SqlUpdate(
      "insert into app.upload_watches (channel_id, secret) values (:channelId, :secret) on conflict do nothing")
  int watch(String channelId, String secret);

  /**
   * The address by which the hub reaches us, and the secret that it signs with, as {@link
   * UploadSecrets} stores it.
   */
  record Watch(String channelId, String subscriptionId, String secret) {}

  @SqlQuery(
      "select channel_id, subscription_id::text, secret from app.upload_watches where channel_id = :channelId")
  @RegisterConstructorMapper(Watch.class)
  List<Watch> watchOf(String channelId);

  @SqlUpdate(
      "update app.upload_watches set secret = :secret where channel_id = :channelId and secret = :old")
  int changeSecret(String channelId, String old, String secret);

  /** The key of a watch on a channel's uploads. */
  record UploadWatchKey(UUID userId, String channelId) {}

  /** The directory's answer, over all users. */
  @SqlQuery("select * from app.list_upload_watches()")
  @RegisterConstructorMapper(UploadWatchKey.class)
  List<UploadWatchKey> allWatched();

  @SqlUpdate("update app.upload_watches set asked_at = :at where channel_id = :channelId")
  void subscribeAsked(String channelId, Instant at);

  @SqlUpdate("update app.upload_watches set lease_until = :until where channel_id = :channelId")
  int leased(String channelId, @Nullable Instant until);

  @SqlUpdate(
      "update app.upload_watches set pushed_at = :at, hub_silent_since = null where channel_id = :channelId")
  void pushed(String channelId, Instant at);

  /** When feeds and playlists of several users' channels were read; null: not read. */
  @SqlUpdate(
      "select app.note_uploads_read(:tenants, :channels, :feeds::timestamptz[], :playlists::timestamptz[])")
  void uploadsRead(
      String[] tenants, String[] channels, @Nullable String[] feeds, @Nullable String[] playlists);

  /** Whose subscription this is. */
  record Subscriber(String userId, String channelId) {}

  /** The directory's answer, over all users. */
  @SqlQuery(
      "select user_id::text, channel_id from app.find_upload_watch(cast(:subscriptionId as uuid))")
  @RegisterConstructorMapper(Subscriber.class)
  List<Subscriber> subscriber(String subscriptionId);

  /** The hub was silent about the n-th channel of the n-th user. */
  @SqlUpdate("select app.note_hub_silence(:tenants, :channels, :at)")
  void hubSilent(String[] tenants, String[] channels, Instant at);

  /** The number of channels that the hub is to push for, and of those for which it does not. */
  record HubWatches(long leased, long silent) {}

  /** The directory's answer, over all users. */
  @SqlQuery("select * from app.count_hub_watches(:now, :silentAfter)")
  @RegisterConstructorMapper(HubWatches.class)
  HubWatches hubWatches(Instant now, Instant silentAfter);
}
