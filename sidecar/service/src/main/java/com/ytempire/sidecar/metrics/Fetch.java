package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.Admission.Decision;
import com.ytempire.sidecar.metrics.FetchJobs.Job;
import com.ytempire.sidecar.metrics.Report.Provider;
import com.ytempire.sidecar.oauth.AuthorizedYouTube;
import com.ytempire.sidecar.oauth.ChannelKey;
import com.ytempire.sidecar.oauth.PrefetchedGrants;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Role;
import com.ytempire.sidecar.youtube.YouTube;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;

/**
 * Fetches reports for many requests, in four steps: plan what is due, discover new videos, fetch
 * from the source of each report, collect the outcomes. It makes as few calls to Google as it can:
 * none for what is not due or is cached, and one for what a call can ask of many. A request that
 * fails never spoils another. Safe to share between threads.
 */
final class Fetch {
  /**
   * Reports that are not batched and that a fetch asks for at once, of a user: more than the calls
   * that a user may have under way, so that none of these waits for this. The others wait before
   * they have done anything, which takes a fraction of the memory of waiting for a permit.
   */
  private static final int CONCURRENT_REPORTS = 8;

  private static final Set<Report> BEFORE_DISCOVERY =
      Report.of(
          Provider.CHANNEL_STATISTICS, Provider.ANALYTICS, Provider.THUMBNAILS, Provider.BULK);

  private static final Set<Report> DISCOVERY = Report.of(Provider.UPLOADS);

  private static final Set<Report> AFTER_DISCOVERY = Report.of(Provider.VIDEOS);

  /** At the end of its time a fetch begins no calls, for so long or for a tenth of it. */
  private static final Duration TIME_TO_END = Duration.ofSeconds(2);

  private final FetchPlan plan;
  private final AuthorizedYouTube youTube;
  private final UploadDiscovery discovery;
  private final Map<Report, ReportSource> sources = new EnumMap<>(Report.class);
  private final VideoChannels videoChannels;
  private final HeldBatches held;
  private final Clock clock;

  Fetch(
      FetchPlan plan,
      AuthorizedYouTube youTube,
      UploadDiscovery discovery,
      List<ReportSource> sources,
      VideoChannels videoChannels,
      HeldBatches held,
      Clock clock) {
    this.plan = plan;
    this.youTube = youTube;
    this.discovery = discovery;
    sources.forEach(source -> source.reports().forEach(report -> this.sources.put(report, source)));
    this.videoChannels = videoChannels;
    this.held = held;
    this.clock = clock;
  }

  /**
   * Fetches what is requested.
   *
   * @param deadline by which the caller needs its answer; what is not fetched then is missed
   */
  FetchResult fetch(Caller caller, FetchRequest request, Deadline deadline) {
    YouTube.Spending spending = new YouTube.Spending();
    try (FetchLeases leases = new FetchLeases(held, request, holder(caller))) {
      List<Outcome> outcomes = new ArrayList<>();
      List<Discovery> discoveries;
      try (FetchJobs jobs = new FetchJobs(deadline)) {
        List<UserFetch> users =
            plan.admit(caller, request, terms(caller, request, deadline, spending));
        if (request.isLeased()) {
          users = leases.claim(users, deadline);
        }
        users = cached(users, jobs);
        try (PrefetchedGrants prefetched = prefetch(users, deadline)) {
          users = jobs.step(users, videoChannels::withoutForeign);
          List<Job<List<Outcome>>> fetches = fetch(users, BEFORE_DISCOVERY, jobs);
          discoveries = discover(users, jobs);
          users = afterDiscovery(users, discoveries, deadline);
          fetches.addAll(fetch(users, AFTER_DISCOVERY, jobs));
          users.forEach(user -> outcomes.addAll(user.outcomes()));
          discoveries.forEach(each -> outcomes.addAll(each.outcomes()));
          fetches.forEach(fetch -> outcomes.addAll(fetch.await()));
        }
        jobs.complete();
      }
      FetchResult result = result(request, outcomes, spending, leases, deadline);
      Set<Integer> missed =
          result.notFetched().stream()
              .map(FetchResult.NotFetched::request)
              .collect(Collectors.toSet());
      // What was found and is lost, because it could not be held, is to be found again.
      discovery.note(
          discoveries.stream().filter(each -> !missed.contains(each.request().index())).toList(),
          HeldBatches.longer(deadline));
      return result;
    }
  }

  /** The run: an execution of a workflow, or else this request. */
  private static String holder(Caller caller) {
    return caller.executionId() == null
        ? UUID.randomUUID().toString()
        : caller.tokenId() + " " + caller.workflowId() + " " + caller.executionId();
  }

  private FetchContext.Terms terms(
      Caller caller, FetchRequest request, Deadline deadline, YouTube.Spending spending) {
    Boolean interactive = request.interactive();
    Integer maxAgeMinutes = request.maxAgeMinutes();
    return new FetchContext.Terms(
        // A user's own token is a person, or an agent that one waits for.
        interactive == null ? caller.role() == Role.USER : interactive,
        deadline,
        lastCall(deadline),
        maxAgeMinutes == null ? null : Duration.ofMinutes(maxAgeMinutes),
        spending,
        clock);
  }

  private static Deadline lastCall(Deadline deadline) {
    Duration left = deadline.remaining();
    Duration tenth = left.dividedBy(10);
    return Deadline.after(left.minus(tenth.compareTo(TIME_TO_END) < 0 ? tenth : TIME_TO_END));
  }

  /**
   * Answers current statistics from the cache. Other reports are looked up where they are fetched.
   * All users are done before the first call goes out, so that their calls can meet.
   */
  private static List<UserFetch> cached(List<UserFetch> users, FetchJobs jobs) {
    return jobs.step(users, user -> user.step(each -> cached(user.context(), each)));
  }

  private static Decision cached(FetchContext context, PlannedRequest request) {
    return request.report().isCachedByRequest(request.isByPlan())
        ? context
            .cache()
            .find(request.cacheKey(), context.maxAge(request.report()), FetchedRow.class)
            .<Decision>map(answer -> new Decision.Answer(FetchContext.cached(request, answer)))
            .orElseGet(() -> new Decision.Fetch(request))
        : new Decision.Fetch(request);
  }

  /** Reads the grants of all channels that will be asked for at once. */
  private PrefetchedGrants prefetch(List<UserFetch> users, Deadline deadline) {
    List<ChannelKey> keys =
        users.stream()
            .flatMap(user ->
                user.open().stream()
                    .map(each -> new ChannelKey(user.context().userId(), each.channelId())))
            .distinct()
            .toList();
    return deadline.supply(() -> youTube.prefetch(keys));
  }

  /** Starts to fetch the open requests of some reports. */
  private List<Job<List<Outcome>>> fetch(
      List<UserFetch> users, Set<Report> reports, FetchJobs jobs) {
    List<Job<List<Outcome>>> started = new ArrayList<>();
    for (UserFetch user : users) {
      FetchContext context = user.context();
      List<PlannedRequest> requests =
          user.open().stream().filter(each -> reports.contains(each.report())).toList();
      requests.stream()
          .filter(each -> each.report().isBatched())
          .collect(Collectors.groupingBy(PlannedRequest::report))
          .values()
          .forEach(batch -> started.add(fetch(context, jobs.unlimited(), batch, jobs)));
      ExecutorService executor = jobs.limited(CONCURRENT_REPORTS);
      requests.stream()
          .filter(each -> !each.report().isBatched())
          .forEach(each -> started.add(fetch(context, executor, List.of(each), jobs)));
    }
    return started;
  }

  private Job<List<Outcome>> fetch(
      FetchContext context,
      ExecutorService executor,
      List<PlannedRequest> requests,
      FetchJobs jobs) {
    ReportSource source = Objects.requireNonNull(sources.get(requests.getFirst().report()));
    return jobs.submit(
        context.userId(),
        executor,
        () -> source.fetch(context, requests),
        e -> requests.stream().<Outcome>map(each -> context.missed(each, e)).toList(),
        () -> requests.stream().<Outcome>map(context::late).toList());
  }

  /** Looks for new videos, and waits for what is found: it is counted in the same breath. */
  private List<Discovery> discover(List<UserFetch> users, FetchJobs jobs) {
    List<Job<Discovery>> started = new ArrayList<>();
    for (UserFetch user : users) {
      FetchContext context = user.context();
      user.open().stream()
          .filter(each -> DISCOVERY.contains(each.report()))
          .forEach(each ->
              started.add(
                  jobs.submit(
                      context.userId(),
                      jobs.unlimited(),
                      () -> discover(context, each),
                      e -> Discovery.failed(each, context.missed(each, e)),
                      () -> Discovery.failed(each, context.late(each)))));
    }
    return started.stream().map(Job::await).toList();
  }

  private Discovery discover(FetchContext context, PlannedRequest request) {
    return request.isByPlan()
        ? discovery.discover(context, request)
        : Discovery.none(
            request,
            Objects.requireNonNull(sources.get(request.report())).fetch(context, List.of(request)));
  }

  /** Adds new videos to the requests about videos; after the deadline none of these is begun. */
  private static List<UserFetch> afterDiscovery(
      List<UserFetch> users, List<Discovery> discoveries, Deadline deadline) {
    boolean isLate = deadline.hasPassed();
    Map<ChannelKey, Discovery> byChannel = new HashMap<>();
    discoveries.forEach(each -> byChannel.put(key(each.request()), each));
    return users.stream()
        .map(user ->
            user.step(each -> {
              if (!AFTER_DISCOVERY.contains(each.report())) {
                return new Decision.Fetch(each);
              }
              return isLate
                  ? new Decision.Answer(user.context().late(each))
                  : Admission.afterDiscovery(each, byChannel.get(key(each)));
            }))
        .toList();
  }

  private static ChannelKey key(PlannedRequest request) {
    return new ChannelKey(request.item().userId(), request.channelId());
  }

  private static FetchResult result(
      FetchRequest request,
      List<Outcome> outcomes,
      YouTube.Spending spending,
      FetchLeases leases,
      Deadline deadline) {
    List<Outcome.Rows> rows =
        outcomes.stream()
            .filter(Outcome.Rows.class::isInstance)
            .map(Outcome.Rows.class::cast)
            .toList();
    if (!request.wantsReferences()) {
      return FetchResult.of(
          request,
          rows.stream().map(FetchResult.FetchedBatch::rows).toList(),
          outcomes,
          spending.byBucket());
    }
    HoldResult holding = leases.hold(rows, deadline);
    List<Outcome> all = new ArrayList<>(outcomes);
    all.addAll(holding.missed());
    return FetchResult.of(request, holding.held(), all, spending.byBucket());
  }
}
