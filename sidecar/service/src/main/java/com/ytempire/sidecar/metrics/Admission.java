package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.FetchRequest.Item;
import com.ytempire.sidecar.metrics.Outcome.Missed;
import com.ytempire.sidecar.metrics.Report.Provider;
import com.ytempire.sidecar.metrics.ReportQuery.Form;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.youtube.Metric;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests of a fetch are carried out: a pure function of the request, of what is
 * stored of its user, and of the time. Immutable.
 */
final class Admission {
  /** After so many days YouTube has surely finished a day (it says 48 to 72 hours). */
  private static final int ANALYTICS_DELAY_DAYS = 3;

  /** Revenue is slower than views. */
  private static final int REVENUE_DELAY_DAYS = 4;

  private static final Duration NEXT_TICK = Duration.ofMinutes(15);

  private static final int DEFAULT_DAYS = 28;
  private static final int MAX_DAYS = 366;
  private static final int MAX_DAYS_OF_VIDEOS = 31;

  private final Planner planner;
  private final boolean isByPlan;
  private final boolean wantsReferences;
  private final Set<String> channelsAskedForRevenue;

  /** Makes the admission of one fetch. */
  Admission(Planner planner, FetchRequest request) {
    this.planner = planner;
    this.isByPlan = request.isByPlan();
    this.wantsReferences = request.wantsReferences();
    this.channelsAskedForRevenue =
        request.requests().stream()
            .filter(item -> item.report() == Report.CHANNEL_REVENUE_DAY)
            .map(Item::channelId)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The decision on a request. */
  sealed interface Decision {
    /** The request is to be fetched. */
    record Fetch(PlannedRequest request) implements Decision {}

    /** The request has its outcome already. */
    record Answer(Outcome outcome) implements Decision {}
  }

  /**
   * Decides on one request.
   *
   * @param user null: there is no such user
   */
  Decision admit(int index, Item item, @Nullable KnownUser user, Instant now) {
    if (user == null) {
      return missed(
          index,
          Reason.UNKNOWN_CHANNEL,
          String.valueOf(TenantAccess.unknownUser(item.userId()).getMessage()));
    }
    if (!user.isActive()) {
      return missed(index, Reason.INACTIVE, "The user is not active.");
    }
    @Nullable KnownChannel channel = user.channels().get(item.channelId());
    if (channel == null) {
      return missed(
          index,
          Reason.UNKNOWN_CHANNEL,
          "This user has no channel '%s'.".formatted(item.channelId()));
    }
    if (!channel.source().access().isActive()) {
      return missed(
          index, Reason.INACTIVE, "The channel is not active. Activate it to fetch its metrics.");
    }
    String connection = channel.source().access().connection();
    if (Connection.RECONNECT_NEEDED.is(connection)) {
      return missed(
          index,
          Reason.RECONNECT_NEEDED,
          "Google no longer takes our grant. Send the owner a new connect link.");
    }
    if (!Connection.CONNECTED.is(connection)) {
      return missed(
          index,
          Reason.NOT_CONNECTED,
          "The channel was never connected. Send the owner a connect link.");
    }
    Optional<String> fault = fault(item);
    if (fault.isPresent()) {
      return missed(index, Reason.REFUSED, fault.get());
    }
    return isByPlan ? plan(index, item, channel, now) : period(index, item, channel, now);
  }

  /** Returns what does not belong together in a request. */
  private Optional<String> fault(Item item) {
    Report report = item.report();
    boolean isTop = report.hasForm(Form.TOP);
    if (wantsReferences && !report.rowKind().isStored()) {
      return Optional.of(
          "%s is to be read, not stored: fetch it with output rows.".formatted(report.label()));
    }
    if (isByPlan
        && (item.startDate() != null || item.endDate() != null || item.videoIds() != null)) {
      return Optional.of(
          "With onlyDue the plan chooses days and videos: leave startDate, endDate and videoIds out.");
    }
    if (report.hasForm(Form.CURVE)
        && !isByPlan
        && (item.videoIds() == null || item.videoIds().size() != 1)) {
      return Optional.of("A retention curve is of one video: name exactly one in videoIds.");
    }
    if ((report.hasForm(Form.PERIOD) || report.hasForm(Form.DETAILS))
        && item.videoIds() != null
        && item.videoIds().size() > 1) {
      return Optional.of(
          "%s is of a channel or of one video: name at most one in videoIds."
              .formatted(report.label()));
    }
    if (item.metrics() != null && !report.isAnalytics()) {
      return Optional.of(
          "%s has no choice of metrics: leave metrics out.".formatted(report.label()));
    }
    if (item.metrics() != null) {
      for (String label : item.metrics()) {
        if (report.query().selectable().stream()
            .noneMatch(metric -> metric.label().equals(label))) {
          return Optional.of(
              "%s has no %s: leave it out of metrics.".formatted(report.label(), label));
        }
      }
    }
    if (item.sortBy() != null && !isTop) {
      return Optional.of("Only top-videos can be sorted: leave sortBy out.");
    }
    if (report.takesCurrency() != (item.currency() != null)) {
      return Optional.of(
          report.takesCurrency()
              ? "%s needs the currency of its amounts: name it in currency, such as EUR."
                  .formatted(report.label())
              : "%s is in USD: leave currency out, or fetch %s."
                  .formatted(report.label(), Report.REVENUE_CURRENCY_DAY.label()));
    }
    if (item.currency() != null && !isCurrency(item.currency())) {
      return Optional.of(
          "'%s' is no currency of ISO 4217: name one such as EUR.".formatted(item.currency()));
    }
    if (item.limit() != null && !isTop && !report.isFetchedBy(Provider.UPLOADS)) {
      return Optional.of("Only top-videos and recent-uploads take a limit: leave limit out.");
    }
    return Optional.empty();
  }

  /** Whether a code of ISO 4217 is of money, and not of a metal, a fund or a test. */
  private static boolean isCurrency(String code) {
    return Currency.getAvailableCurrencies().stream()
        .anyMatch(
            each -> each.getCurrencyCode().equals(code) && each.getDefaultFractionDigits() >= 0);
  }

  private Decision plan(int index, Item item, KnownChannel channel, Instant now) {
    if (item.report() == Report.VIDEO_REVENUE_DAY
        && channel.source().revenue().allowsRevenue()
        && channel.source().revenue().monetized() == null
        && channelsAskedForRevenue.contains(item.channelId())) {
      // The same fetch learns whether there is any: asking here, too, would cost two queries more.
      return new Decision.Answer(
          new Outcome.NotDue(index, now.plus(NEXT_TICK), Outcome.NotDue.Cause.NOT_DUE));
    }
    DuePart due = planner.due(item.report(), channel, now);
    // Videos that are discovered in this very fetch are counted in it.
    boolean mayFollowDiscovery =
        countsNewVideos(item.report()) && planner.due(Report.RECENT_UPLOADS, channel, now).isDue();
    return due.isDue() || mayFollowDiscovery
        ? new Decision.Fetch(
            new PlannedRequest(
                index, item, channel, new Selection.Plan(due.days(), due.videoIds())))
        : new Decision.Answer(
            new Outcome.NotDue(index, due.nextDueAt(), Outcome.NotDue.Cause.NOT_DUE));
  }

  private static boolean countsNewVideos(Report report) {
    return report.schedule() == Schedule.Rule.VIDEO_STATISTICS;
  }

  private static Decision period(int index, Item item, KnownChannel channel, Instant now) {
    Report report = item.report();
    if (asksForRevenueOnly(item) && !channel.source().revenue().allowsRevenue()) {
      return missed(
          index,
          Reason.WRONG_SCOPE,
          "The owner did not allow revenue to be read. Send a new connect link that asks for it.");
    }
    LocalDate today = LocalDate.ofInstant(now, Bucket.PACIFIC);
    boolean isOfVideos = report.hasForm(Form.VIDEOS_OF_A_DAY);
    int delay = report.isRevenue() ? REVENUE_DELAY_DAYS : ANALYTICS_DELAY_DAYS;
    LocalDate last = item.endDate() == null ? today.minusDays(delay) : item.endDate();
    int defaultDays = isOfVideos && item.videoIds() == null ? 1 : DEFAULT_DAYS;
    LocalDate first = item.startDate() == null ? last.minusDays(defaultDays - 1) : item.startDate();
    int maxDays = maxDays(report);
    long days = ChronoUnit.DAYS.between(first, last) + 1;
    if (days < 1 || days > maxDays || last.isAfter(today)) {
      return missed(
          index,
          Reason.REFUSED,
          "From %s to %s cannot be asked: the first day must not come after the last, the last not after today (%s), and %s takes at most %d days."
              .formatted(first, last, today, report.label(), maxDays));
    }
    return new Decision.Fetch(
        new PlannedRequest(index, item, channel, new Selection.Period(first, last)));
  }

  /** The most days of a report that one request takes. */
  static int maxDays(Report report) {
    return report.hasForm(Form.VIDEOS_OF_A_DAY) ? MAX_DAYS_OF_VIDEOS : MAX_DAYS;
  }

  /** Whether nothing is left of a request without revenue. */
  private static boolean asksForRevenueOnly(Item item) {
    return item.metrics() == null
        ? item.report().isRevenue()
        : item.metrics().stream()
            .allMatch(label -> Metric.of(label).filter(Metric::isRevenue).isPresent());
  }

  /**
   * Decides on a planned request about videos after its channel's new videos were looked for.
   *
   * @param discovery null: they were not looked for
   */
  static Decision afterDiscovery(PlannedRequest request, @Nullable Discovery discovery) {
    if (!(request.selection() instanceof Selection.Plan plan)) {
      return new Decision.Fetch(request);
    }
    Set<String> videoIds = new TreeSet<>(plan.videoIds());
    if (discovery != null && countsNewVideos(request.report())) {
      Set<String> known =
          request.channel().videos().stream()
              .filter(video -> !video.isGone())
              .map(KnownChannel.KnownVideo::videoId)
              .collect(Collectors.toSet());
      discovery.videoIds().stream().filter(id -> !known.contains(id)).forEach(videoIds::add);
    }
    if (videoIds.isEmpty() && discovery != null && discovery.failure().isPresent()) {
      // Not an answer without videos: there may be some.
      Missed failure = discovery.failure().get();
      return missed(request.index(), failure.reason(), failure.message(), failure.retryAt());
    }
    return new Decision.Fetch(request.with(new Selection.Plan(plan.days(), List.copyOf(videoIds))));
  }

  private static Decision missed(int index, Reason reason, String message) {
    return missed(index, reason, message, null);
  }

  private static Decision missed(
      int index, Reason reason, String message, @Nullable Instant retryAt) {
    return new Decision.Answer(new Missed(index, reason, message, retryAt));
  }
}
