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
 * The tier that a customer's subscriptions grant: a pure function of what Stripe has, the prices
 * and the time. Subscriptions without a price of a tier are of another product: they neither grant
 * a tier nor take one.
 *
 * @param subscription that decides; null: the customer has none
 * @param priceId of it, the one that decides
 * @param tier null: stays as it is, because there was no subscription yet, or none has a price of a
 *     tier
 * @param reason of a change to this tier
 * @param pastDueSince when a late payment was first seen, or that the customer is missing; null:
 *     neither is so
 */
record TierDecision(
    @Nullable StripeSubscription subscription,
    @Nullable String priceId,
    @Nullable Tier tier,
    Reason reason,
    @Nullable Instant pastDueSince) {

  /** The reason for a change of tier. */
  enum Reason {
    SUBSCRIPTION,
    PAYMENT_OVERDUE,
    SUBSCRIPTION_ENDED
  }

  private static final Set<String> PAID = Set.of("active", "trialing");
  private static final Set<String> ENDED = Set.of("canceled", "unpaid", "paused");
  private static final String PAST_DUE = "past_due";

  private record Candidate(
      StripeSubscription subscription, @Nullable String priceId, @Nullable Tier tier) {
    boolean isPaid() {
      return PAID.contains(subscription.status());
    }

    boolean isPastDue() {
      return subscription.status().equals(PAST_DUE);
    }

    boolean isEnded() {
      return ENDED.contains(subscription.status());
    }
  }

  /**
   * Decides a tier.
   *
   * @param subscriptions newest first
   * @param prices tier by price id
   * @param granted the tier that a subscription granted last; null: none did yet
   * @param pastDueSince as it was known before; null: no payment was late
   * @param grace how long a late payment changes nothing
   */
  static TierDecision of(
      List<StripeSubscription> subscriptions,
      Map<String, Tier> prices,
      @Nullable Tier granted,
      @Nullable Instant pastDueSince,
      Instant now,
      Duration grace) {
    List<Candidate> candidates =
        subscriptions.stream()
            .map(each -> candidate(each, prices))
            .filter(each -> each.tier() != null)
            .toList();
    if (candidates.isEmpty()) {
      return withoutPrice(subscriptions, granted);
    }
    boolean isPaid = candidates.stream().anyMatch(Candidate::isPaid);
    boolean isLate = !isPaid && candidates.stream().anyMatch(Candidate::isPastDue);
    @Nullable Instant since = !isLate ? null : pastDueSince == null ? now : pastDueSince;
    boolean isInGrace = since != null && now.isBefore(since.plus(grace));
    Optional<Candidate> granting =
        candidates.stream()
            .filter(each -> each.isPaid() || (isInGrace && each.isPastDue()))
            .max(Comparator.comparingInt(each -> each.tier() == null ? 0 : each.tier().weight()));
    if (granting.isPresent()) {
      Candidate best = granting.get();
      return new TierDecision(
          best.subscription(), best.priceId(), best.tier(), Reason.SUBSCRIPTION, since);
    }
    Optional<Candidate> ended =
        candidates.stream().filter(each -> each.isEnded() || each.isPastDue()).findFirst();
    if (ended.isPresent()) {
      return new TierDecision(
          ended.get().subscription(),
          ended.get().priceId(),
          Tier.STARTER,
          isLate ? Reason.PAYMENT_OVERDUE : Reason.SUBSCRIPTION_ENDED,
          since);
    }
    return new TierDecision(
        candidates.getFirst().subscription(), null, null, Reason.SUBSCRIPTION, null);
  }

  /**
   * Decides where no subscription has a price of a tier. A tier that was granted once ends with the
   * last subscription: its price may have been taken out of the settings, or changed to one that
   * never was in them.
   */
  private static TierDecision withoutPrice(
      List<StripeSubscription> subscriptions, @Nullable Tier granted) {
    if (subscriptions.isEmpty()) {
      return new TierDecision(null, null, null, Reason.SUBSCRIPTION, null);
    }
    Candidate first = candidate(subscriptions.getFirst(), Map.of());
    boolean isTaken =
        granted != null
            && granted != Tier.STARTER
            && subscriptions.stream().allMatch(each -> ENDED.contains(each.status()));
    return new TierDecision(
        first.subscription(),
        first.priceId(),
        isTaken ? Tier.STARTER : null,
        isTaken ? Reason.SUBSCRIPTION_ENDED : Reason.SUBSCRIPTION,
        null);
  }

  /**
   * Decides for a customer that Stripe has no more. With it its subscriptions have ended
   * (docs.stripe.com/api/customers/delete); but a key of another Stripe account looks the same, for
   * all customers at once, and so the tier stays for the grace period.
   *
   * @param isGranted whether a subscription has granted the tier
   * @param missingSince as it was known before; null: it was not missing
   */
  static TierDecision ofMissing(
      boolean isGranted, @Nullable Instant missingSince, Instant now, Duration grace) {
    Instant since = missingSince == null ? now : missingSince;
    boolean hasEnded = isGranted && !now.isBefore(since.plus(grace));
    return new TierDecision(
        null, null, hasEnded ? Tier.STARTER : null, Reason.SUBSCRIPTION_ENDED, since);
  }

  /** The prices of running subscriptions that have no price of a tier. */
  static List<String> unknownPrices(
      List<StripeSubscription> subscriptions, Map<String, Tier> prices) {
    return subscriptions.stream()
        .filter(each -> PAID.contains(each.status()) || each.status().equals(PAST_DUE))
        .filter(each -> candidate(each, prices).tier() == null)
        .flatMap(each -> each.prices().stream())
        .distinct()
        .toList();
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
