package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.metrics.Admission.Decision;
import com.ytempire.sidecar.metrics.FetchRequest.Item;
import com.ytempire.sidecar.metrics.FetchRequest.Output;
import com.ytempire.sidecar.metrics.KnownChannel.KnownVideo;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.Tier;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way out of the admission of a request. */
final class FetchAdmissionTest {
  private static final UUID USER = UUID.fromString("00000000-0000-0000-0000-000000000001");
  private static final String CHANNEL = "UCaaaaaaaaaaaaaaaaaaaaaa";

  /** Noon in California on the 20th of November. */
  private static final Instant NOW = Instant.parse("2026-11-20T20:00:00Z");

  private static final LocalDate TODAY = LocalDate.of(2026, 11, 20);

  private static KnownChannel channel(
      Connection connection,
      boolean isActive,
      boolean allowsRevenue,
      @Nullable Instant readAt,
      List<KnownVideo> videos) {
    return new KnownChannel(
        new PlanDao.Source(
            USER,
            CHANNEL,
            new PlanDao.Source.Access(connection.label(), isActive, null),
            new PlanDao.Source.Revenue(allowsRevenue, null, null),
            new PlanDao.Source.Statistics(readAt, null, false),
            new PlanDao.Source.Uploads(
                "UUaaaaaaaaaaaaaaaaaaaaaa", true, null, null, readAt, readAt, null)),
        Map.of(),
        videos);
  }

  private static KnownChannel connected() {
    return channel(Connection.CONNECTED, true, false, null, List.of());
  }

  private static KnownUser user(KnownChannel channel) {
    return new KnownUser(Tier.STARTER, true, Map.of(CHANNEL, channel));
  }

  private static Item item(Report report) {
    return new Item(USER, CHANNEL, report, null, null, null, null, null, null, null);
  }

  private static Item item(Report report, @Nullable LocalDate first, @Nullable LocalDate last) {
    return new Item(USER, CHANNEL, report, first, last, null, null, null, null, null);
  }

  private static Item videos(Report report, String... ids) {
    return new Item(USER, CHANNEL, report, null, null, List.of(ids), null, null, null, null);
  }

  private static Item currency(Report report, String code) {
    return new Item(USER, CHANNEL, report, null, null, null, null, null, null, code);
  }

  private static Item metrics(Report report, String... metrics) {
    return new Item(USER, CHANNEL, report, null, null, null, List.of(metrics), null, null, null);
  }

  private static Decision admit(
      Item item, @Nullable KnownUser user, boolean isByPlan, Output output) {
    FetchRequest request = new FetchRequest(List.of(item), null, null, isByPlan, null, output);
    return new Admission(new Planner(new UploadPlan(false)), request).admit(7, item, user, NOW);
  }

  private static Decision asked(Item item) {
    return admit(item, user(connected()), false, Output.ROWS);
  }

  private static Decision byPlan(Item item) {
    return admit(item, user(connected()), true, Output.ROWS);
  }

  private static PlannedRequest planned(Decision decision) {
    return assertInstanceOf(Decision.Fetch.class, decision).request();
  }

  private static Outcome answered(Decision decision) {
    return assertInstanceOf(Decision.Answer.class, decision).outcome();
  }

  private record Refusal(String name, Decision decision, Reason reason, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Refusal> refusals() {
    Item statistics = item(Report.CHANNEL_STATISTICS);
    LocalDate day = TODAY.minusDays(5);
    return Stream.of(
        new Refusal(
            "an unknown user",
            admit(statistics, null, false, Output.ROWS),
            Reason.UNKNOWN_CHANNEL,
            USER.toString()),
        new Refusal(
            "an inactive user",
            admit(statistics, new KnownUser(Tier.STARTER, false, Map.of()), false, Output.ROWS),
            Reason.INACTIVE,
            "The user is not active."),
        new Refusal(
            "an unknown channel",
            admit(statistics, new KnownUser(Tier.STARTER, true, Map.of()), false, Output.ROWS),
            Reason.UNKNOWN_CHANNEL,
            CHANNEL),
        new Refusal(
            "an inactive channel",
            admit(
                statistics,
                user(channel(Connection.CONNECTED, false, false, null, List.of())),
                false,
                Output.ROWS),
            Reason.INACTIVE,
            "The channel is not active."),
        new Refusal(
            "a dead grant",
            admit(
                statistics,
                user(channel(Connection.RECONNECT_NEEDED, true, false, null, List.of())),
                false,
                Output.ROWS),
            Reason.RECONNECT_NEEDED,
            "a new connect link"),
        new Refusal(
            "no grant",
            admit(
                statistics,
                user(channel(Connection.NOT_CONNECTED, true, false, null, List.of())),
                false,
                Output.ROWS),
            Reason.NOT_CONNECTED,
            "never connected"),
        new Refusal(
            "references to rows that are not stored",
            admit(item(Report.TOP_VIDEOS), user(connected()), false, Output.REFERENCES),
            Reason.REFUSED,
            "top-videos is to be read"),
        new Refusal(
            "a first day by plan",
            byPlan(item(Report.CHANNEL_DAY, day, null)),
            Reason.REFUSED,
            "leave startDate"),
        new Refusal(
            "a last day by plan",
            byPlan(item(Report.CHANNEL_DAY, null, day)),
            Reason.REFUSED,
            "leave startDate"),
        new Refusal(
            "videos by plan",
            byPlan(videos(Report.VIDEO_DETAILS, "aaaaaaaaaaa")),
            Reason.REFUSED,
            "leave startDate"),
        new Refusal(
            "retention of no video",
            asked(item(Report.RETENTION)),
            Reason.REFUSED,
            "exactly one in videoIds"),
        new Refusal(
            "retention of two videos",
            asked(videos(Report.RETENTION, "aaaaaaaaaaa", "bbbbbbbbbbb")),
            Reason.REFUSED,
            "exactly one in videoIds"),
        new Refusal(
            "metrics of a report without a choice",
            asked(metrics(Report.THUMBNAIL_DAY, "views")),
            Reason.REFUSED,
            "no choice of metrics"),
        new Refusal(
            "a metric that the report does not have",
            asked(metrics(Report.VIDEO_DAY, "views", "cpm")),
            Reason.REFUSED,
            "video-day has no cpm"),
        new Refusal(
            "a sort of what cannot be sorted",
            asked(
                new Item(
                    USER,
                    CHANNEL,
                    Report.CHANNEL_DAY,
                    null,
                    null,
                    null,
                    null,
                    "views",
                    null,
                    null)),
            Reason.REFUSED,
            "leave sortBy out"),
        new Refusal(
            "a limit of what has none",
            asked(
                new Item(USER, CHANNEL, Report.CHANNEL_DAY, null, null, null, null, null, 5, null)),
            Reason.REFUSED,
            "leave limit out"),
        new Refusal(
            "a currency of what is in USD",
            asked(currency(Report.CHANNEL_REVENUE_DAY, "EUR")),
            Reason.REFUSED,
            "channel-revenue-day is in USD: leave currency out, or fetch revenue-currency-day"),
        new Refusal(
            "another currency without its name",
            asked(item(Report.REVENUE_CURRENCY_DAY)),
            Reason.REFUSED,
            "name it in currency"),
        new Refusal(
            "a currency that is none",
            asked(currency(Report.REVENUE_CURRENCY_DAY, "ABC")),
            Reason.REFUSED,
            "'ABC' is no currency of ISO 4217"),
        new Refusal(
            "a metal for a currency",
            asked(currency(Report.REVENUE_CURRENCY_DAY, "XAU")),
            Reason.REFUSED,
            "'XAU' is no currency of ISO 4217"),
        new Refusal(
            "references to amounts in another currency",
            admit(
                currency(Report.REVENUE_CURRENCY_DAY, "EUR"),
                user(connected()),
                false,
                Output.REFERENCES),
            Reason.REFUSED,
            "revenue-currency-day is to be read, not stored"),
        new Refusal(
            "revenue without the owner's leave",
            asked(item(Report.CHANNEL_REVENUE_DAY)),
            Reason.WRONG_SCOPE,
            "did not allow revenue"),
        new Refusal(
            "a first day after the last",
            asked(item(Report.CHANNEL_DAY, day, day.minusDays(1))),
            Reason.REFUSED,
            "cannot be asked"),
        new Refusal(
            "a day in the future",
            asked(item(Report.CHANNEL_DAY, day, TODAY.plusDays(1))),
            Reason.REFUSED,
            "cannot be asked"),
        new Refusal(
            "more than a year of days",
            asked(item(Report.CHANNEL_DAY, day.minusDays(366), day)),
            Reason.REFUSED,
            "at most 366 days"),
        new Refusal(
            "more than a month of videos",
            asked(item(Report.VIDEO_DAY, day.minusDays(31), day)),
            Reason.REFUSED,
            "at most 31 days"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void a_request_that_cannot_be_served_is_missed_with_its_reason(Refusal refused) {
    Outcome.Missed missed = assertInstanceOf(Outcome.Missed.class, answered(refused.decision()));
    assertEquals(7, missed.request());
    assertEquals(refused.reason(), missed.reason());
    assertTrue(missed.message().contains(refused.message()), missed.message());
    assertEquals(null, missed.retryAt());
  }

  private record NamedItem(String name, Item item, LocalDate first, LocalDate last) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<NamedItem> periods() {
    LocalDate viewsEnd = TODAY.minusDays(3);
    LocalDate revenueEnd = TODAY.minusDays(4);
    return Stream.of(
        new NamedItem("days", item(Report.CHANNEL_DAY), viewsEnd.minusDays(27), viewsEnd),
        new NamedItem(
            "revenue", item(Report.CHANNEL_REVENUE_DAY), revenueEnd.minusDays(27), revenueEnd),
        new NamedItem("the largest videos of a day", item(Report.VIDEO_DAY), viewsEnd, viewsEnd),
        new NamedItem(
            "the days of a video",
            videos(Report.VIDEO_DAY, "aaaaaaaaaaa"),
            viewsEnd.minusDays(27),
            viewsEnd),
        new NamedItem("today", item(Report.CHANNEL_DAY, TODAY, TODAY), TODAY, TODAY),
        new NamedItem(
            "a year",
            item(Report.CHANNEL_DAY, TODAY.minusDays(365), TODAY),
            TODAY.minusDays(365),
            TODAY));
  }

  @ParameterizedTest
  @MethodSource("periods")
  void a_request_without_days_gets_the_days_of_its_report(NamedItem asked) {
    PlannedRequest request =
        planned(
            admit(
                asked.item(),
                user(channel(Connection.CONNECTED, true, true, null, List.of())),
                false,
                Output.ROWS));
    assertEquals(new Selection.Period(asked.first(), asked.last()), request.selection());
  }

  @Test
  void what_is_due_is_planned_with_its_days() {
    PlannedRequest request = planned(byPlan(item(Report.CHANNEL_DAY)));
    Selection.Plan plan = assertInstanceOf(Selection.Plan.class, request.selection());
    // The 90 that the plan looks back, but for those that YouTube does not have yet.
    assertEquals(88, plan.days().size());
    assertEquals(request.last(), plan.days().getFirst());
    assertEquals(request.first(), plan.days().getLast());
  }

  @Test
  void what_is_not_due_is_left_alone_until_it_is() {
    KnownChannel stored =
        channel(Connection.CONNECTED, true, false, NOW.minusSeconds(60), List.of());
    assertEquals(
        new Outcome.NotDue(
            7, NOW.minusSeconds(60).plus(Duration.ofMinutes(10)), Outcome.NotDue.Cause.NOT_DUE),
        answered(admit(item(Report.CHANNEL_STATISTICS), user(stored), true, Output.REFERENCES)));
  }

  @Test
  void statistics_of_videos_wait_for_new_videos_that_are_looked_for() {
    // No video is known, so that none is due; the feed is.
    PlannedRequest request = planned(byPlan(item(Report.VIDEO_STATISTICS)));
    assertEquals(new Selection.Plan(List.of(), List.of()), request.selection());
    KnownChannel read = channel(Connection.CONNECTED, true, false, NOW, List.of());
    assertInstanceOf(
        Outcome.NotDue.class,
        answered(admit(item(Report.VIDEO_STATISTICS), user(read), true, Output.ROWS)));
  }

  @Test
  void revenue_by_plan_without_the_owners_leave_is_not_due() {
    assertEquals(
        new Outcome.NotDue(7, null, Outcome.NotDue.Cause.NOT_DUE),
        answered(byPlan(item(Report.CHANNEL_REVENUE_DAY))));
  }

  private static PlannedRequest request(Report report, String... dueVideos) {
    KnownVideo known = new KnownVideo("known", NOW, NOW, true, NOW, null);
    return new PlannedRequest(
        7,
        item(report),
        channel(Connection.CONNECTED, true, false, null, List.of(known)),
        new Selection.Plan(List.of(), List.of(dueVideos)));
  }

  private static Discovery discovery(Optional<Outcome.Missed> failure, String... videoIds) {
    return new Discovery(
        request(Report.RECENT_UPLOADS), List.of(), List.of(videoIds), failure, null, null, false);
  }

  private static final Outcome.Missed BUSY =
      new Outcome.Missed(3, Reason.BUSY, "busy", NOW.plusSeconds(30));

  @Test
  void discovered_videos_are_counted_once_beside_those_that_are_due() {
    assertEquals(
        new Selection.Plan(List.of(), List.of("due", "new")),
        planned(
                Admission.afterDiscovery(
                    request(Report.VIDEO_STATISTICS, "due"),
                    discovery(Optional.of(BUSY), "new", "known")))
            .selection());
  }

  @Test
  void details_of_discovered_videos_wait_until_they_are_due() {
    assertEquals(
        new Selection.Plan(List.of(), List.of("due")),
        planned(
                Admission.afterDiscovery(
                    request(Report.VIDEO_DETAILS, "due"), discovery(Optional.empty(), "new")))
            .selection());
  }

  @Test
  void a_failed_discovery_is_no_answer_without_videos() {
    assertEquals(
        new Outcome.Missed(7, Reason.BUSY, "busy", BUSY.retryAt()),
        answered(
            Admission.afterDiscovery(
                request(Report.VIDEO_STATISTICS), discovery(Optional.of(BUSY)))));
  }

  @Test
  void without_a_discovery_the_videos_that_are_due_remain() {
    assertEquals(
        new Selection.Plan(List.of(), List.of()),
        planned(Admission.afterDiscovery(request(Report.VIDEO_STATISTICS), null)).selection());
    PlannedRequest asked = planned(asked(item(Report.VIDEO_STATISTICS)));
    assertEquals(asked, planned(Admission.afterDiscovery(asked, discovery(Optional.of(BUSY)))));
  }
}
