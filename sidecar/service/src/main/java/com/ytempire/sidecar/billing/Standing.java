package com.ytempire.sidecar.billing;

import com.ytempire.sidecar.tenancy.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a customer's subscriptions grant: a pure function of what Stripe has, the prices and the
 * time.
 *
 * @param subscription that decides; null: the customer has none
 * @param priceId of it, the one that decides
 * @param tier null: stays as it is, because there was no subscription yet, or its price is of no
 *     tier
 * @param reason of a change to this tier
 * @param pastDueSince when a late payment was first seen, or that the customer is missing; null:
 *     neither is so
 */
record Standing(
    @Nullable StripeSubscription subscription,
    @Nullable String priceId,
    @Nullable Tier tier,
    Reason reason,
    @Nullable Instant pastDueSince) {

  /** Why a tier changes. */
  enum Reason {
    SUBSCRIPTION,
    PAYMENT_OVERDUE,
    SUBSCRIPTION_ENDED
  }

  private static final Set<String> PAID = Set.of("active", "trialing");
  private static final Set<String> ENDED = Set.of("canceled", "unpaid", "paused");
  private static final String PAST_DUE = "past_due";

  private record Candidate(
      StripeSubscription subscription, @Nullable String priceId, @Nullable Tier tier) {}

  /**
   * Judges subscriptions.
   *
   * @param subscriptions newest first
   * @param prices tier by price id
   * @param pastDueSince as it was known before; null: no payment was late
   * @param grace how long a late payment changes nothing
   */
  static Standing of(
      List<StripeSubscription> subscriptions,
      Map<String, Tier> prices,
      @Nullable Instant pastDueSince,
      Instant now,
      Duration grace) {
    boolean isPaid = subscriptions.stream().anyMatch(each -> PAID.contains(each.status()));
    boolean isLate = !isPaid && subscriptions.stream().anyMatch(Standing::isPastDue);
    @Nullable Instant since = !isLate ? null : pastDueSince == null ? now : pastDueSince;
    boolean isInGrace = since != null && now.isBefore(since.plus(grace));
    Optional<Candidate> granting =
        subscriptions.stream()
            .filter(each -> PAID.contains(each.status()) || (isInGrace && isPastDue(each)))
            .map(each -> candidate(each, prices))
            .max(Comparator.comparingInt(each -> each.tier() == null ? 0 : each.tier().weight()));
    if (granting.isPresent()) {
      Candidate best = granting.get();
      return new Standing(
          best.subscription(), best.priceId(), best.tier(), Reason.SUBSCRIPTION, since);
    }
    Optional<StripeSubscription> ended =
        subscriptions.stream()
            .filter(each -> ENDED.contains(each.status()) || isPastDue(each))
            .findFirst();
    if (ended.isPresent()) {
      return new Standing(
          ended.get(),
          candidate(ended.get(), prices).priceId(),
          Tier.STARTER,
          isLate ? Reason.PAYMENT_OVERDUE : Reason.SUBSCRIPTION_ENDED,
          since);
    }
    return new Standing(
        subscriptions.isEmpty() ? null : subscriptions.getFirst(),
        null,
        null,
        Reason.SUBSCRIPTION,
        null);
  }

  /**
   * Judges a customer that Stripe has no more. With it its subscriptions have ended
   * (docs.stripe.com/api/customers/delete); but a key of another Stripe account looks the same, for
   * all customers at once, and so the tier stays for the grace period.
   *
   * @param isGranted whether a subscription has granted the tier
   * @param missingSince as it was known before; null: it was not missing
   */
  static Standing ofMissing(
      boolean isGranted, @Nullable Instant missingSince, Instant now, Duration grace) {
    Instant since = missingSince == null ? now : missingSince;
    boolean hasEnded = isGranted && !now.isBefore(since.plus(grace));
    return new Standing(
        null, null, hasEnded ? Tier.STARTER : null, Reason.SUBSCRIPTION_ENDED, since);
  }

  private static boolean isPastDue(StripeSubscription subscription) {
    return subscription.status().equals(PAST_DUE);
  }

  /** The highest tier of a subscription's prices. */
  private static Candidate candidate(StripeSubscription subscription, Map<String, Tier> prices) {
    @Nullable String best =
        subscription.prices().isEmpty() ? null : subscription.prices().getFirst();
    @Nullable Tier tier = null;
    for (String price : subscription.prices()) {
      @Nullable Tier of = prices.get(price);
      if (of != null && (tier == null || of.weight() > tier.weight())) {
        best = price;
        tier = of;
      }
    }
    return new Candidate(subscription, best, tier);
  }
}
