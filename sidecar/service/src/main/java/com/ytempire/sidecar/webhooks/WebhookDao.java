package com.ytempire.sidecar.webhooks;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes subscriptions and due deliveries through the directory's functions, and the
 * events of a user as that user.
 */
interface WebhookDao {
  /** Returns its id; empty: there are as many subscriptions as may be. */
  @SqlQuery(
      "select app.create_webhook_subscription(:userId, :url, :events, :secret, :workflowId, :createdAt)")
  Optional<UUID> create(
      @Nullable UUID userId,
      String url,
      List<String> events,
      String secret,
      @Nullable String workflowId,
      Instant createdAt);

  @SqlQuery("select * from app.list_webhook_subscriptions()")
  @RegisterConstructorMapper(Subscription.class)
  List<Subscription> list();

  @SqlQuery("select * from app.list_webhook_subscriptions() where subscription_id = :id")
  @RegisterConstructorMapper(Subscription.class)
  Optional<Subscription> find(UUID id);

  @SqlQuery("select app.delete_webhook_subscription(:id)")
  boolean delete(UUID id);

  /** Makes failed deliveries due now; returns whether there is such a subscription. */
  @SqlQuery("select app.resume_webhook_subscription(:id, :now)")
  boolean resume(UUID id, Instant now);

  /** The secret of a subscription, as it is stored. */
  record SecretRow(UUID subscriptionId, String url, String secret) {}

  @SqlQuery("select * from app.webhook_secrets()")
  @RegisterConstructorMapper(SecretRow.class)
  List<SecretRow> secrets();

  @SqlUpdate("select app.change_webhook_secret(:id, :old, :secret)")
  void changeSecret(UUID id, String old, String secret);

  /**
   * A delivery that this replica holds a lease of.
   *
   * @param attempts to send this event, this one included
   * @param failures of the address since it last took anything
   */
  record ClaimedDelivery(
      UUID userId,
      UUID subscriptionId,
      UUID eventId,
      int attempts,
      String url,
      String secret,
      int failures) {}

  /**
   * Claims due deliveries, in order.
   *
   * @param only of this subscription; null: of all but the busy ones
   */
  @SqlQuery(
      "select * from app.claim_webhook_deliveries(:now, :leaseUntil, :ofEach, :only, cast(:busy as uuid[]))")
  @RegisterConstructorMapper(ClaimedDelivery.class)
  List<ClaimedDelivery> claim(
      Instant now, Instant leaseUntil, int ofEach, @Nullable UUID only, String[] busy);

  @SqlUpdate("select app.note_webhook_answer(:subscriptionId, :at, null, null)")
  void noteSuccess(UUID subscriptionId, Instant at);

  /**
   * Has an address rest that did not take what was claimed.
   *
   * @param firstPause seconds for which it rests where it was resumed after the claim
   * @return until when it rests; empty: the subscription has ended
   */
  @SqlQuery(
      "select until from app.note_webhook_failure(:subscriptionId, :at, :error, :restsUntil, :claimedAt, make_interval(secs => :firstPause)) until where until is not null")
  Optional<Instant> noteFailure(
      UUID subscriptionId,
      Instant at,
      String error,
      Instant restsUntil,
      Instant claimedAt,
      long firstPause);

  /** How many were given up. */
  @SqlQuery("select app.sweep_webhooks(:before, :failingBefore)")
  long sweep(Instant before, Instant failingBefore);

  /** An event of the tenant; {@code data} holds the fields of its kind as JSON. */
  record Event(
      UUID eventId,
      String kind,
      Instant at,
      @Nullable String channelId,
      @Nullable String channelName,
      String data) {}

  @SqlQuery(
      """
      select d.event_id, d.kind, d.at, d.channel_id, c.channel_name, d.data::text as data
        from app.webhook_deliveries d
        left join analytics.channels c on c.channel_id = d.channel_id
       where d.subscription_id = :subscriptionId and d.event_id = :eventId and d.due_at is not null
      """)
  @RegisterConstructorMapper(Event.class)
  Optional<Event> event(UUID subscriptionId, UUID eventId);

  /** A stored video of the tenant, with its channel. */
  record StoredVideo(
      String videoId, String title, Instant publishedAt, String channelId, String channelName) {}

  /** The newest video of the tenant's active channels. */
  @SqlQuery(
      """
      select v.video_id, v.title, v.published_at, v.channel_id, c.channel_name
        from analytics.videos v
        join analytics.channels c on c.channel_id = v.channel_id and c.is_active
       order by v.published_at desc, v.video_id
       limit 1
      """)
  @RegisterConstructorMapper(StoredVideo.class)
  Optional<StoredVideo> newestVideo();

  @SqlUpdate(
      """
      update app.webhook_deliveries set due_at = null, delivered_at = :at, data = '{}'
       where subscription_id = :subscriptionId and event_id = :eventId
      """)
  void delivered(UUID subscriptionId, UUID eventId, Instant at);

  /** Postpones what is still claimed as it was: what was resumed meanwhile is due at once. */
  @SqlUpdate(
      """
      update app.webhook_deliveries set due_at = :dueAt
       where subscription_id = :subscriptionId and event_id = :eventId and due_at = :leasedUntil
      """)
  void tryAgain(UUID subscriptionId, UUID eventId, Instant dueAt, Instant leasedUntil);
}
