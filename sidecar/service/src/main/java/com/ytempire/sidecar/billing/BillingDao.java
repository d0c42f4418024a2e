package com.ytempire.sidecar.billing;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** A user's customer at Stripe, of the tenant of the transaction, and questions across tenants. */
interface BillingDao {
  /** The stored customer of the tenant; {@code version} counts what was read of it. */
  record Account(
      String customerId,
      @Nullable String subscriptionId,
      @Nullable String status,
      @Nullable String priceId,
      @Nullable String tier,
      @Nullable Instant periodEndsAt,
      boolean isCanceledAtPeriodEnd,
      @Nullable Instant pastDueSince,
      @Nullable Instant readAt,
      long version) {}

  @SqlQuery(
      "select customer_id, stripe_subscription_id as subscription_id, status, price_id, tier, period_ends_at, is_canceled_at_period_end, past_due_since, read_at, version from app.billing_accounts")
  @RegisterConstructorMapper(Account.class)
  Optional<Account> find();

  /** Makes the tenant this customer; of another customer than before nothing is known. */
  @SqlUpdate(
      """
      insert into app.billing_accounts as a (customer_id, linked_at, due_at) values (:customerId, :now, :now)
      on conflict (user_id) do update
        set customer_id = excluded.customer_id, linked_at = excluded.linked_at, due_at = excluded.due_at, stripe_subscription_id = null, status = null,
            price_id = null, tier = null, period_ends_at = null, is_canceled_at_period_end = false, past_due_since = null, read_at = null,
            version = a.version + 1
        where a.customer_id <> excluded.customer_id
      """)
  int link(String customerId, Instant now);

  @SqlUpdate("delete from app.billing_accounts")
  int unlink();

  /** Stores what was read; 0: somebody else read meanwhile, or it is another customer now. */
  @SqlUpdate(
      """
      update app.billing_accounts
         set stripe_subscription_id = :subscriptionId, status = :status, price_id = :priceId, tier = coalesce(:tier, tier), period_ends_at = :periodEndsAt,
             is_canceled_at_period_end = :isCanceledAtPeriodEnd, past_due_since = :pastDueSince, read_at = :now, due_at = :dueAt,
             version = version + 1
       where version = :version
      """)
  int apply(
      @Nullable String subscriptionId,
      @Nullable String status,
      @Nullable String priceId,
      @Nullable String tier,
      @Nullable Instant periodEndsAt,
      boolean isCanceledAtPeriodEnd,
      @Nullable Instant pastDueSince,
      Instant now,
      Instant dueAt,
      long version);

  @SqlUpdate("update app.billing_accounts set due_at = :dueAt")
  int postpone(Instant dueAt);

  @SqlQuery("select app.billing_user(:customerId)")
  Optional<UUID> user(String customerId);

  @SqlQuery("select app.is_stripe_event_known(:eventId)")
  boolean isKnown(String eventId);

  @SqlQuery("select app.note_stripe_event(:eventId, :at)")
  boolean note(String eventId, Instant at);

  @SqlQuery("select app.due_billing_users(:now, :limit)")
  List<UUID> due(Instant now, int limit);
}
