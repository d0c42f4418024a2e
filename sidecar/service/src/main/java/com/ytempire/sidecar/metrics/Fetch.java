package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.FetchWork.Answers;
import com.ytempire.sidecar.metrics.FetchWork.Item;
import com.ytempire.sidecar.metrics.FetchWork.Kept;
import com.ytempire.sidecar.metrics.FetchWork.Result;
import com.ytempire.sidecar.metrics.FetchWork.Wanted;
import com.ytempire.sidecar.metrics.HeldBatchDao.Key;
import com.ytempire.sidecar.metrics.Planner.Due;
import com.ytempire.sidecar.metrics.Planner.Known;
import com.ytempire.sidecar.metrics.Planner.VideoKnown;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.User;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Role;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Fetches what many requests ask for, with as few calls to Google as can be: nothing that is not
 * due, nothing that is at hand, and what may travel together together. What cannot be fetched is
 * told with its reason; it never spoils the rest.
 */
final class Fetch {
  private static final Logger log = LoggerFactory.getLogger(Fetch.class);

  /** After so many days Google has surely finished a day (it says 48 to 72 hours). */
  private static final int ANALYTICS_DELAY_DAYS = 3;

  /** Revenue is slower than views. */
  private static final int REVENUE_DELAY_DAYS = 4;

  private static final int DAYS_DEFAULT = 28;
  private static final int DAYS_MOST = 366;
  private static final int DAYS_MOST_DAY_BY_DAY = 31;

  /** As the contract has it. */
  private static final int DEFAULT_WAIT_SECONDS = 300;

  /**
   * Reports by day that a fetch asks for at once, of a user: more than the calls that a user may
   * have under way, so that none of these waits for this. The others wait before they have done
   * anything, which takes a fraction of the memory of waiting for a permit.
   */
  private static final int DAY_REPORTS_AT_ONCE = 8;

  /** At the end of its time a fetch begins no calls, for so long or for a tenth of it. */
  private static final Duration TIME_TO_END = Duration.ofSeconds(2);

  /** As many days as the plan looks back. */
  private static final int CHECKS_KNOWN_DAYS = 100;

  private final Database database;
  private final TenantAccess tenantAccess;
  private final Grants grants;
  private final Cache cache;
  private final Clock clock;
  private final Planner planner;
  private final CurrentStatistics live;
  private final Uploads uploads;
  private final AnalyticsReports analytics;
  private final Thumbnails thumbnails;
  private final HeldBatches held;

  Fetch(
      Database database,
      TenantAccess tenantAccess,
      Grants grants,
      Cache cache,
      Clock clock,
      Planner planner,
      CurrentStatistics live,
      Uploads uploads,
      AnalyticsReports analytics,
      Thumbnails thumbnails,
      HeldBatches held) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.grants = grants;
    this.cache = cache;
    this.clock = clock;
    this.planner = planner;
    this.live = live;
    this.uploads = uploads;
    this.analytics = analytics;
    this.thumbnails = thumbnails;
    this.held = held;
  }

  /** What to fetch; {@code schemas/fetch-request.json}. */
  record Asked(
      List<Item> requests,
      @Nullable Integer maxAgeMinutes,
      @Nullable Integer waitSeconds,
      @Nullable Boolean onlyDue,
      @Nullable Boolean interactive,
      @Nullable String output) {
    boolean wantsReferences() {
      return "references".equals(output);
    }

    /** How long the caller waits. */
    Duration timeout() {
      return Duration.ofSeconds(waitSeconds == null ? DEFAULT_WAIT_SECONDS : waitSeconds);
    }

    boolean isByPlan() {
      return Boolean.TRUE.equals(onlyDue);
    }

    /** Whether what is fetched is leased to one run at a time. */
    boolean isLeased() {
      return wantsReferences() && isByPlan();
    }
  }

  /** What is known of a user. */
  record KnownUser(String tier, boolean isActive, Map<String, Known> channels) {}

  /** What was learned of the users asked for; {@code failure}: why nothing was. */
  private record KnownUsers(Map<UUID, KnownUser> users, @Nullable RuntimeException failure) {}

  /** One user's requests that go on. */
  private record Planned(FetchWork work, List<Wanted> wanted) {}

  /**
   * What a run has leased, and which batches of earlier runs it is to store.
   *
   * @param holder names the run
   */
  private record Leases(String holder, Map<UUID, Set<Key>> keys, List<BatchReference> waiting) {}

  /**
   * Fetches.
   *
   * @param deadline by which the caller needs its answer; what is not fetched then is missed
   */
  Result fetch(Caller caller, Asked asked, Deadline deadline) {
    YouTube.Spending spending = new YouTube.Spending();
    Answers answers = new Answers();
    FetchWork.UploadsRead uploadsRead = new FetchWork.UploadsRead();
    @Nullable Duration maxAge =
        asked.maxAgeMinutes() == null ? null : Duration.ofMinutes(asked.maxAgeMinutes());
    Map<UUID, Map<Integer, Item>> byUser = new LinkedHashMap<>();
    for (int index = 0; index < asked.requests().size(); index++) {
      Item item = asked.requests().get(index);
      byUser.computeIfAbsent(item.userId(), id -> new LinkedHashMap<>()).put(index, item);
    }
    // A user's own token is a person, or an agent that one waits for.
    boolean isInteractive =
        asked.interactive() == null ? caller.role() == Role.USER : asked.interactive();
    KnownUsers known = knownOf(caller, asked, byUser.keySet(), deadline);
    Deadline lastCall = lastCall(deadline);
    Leases leases = new Leases(holder(caller), new HashMap<>(), new ArrayList<>());
    boolean isDone = false;
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      List<Future<Planned>> planning = new ArrayList<>();
      byUser.forEach((userId, items) -> {
        @Nullable KnownUser user = known.users().get(userId);
        FetchWork work =
            new FetchWork(
                userId,
                user == null ? 1 : User.weight(user.tier()),
                isInteractive,
                deadline,
                lastCall,
                spending,
                answers,
                uploadsRead,
                maxAge,
                cache,
                clock);
        planning.add(
            threads.submit(() ->
                work.runAsUser(() -> plan(work, user, known.failure(), items, answers, asked))));
      });
      // All users are planned before the first call goes out, so that their calls can meet.
      List<Planned> planned = planning.stream().map(Fetch::await).toList();
      if (asked.isLeased()) {
        planned =
            leased(
                byUser,
                planned,
                leases,
                answers,
                deadline,
                clock.instant().plus(asked.timeout()),
                threads);
      }
      try (Grants.Prefetched prefetched = prefetched(planned, deadline)) {
        if (!run(threads, planned, deadline)) {
          answers.close(
              planned.stream().flatMap(each -> each.wanted().stream()).toList(),
              clock.instant().plus(FetchWork.BUSY_FOR));
        }
      }
      isDone = true;
    } finally {
      end(threads, isDone);
      if (!isDone && !leases.keys().isEmpty()) {
        release(leases);
      }
    }
    boolean isAnswered = false;
    try {
      note(uploadsRead.all(), HeldBatches.longer(deadline));
      Result result = answers.result(spending.byBucket());
      if (asked.wantsReferences()) {
        result =
            held.hold(
                result,
                asked.requests(),
                asked.isByPlan(),
                leases.holder(),
                leases.keys(),
                leases.waiting(),
                deadline);
      }
      isAnswered = true;
      return result;
    } finally {
      if (!isAnswered && !leases.keys().isEmpty()) {
        release(leases);
      }
    }
  }

  /**
   * Ends the threads of a fetch. Calls that are under way at its deadline have been paid for: they
   * are left to end, no others begin, and what they bring is in the cache for the next try. A fetch
   * that failed, or whose caller is gone, ends at once.
   */
  private static void end(ExecutorService threads, boolean isDone) {
    if (isDone) {
      threads.shutdown();
      return;
    }
    List<Runnable> unused = threads.shutdownNow();
    threads.close();
  }

  private static Deadline lastCall(Deadline deadline) {
    Duration left = deadline.remaining();
    Duration tenth = left.dividedBy(10);
    return Deadline.after(left.minus(tenth.compareTo(TIME_TO_END) < 0 ? tenth : TIME_TO_END));
  }

  /** Ends the leases of a fetch that failed; its caller may be gone, and the time it had. */
  private void release(Leases leases) {
    boolean wasInterrupted = Thread.interrupted();
    held.release(leases.holder(), leases.keys());
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The run: an execution of a workflow, or else this request. */
  private static String holder(Caller caller) {
    return caller.executionId() == null
        ? UUID.randomUUID().toString()
        : caller.tokenId() + " " + caller.workflowId() + " " + caller.executionId();
  }

  /**
   * Leaves out what another run is at, and what an earlier run has fetched lately and not stored:
   * its batch is answered instead.
   */
  private List<Planned> leased(
      Map<UUID, Map<Integer, Item>> byUser,
      List<Planned> planned,
      Leases leases,
      Answers answers,
      Deadline deadline,
      Instant latestEnd,
      ExecutorService threads) {
    Map<UUID, HeldBatches.ClaimRequest> wishes = new HashMap<>();
    for (Planned each : planned) {
      UUID userId = each.work().userId;
      Set<Key> asked = new HashSet<>();
      byUser
          .getOrDefault(userId, Map.of())
          .values()
          .forEach(item -> asked.add(new Key(item.channelId(), item.report())));
      Set<Key> due = new HashSet<>();
      each.wanted().forEach(one -> due.add(key(one)));
      wishes.put(userId, new HeldBatches.ClaimRequest(due, asked));
    }
    Map<UUID, HeldBatches.ClaimResult> claims;
    try {
      claims = deadline.supply(() -> held.claim(leases.holder(), wishes, latestEnd));
    } catch (Database.Busy | Database.Unavailable e) {
      // Nothing is fetched that another run may be at.
      planned.forEach(each -> each.wanted().forEach(one -> each.work().missed(one, e)));
      return List.of();
    }
    List<Future<Planned>> left = new ArrayList<>();
    for (Planned each : planned) {
      UUID userId = each.work().userId;
      HeldBatches.ClaimResult claimed = Objects.requireNonNull(claims.get(userId));
      leases.keys().put(userId, claimed.leased());
      for (HeldBatchDao.HeldBatch batch : claimed.waiting()) {
        leases.waiting().add(batch.of(userId));
        byUser
            .getOrDefault(userId, Map.of())
            .forEach((index, item) -> {
              if (batch.key().equals(new Key(item.channelId(), item.report()))) {
                answers.fetched(
                    new FetchWork.Fetched(index, null, batch.of(userId), batch.fetchedAt(), true));
              }
            });
      }
      left.add(
          threads.submit(
              () -> each.work().runAsUser(() -> notLeasedElsewhere(each, claimed, answers))));
    }
    return left.stream().map(Fetch::await).toList();
  }

  private Planned notLeasedElsewhere(
      Planned planned, HeldBatches.ClaimResult claimed, Answers answers) {
    FetchWork work = planned.work();
    List<Wanted> left = new ArrayList<>();
    for (Wanted one : planned.wanted()) {
      @Nullable Instant leasedUntil = claimed.elsewhere().get(key(one));
      if (leasedUntil != null) {
        answers.notDue(new FetchWork.NotDue(one.index(), leasedUntil, "in-progress"));
        continue;
      }
      boolean isYoung =
          claimed.waiting().stream()
              .anyMatch(batch ->
                  batch.key().equals(key(one))
                      && batch.fetchedAt().plus(one.report().fresh()).isAfter(clock.instant()));
      if (!isYoung && !answeredAtOnce(work, one)) {
        left.add(one);
      }
    }
    return new Planned(work, left);
  }

  private static Key key(Wanted one) {
    return new Key(one.channelId(), one.report().label());
  }

  /**
   * Reads in one transaction what all users' plans need, and writes it to their audit logs. What
   * cannot be read until the deadline is told of every request.
   */
  private KnownUsers knownOf(Caller caller, Asked asked, Set<UUID> userIds, Deadline deadline) {
    Set<Report> reports = new TreeSet<>();
    asked.requests().forEach(item -> reports.add(Report.of(item.report())));
    // A user's token sees nobody else, whoever there is.
    List<UUID> allowed =
        userIds.stream().filter(userId -> TenantAccess.mayActFor(caller, userId)).toList();
    if (allowed.isEmpty()) {
      return new KnownUsers(Map.of(), null);
    }
    try {
      return new KnownUsers(
          // Repeatable: when in doubt the audit log says once more that it was asked.
          deadline.supply(() ->
              database
                  .idempotent()
                  .acrossTenants(handle -> {
                    Map<UUID, KnownUser> users = known(handle, allowed, reports);
                    tenantAccess.auditEach(handle, caller, users.keySet(), "metrics.fetch");
                    return users;
                  })),
          null);
    } catch (Database.Busy | Database.Unavailable e) {
      return new KnownUsers(Map.of(), e);
    }
  }

  /** Reads the grants of all channels that will be asked for at once. */
  private Grants.Prefetched prefetched(List<Planned> planned, Deadline deadline) {
    List<Grants.Key> keys =
        planned.stream()
            .flatMap(each ->
                each.wanted().stream()
                    .map(one -> new Grants.Key(each.work().userId, one.channelId())))
            .distinct()
            .toList();
    return deadline.supply(() -> grants.prefetch(keys));
  }

  /**
   * Notes what was read, of all channels at once. If that fails it is read once more next time,
   * which is a unit lost and no harm done.
   */
  private void note(List<FetchWork.UploadRead> reads, Deadline deadline) {
    if (reads.isEmpty()) {
      return;
    }
    try {
      deadline.supply(() ->
          database
              .idempotent()
              .acrossTenants(handle ->
                  String.valueOf(
                      handle
                          .attach(PlanDao.class)
                          .uploadsRead(
                              reads.stream().map(FetchWork.UploadRead::userId).toArray(UUID[]::new),
                              reads.stream()
                                  .map(FetchWork.UploadRead::channelId)
                                  .toArray(String[]::new),
                              moments(reads, FetchWork.UploadRead::feed),
                              moments(reads, FetchWork.UploadRead::playlist)))));
    } catch (Database.Busy | Database.Unavailable e) {
      log.warn("what was read of uploads is not noted: {}", e.getMessage());
    }
  }

  private static @Nullable String[] moments(
      List<FetchWork.UploadRead> reads, Function<FetchWork.UploadRead, @Nullable Instant> moment) {
    @Nullable String[] moments = new String[reads.size()];
    for (int i = 0; i < moments.length; i++) {
      @Nullable Instant at = moment.apply(reads.get(i));
      moments[i] = at == null ? null : at.toString();
    }
    return moments;
  }

  /**
   * Fetches what is left to fetch.
   *
   * @return whether all of it has its answer; false when the deadline came first
   */
  private boolean run(ExecutorService threads, List<Planned> planned, Deadline deadline) {
    List<Future<?>> running = new ArrayList<>();
    List<Future<?>> finding = new ArrayList<>();
    for (Planned each : planned) {
      each.wanted().stream()
          .filter(one -> one.report() == Report.RECENT_UPLOADS)
          .forEach(one ->
              finding.add(
                  submit(threads, each.work(), List.of(one), () -> uploads(each.work(), one))));
      together(
          each,
          Report.CHANNEL_STATISTICS,
          (work, all) ->
              running.add(submit(threads, work, all, () -> live.channelStatistics(work, all))));
      Semaphore permits = new Semaphore(DAY_REPORTS_AT_ONCE, true);
      each.wanted().stream()
          .filter(one -> one.report().isAnalytics())
          .forEach(one ->
              running.add(
                  submit(
                      threads,
                      permits,
                      each.work(),
                      List.of(one),
                      () -> analytics.fetch(each.work(), one))));
      each.wanted().stream()
          .filter(one -> one.report() == Report.THUMBNAIL_DAY)
          .forEach(one ->
              running.add(
                  submit(
                      threads,
                      permits,
                      each.work(),
                      List.of(one),
                      () -> thumbnails.fetch(each.work(), one))));
    }
    // What was found just now is counted in the same breath.
    if (!await(finding, deadline)) {
      return false;
    }
    for (Planned each : planned) {
      together(
          each,
          Report.VIDEO_STATISTICS,
          (work, all) ->
              running.add(
                  submit(
                      threads, work, all, () -> live.videoStatistics(work, videosOf(work, all)))));
      together(
          each,
          Report.VIDEO_DETAILS,
          (work, all) ->
              running.add(
                  submit(threads, work, all, () -> live.videoDetails(work, videosOf(work, all)))));
    }
    return await(running, deadline);
  }

  /** Waits until all have ended; answers false when the deadline comes first. */
  private static boolean await(List<Future<?>> jobs, Deadline deadline) {
    for (Future<?> job : jobs) {
      try {
        job.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while fetching", e);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException failure
            ? failure
            : new IllegalStateException(e.getCause());
      }
    }
    return true;
  }

  @FunctionalInterface
  private interface Together {
    void job(FetchWork work, List<Wanted> all);
  }

  private static void together(Planned planned, Report report, Together job) {
    List<Wanted> all = planned.wanted().stream().filter(one -> one.report() == report).toList();
    if (!all.isEmpty()) {
      job.job(planned.work(), all);
    }
  }

  /** As {@link #submit(ExecutorService, FetchWork, List, Runnable)}, when a permit is free. */
  private Future<?> submit(
      ExecutorService threads, Semaphore permits, FetchWork work, List<Wanted> all, Runnable job) {
    return threads.submit(() -> {
      permits.acquire();
      try {
        return run(work, all, job);
      } finally {
        permits.release();
      }
    });
  }

  private Future<?> submit(
      ExecutorService threads, FetchWork work, List<Wanted> all, Runnable job) {
    return threads.submit(() -> run(work, all, job));
  }

  /** Runs a job as its user; what fails unforeseen fails for these requests alone. */
  private static boolean run(FetchWork work, List<Wanted> all, Runnable job) {
    return work.runAsUser(() -> {
      try {
        job.run();
      } catch (RuntimeException e) {
        if (e instanceof Database.Busy || e instanceof Database.Unavailable) {
          log.warn("not fetched: {}", e.getMessage());
        } else if (!Thread.currentThread().isInterrupted()) {
          log.error("fetching failed", e);
        }
        all.forEach(one -> work.missed(one, e));
      }
      return true;
    });
  }

  private static <T> T await(Future<T> job) {
    try {
      return job.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while fetching", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * One user's requests: what can be answered at once is answered here, the rest goes on.
   *
   * @param user null when there is none, or when it could not be read because of {@code failure}
   */
  private Planned plan(
      FetchWork work,
      @Nullable KnownUser user,
      @Nullable RuntimeException failure,
      Map<Integer, Item> items,
      Answers answers,
      Asked asked) {
    List<Wanted> wanted = new ArrayList<>();
    items.forEach((index, item) -> {
      if (failure != null) {
        work.missed(index, item, failure);
      } else if (user == null) {
        answers.missed(
            index,
            item,
            "unknown-channel",
            String.valueOf(TenantAccess.unknownUser(item.userId()).getMessage()),
            null);
      } else if (!user.isActive()) {
        answers.missed(index, item, "inactive", "The user is not active.", null);
      } else {
        @Nullable Wanted one =
            accept(index, item, user.channels().get(item.channelId()), answers, asked);
        // What is to be leased first is answered from the cache after that.
        if (one != null && (asked.isLeased() || !answeredAtOnce(work, one))) {
          wanted.add(one);
        }
      }
    });
    return new Planned(work, wanted);
  }

  /**
   * What is stored of users, as far as these reports' plans need it: a statement for each kind of
   * thing, however many users and channels. Users that do not exist are left out.
   */
  Map<UUID, KnownUser> known(Handle handle, List<UUID> userIds, Set<Report> reports) {
    PlanDao dao = handle.attach(PlanDao.class);
    UUID[] ids = userIds.toArray(UUID[]::new);
    Database.noteEntered(handle, ids);
    Instant now = clock.instant();
    Map<Grants.Key, Map<Report, Map<LocalDate, Instant>>> checks = new HashMap<>();
    if (reports.stream()
        .anyMatch(report -> report.isAnalytics() || report == Report.THUMBNAIL_DAY)) {
      LocalDate since = LocalDate.ofInstant(now, Bucket.PACIFIC).minusDays(CHECKS_KNOWN_DAYS);
      for (PlanDao.Checks each : dao.checks(ids, since)) {
        Map<LocalDate, Instant> days = new HashMap<>();
        for (int i = 0; i < each.days().size(); i++) {
          days.put(each.days().get(i), each.checked().get(i));
        }
        checks
            .computeIfAbsent(
                new Grants.Key(each.userId(), each.channelId()), key -> new HashMap<>())
            .put(Report.of(each.report()), days);
      }
    }
    Map<Grants.Key, List<VideoKnown>> videos = new HashMap<>();
    if (!Collections.disjoint(
        reports, Set.of(Report.VIDEO_STATISTICS, Report.VIDEO_DETAILS, Report.RECENT_UPLOADS))) {
      for (PlanDao.VideoSeen video : dao.videos(ids, now.atOffset(ZoneOffset.UTC))) {
        videos
            .computeIfAbsent(
                new Grants.Key(video.userId(), video.channelId()), key -> new ArrayList<>())
            .add(
                new VideoKnown(
                    video.videoId(),
                    video.publishedAt(),
                    video.refreshedAt(),
                    video.hasDetails(),
                    video.observedAt()));
      }
    }
    Map<UUID, KnownUser> users = new LinkedHashMap<>();
    for (PlanDao.Owner owner : dao.owners(ids)) {
      users.put(
          owner.userId(),
          new KnownUser(owner.subscriptionTier(), owner.isActive(), new LinkedHashMap<>()));
    }
    for (PlanDao.Source source : dao.sources(ids)) {
      KnownUser user = users.get(source.userId());
      if (user != null) {
        Grants.Key key = new Grants.Key(source.userId(), source.channelId());
        user.channels()
            .put(
                source.channelId(),
                new Known(
                    source,
                    source.statisticsAt(),
                    checks.getOrDefault(key, Map.of()),
                    videos.getOrDefault(key, List.of())));
      }
    }
    return users;
  }

  private @Nullable Wanted accept(
      int index, Item item, @Nullable Known channel, Answers answers, Asked asked) {
    boolean onlyDue = asked.isByPlan();
    if (channel == null) {
      answers.missed(
          index,
          item,
          "unknown-channel",
          "This user has no channel '%s'.".formatted(item.channelId()),
          null);
      return null;
    }
    if (!channel.source().isActive()) {
      answers.missed(
          index,
          item,
          "inactive",
          "The channel is not active. Activate it to fetch its metrics.",
          null);
      return null;
    }
    String connection = channel.source().connection();
    if (!connection.equals("connected")) {
      answers.missed(
          index,
          item,
          connection,
          connection.equals("reconnect-needed")
              ? "Google no longer takes our grant. Send the owner a new connect link."
              : "The channel was never connected. Send the owner a connect link.",
          null);
      return null;
    }
    Report report = Report.of(item.report());
    @Nullable String fault = faultOf(item, report, onlyDue, asked.wantsReferences());
    if (fault != null) {
      answers.missed(index, item, "refused", fault, null);
      return null;
    }
    if (report.isRevenue() && !channel.source().allowsRevenue() && !onlyDue) {
      answers.missed(
          index,
          item,
          "wrong-scope",
          "The owner did not allow revenue to be read. Send a new connect link that asks for it.",
          null);
      return null;
    }
    LocalDate today = LocalDate.ofInstant(clock.instant(), Bucket.PACIFIC);
    if (onlyDue) {
      Instant now = clock.instant();
      Due due = planner.due(report, channel, now);
      // Videos that are found in this very fetch are counted in it.
      boolean mayBeFound =
          report == Report.VIDEO_STATISTICS
              && planner.due(Report.RECENT_UPLOADS, channel, now).isDue();
      if (!due.isDue() && !mayBeFound) {
        answers.notDue(new FetchWork.NotDue(index, due.nextDueAt()));
        return null;
      }
      LocalDate last = due.days().isEmpty() ? today : due.days().getFirst();
      LocalDate first = due.days().isEmpty() ? today : due.days().getLast();
      return new Wanted(index, item, report, first, last, channel, due);
    }
    int delay = report.isRevenue() ? REVENUE_DELAY_DAYS : ANALYTICS_DELAY_DAYS;
    LocalDate last = item.endDate() == null ? today.minusDays(delay) : item.endDate();
    LocalDate first =
        item.startDate() != null
            ? item.startDate()
            : report.isDayByDay() && item.videoIds() == null
                ? last
                : last.minusDays(DAYS_DEFAULT - 1);
    long days = ChronoUnit.DAYS.between(first, last) + 1;
    long most = report.isDayByDay() ? DAYS_MOST_DAY_BY_DAY : DAYS_MOST;
    if (days < 1 || days > most || last.isAfter(today)) {
      answers.missed(
          index,
          item,
          "refused",
          "From %s to %s cannot be asked: the first day must not come after the last, the last not after today (%s), and %s takes at most %d days."
              .formatted(first, last, today, report.label(), most),
          null);
      return null;
    }
    return new Wanted(index, item, report, first, last, channel, null);
  }

  /** What does not belong together in a request; null: nothing. */
  private static @Nullable String faultOf(
      Item item, Report report, boolean onlyDue, boolean wantsReferences) {
    if (wantsReferences && (report == Report.TOP_VIDEOS || report == Report.RETENTION)) {
      return "%s is to be read, not stored: fetch it with output rows.".formatted(report.label());
    }
    if (onlyDue
        && (item.startDate() != null || item.endDate() != null || item.videoIds() != null)) {
      return "With onlyDue the plan chooses days and videos: leave startDate, endDate and videoIds out.";
    }
    if (report == Report.RETENTION
        && !onlyDue
        && (item.videoIds() == null || item.videoIds().size() != 1)) {
      return "A retention curve is of one video: name exactly one in videoIds.";
    }
    if (item.metrics() != null && !report.isAnalytics()) {
      return "%s has no choice of metrics: leave metrics out.".formatted(report.label());
    }
    if (item.metrics() != null) {
      for (String label : item.metrics()) {
        if (report.rowMetrics().stream().noneMatch(metric -> metric.label().equals(label))) {
          return "%s has no %s: leave it out of metrics.".formatted(report.label(), label);
        }
      }
    }
    if (item.sortBy() != null && report != Report.TOP_VIDEOS) {
      return "Only top-videos can be sorted: leave sortBy out.";
    }
    if (item.limit() != null && report != Report.TOP_VIDEOS && report != Report.RECENT_UPLOADS) {
      return "Only top-videos and recent-uploads take a limit: leave limit out.";
    }
    return null;
  }

  /** Answers current statistics that are cached and still hold; returns whether it did. */
  private static boolean answeredAtOnce(FetchWork work, Wanted one) {
    boolean keptWhole =
        switch (one.report()) {
          case CHANNEL_STATISTICS -> true;
          case VIDEO_STATISTICS, VIDEO_DETAILS -> one.due() == null;
          default -> false; // looked up where it is fetched
        };
    if (!keptWhole) {
      return false;
    }
    @Nullable Kept kept = work.kept(one.cacheKey(), work.maxAge(one.report())).orElse(null);
    if (kept == null) {
      return false;
    }
    work.fromCache(one, kept);
    return true;
  }

  private void uploads(FetchWork work, Wanted one) {
    try {
      if (one.due() != null) {
        List<JsonNode> rows = uploads.due(work, one);
        work.found.put(one.channelId(), rows);
        if (!rows.isEmpty() || !work.notFound.containsKey(one.channelId())) {
          work.fresh(one, rows);
        }
        return;
      }
      Uploads.Recent recent = uploads.recent(work, one, work.maxAge(Report.RECENT_UPLOADS));
      if (recent.wasKept()) {
        work.fromCache(one, recent.kept());
      } else {
        work.fresh(one, recent.kept().rows());
      }
    } catch (YouTubeException | Grants.NotConnected e) {
      work.notFound.put(one.channelId(), e);
      work.missed(one, e);
    } catch (RuntimeException e) {
      work.notFound.put(one.channelId(), e);
      throw e;
    }
  }

  /** The videos of each request: those named, those due, or the recent uploads. */
  private Map<Wanted, List<String>> videosOf(FetchWork work, List<Wanted> all) {
    Map<Wanted, List<String>> ids = new LinkedHashMap<>();
    for (Wanted one : all) {
      try {
        List<String> videos = videosOf(work, one);
        @Nullable RuntimeException cause = work.notFound.get(one.channelId());
        if (videos.isEmpty() && one.due() != null && cause != null) {
          // Not an answer without videos: there may be some.
          work.missed(one, cause);
        } else {
          ids.put(one, videos);
        }
      } catch (YouTubeException | Grants.NotConnected e) {
        work.missed(one, e);
      }
    }
    return ids;
  }

  private List<String> videosOf(FetchWork work, Wanted one) {
    if (one.item().videoIds() != null) {
      return one.item().videoIds();
    }
    if (one.due() == null) {
      return uploads.recent(work, one, Report.RECENT_UPLOADS.fresh()).kept().rows().stream()
          .map(row -> FetchWork.text(row, "videoId"))
          .toList();
    }
    Set<String> ids = new TreeSet<>(one.due().videoIds());
    if (one.report() == Report.VIDEO_STATISTICS) {
      Set<String> known = new TreeSet<>();
      one.channel().videos().forEach(video -> known.add(video.videoId()));
      work.found.getOrDefault(one.channelId(), List.of()).stream()
          .map(row -> FetchWork.text(row, "videoId"))
          .filter(id -> !known.contains(id))
          .forEach(ids::add);
    }
    return List.copyOf(ids);
  }
}
