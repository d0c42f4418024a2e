package com.ytempire.sidecar.billing;

import com.ytempire.sidecar.config.StripeSettings;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.db.Work;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.tenancy.Users;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps users' tiers as their subscriptions at Stripe grant them. Whatever event comes, in whatever
 * order, what counts is what Stripe answers when it is asked afterwards; and each customer is asked
 * for once a day, so that an event that never came is made up for. Safe to share between threads.
 */
public final class Billing implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Billing.class);

  /** How often one is asked again when others ask at the same time. */
  private static final int MAX_READS = 3;

  /** The status of a customer that Stripe has no more; Stripe's own have no hyphen. */
  private static final String MISSING = "customer-missing";

  private static final Duration READ_AGAIN = Duration.ofDays(1);
  private static final Duration RETRY = Duration.ofMinutes(10);

  /** Customers that one run of the job asks for. */
  private static final int MAX_DUE = 50;

  private final Database database;
  private final @Nullable StripeSettings settings;
  private final @Nullable StripeApi api;
  private final Map<String, Tier> prices;
  private final Runnable tierChanged;
  private final Clock clock;

  /**
   * @param database with the second login, which may ask across users
   * @param settings null: there is no billing
   * @param tierChanged called after a tier has changed, so that quotas are shared out anew
   */
  public Billing(
      Database database, @Nullable StripeSettings settings, Runnable tierChanged, Clock clock) {
    this.database = database;
    this.settings = settings;
    this.api =
        settings == null
            ? null
            : new StripeApi(settings.url(), settings.apiKey(), StripeApi.TIMEOUT);
    this.prices =
        settings == null
            ? Map.of()
            : settings.prices().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, each -> Tier.of(each.getValue())));
    this.tierChanged = tierChanged;
    this.clock = clock;
  }

  /** The outcome of an event; {@code schemas/billing-event-result.json}. */
  enum Outcome {
    /** The subscription was read, and the tier is as it grants. */
    APPLIED,
    /** The event was acted on before. */
    UNCHANGED,
    /** The event says nothing of a subscription. */
    IGNORED,
    /** No user is this customer; what Stripe has of it is read when one is linked. */
    UNKNOWN_CUSTOMER;

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  boolean isConfigured() {
    return api != null;
  }

  List<String> webhookSecrets() {
    return settings == null ? List.of() : settings.webhookSecrets();
  }

  Duration grace() {
    return settings == null ? Duration.ZERO : settings.grace();
  }

  /**
   * Acts on an event of Stripe's.
   *
   * @param customerId null: it names none
   * @throws StripeException when the subscription could not be read; Stripe is to send it again
   */
  Outcome act(String eventId, @Nullable String customerId) throws StripeException {
    if (customerId == null) {
      return Outcome.IGNORED;
    }
    record CustomerLookup(Optional<UUID> user, boolean isKnown) {}
    CustomerLookup found =
        database.directory(handle -> {
          BillingDao dao = handle.attach(BillingDao.class);
          return new CustomerLookup(dao.user(customerId), dao.isKnown(eventId));
        });
    if (found.isKnown()) {
      return Outcome.UNCHANGED;
    }
    if (found.user().isEmpty()) {
      log.info("an event of Stripe's is of a customer that no user is");
      return Outcome.UNKNOWN_CUSTOMER;
    }
    boolean isStill = refresh(found.user().get());
    Instant now = clock.instant();
    database.useDirectory(handle -> handle.attach(BillingDao.class).note(eventId, now));
    return isStill ? Outcome.APPLIED : Outcome.UNKNOWN_CUSTOMER;
  }

  /**
   * Whether Stripe knows this customer.
   *
   * @throws StripeException when it could not be asked
   */
  boolean isCustomer(String customerId) throws StripeException {
    StripeApi stripe = api;
    return stripe != null && stripe.subscriptions(customerId).isPresent();
  }

  /**
   * Reads a user's subscriptions at Stripe and applies what they grant.
   *
   * @return false: the user is no customer any more
   * @throws StripeException when they could not be read
   */
  boolean refresh(UUID userId) throws StripeException {
    StripeApi stripe = api;
    if (stripe == null) {
      throw new StripeException("Billing is not configured");
    }
    for (int read = 0; read < MAX_READS; read++) {
      Optional<BillingDao.Account> account =
          asUser(userId, handle -> handle.attach(BillingDao.class).find());
      if (account.isEmpty()) {
        return false;
      }
      Optional<List<StripeSubscription>> subscriptions =
          stripe.subscriptions(account.get().customerId());
      if (subscriptions.isEmpty()) {
        log.warn(
            "Stripe has no customer of user {} any more, or YTEMPIRE_STRIPE_API_KEY is of another account; after {} its tier is starter",
            userId,
            grace());
      }
      RefreshResult result =
          asUser(userId, handle -> apply(handle, userId, account.get(), subscriptions));
      if (result == RefreshResult.CHANGED) {
        tierChanged.run();
      }
      if (result != RefreshResult.OUTDATED) {
        return true;
      }
      // Another event was acted on between the two: what was read may be older than what it read.
    }
    throw new StripeException("Other events of this customer are being acted on");
  }

  private <T> T asUser(UUID userId, Work<T> work) {
    return Tenant.as(userId, () -> database.asTenant(work));
  }

  private enum RefreshResult {
    /** Somebody else read meanwhile, and applied that. */
    OUTDATED,
    /** The tier stays. */
    UNCHANGED,
    CHANGED
  }

  private RefreshResult apply(
      Handle handle,
      UUID userId,
      BillingDao.Account account,
      Optional<List<StripeSubscription>> subscriptions) {
    Instant now = clock.instant();
    TierDecision decision = decision(account, subscriptions, now);
    @Nullable StripeSubscription deciding = decision.subscription();
    @Nullable Tier tier = decision.tier();
    if (handle
            .attach(BillingDao.class)
            .apply(
                deciding == null ? null : deciding.id(),
                subscriptions.isEmpty() ? MISSING : deciding == null ? null : deciding.status(),
                decision.priceId(),
                tier == null ? null : tier.label(),
                deciding == null ? null : deciding.periodEndsAt(),
                deciding != null && deciding.isCanceledAtPeriodEnd(),
                decision.pastDueSince(),
                now,
                dueAt(decision, now),
                account.version())
        == 0) {
      return RefreshResult.OUTDATED;
    }
    TierDecision.unknownPrices(subscriptions.orElse(List.of()), prices)
        .forEach(price -> log.warn("the price {} is of no tier in YTEMPIRE_STRIPE_PRICES", price));
    if (tier == null) {
      return RefreshResult.UNCHANGED;
    }
    String reason = decision.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
    if (!Users.changeTier(handle, userId, tier, reason, now)) {
      return RefreshResult.UNCHANGED;
    }
    log.info("the tier of user {} is {} now: {}", userId, tier.label(), reason);
    return RefreshResult.CHANGED;
  }

  private TierDecision decision(
      BillingDao.Account account, Optional<List<StripeSubscription>> subscriptions, Instant now) {
    @Nullable Instant since = account.pastDueSince();
    @Nullable String granted = account.tier();
    if (subscriptions.isEmpty()) {
      return TierDecision.ofMissing(granted != null, since, now, grace());
    }
    // A customer that was missing for a while was not late for it.
    @Nullable Instant lateSince = MISSING.equals(account.status()) ? null : since;
    return TierDecision.of(
        subscriptions.get(),
        prices,
        granted == null ? null : Tier.of(granted),
        lateSince,
        now,
        grace());
  }

  private Instant dueAt(TierDecision decision, Instant now) {
    Instant daily = now.plus(READ_AGAIN);
    @Nullable Instant since = decision.pastDueSince();
    if (since == null) {
      return daily;
    }
    Instant graceEnds = since.plus(grace());
    return graceEnds.isAfter(now) && graceEnds.isBefore(daily) ? graceEnds : daily;
  }

  /** Reads what is due: grace periods that end, and each customer once a day. */
  public void run() {
    if (!isConfigured()) {
      return;
    }
    for (UUID userId :
        database.directory(
            handle -> handle.attach(BillingDao.class).due(clock.instant(), MAX_DUE))) {
      try {
        var _ = refresh(userId);
      } catch (StripeException | RuntimeException e) {
        // Nobody loses a tier because Stripe is unavailable, or waits because another's cannot be
        // read.
        Instant later = clock.instant().plus(RETRY);
        var _ = asUser(userId, handle -> handle.attach(BillingDao.class).postpone(later));
        log.warn("a subscription of user {} is read later: {}", userId, e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    if (api != null) {
      api.close();
    }
  }
}
