package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.Admission.Decision;
import com.ytempire.sidecar.metrics.Report.Provider;
import com.ytempire.sidecar.oauth.AuthorizedYouTube;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.tenancy.Tier;
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
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches reports for many requests with as few calls to Google as can be: nothing that is not due
 * or is cached, and what may travel together together. A request that fails never spoils another.
 * Safe to share between threads.
 */
final class Fetch {
  private static final Logger log = LoggerFactory.getLogger(Fetch.class);

  /**
   * Reports that are not batched and that a fetch asks for at once, of a user: more than the calls
   * that a user may have under way, so that none of these waits for this. The others wait before
   * they have done anything, which takes a fraction of the memory of waiting for a permit.
   */
  private static final int CONCURRENT_REPORTS = 8;

  /** At the end of its time a fetch begins no calls, for so long or for a tenth of it. */
  private static final Duration TIME_TO_END = Duration.ofSeconds(2);

  private final KnownUsers knownUsers;
  private final Planner planner;
  private final AuthorizedYouTube youTube;
  private final Cache cache;
  private final Uploads uploads;
  private final Map<Report, ReportSource> sources = new EnumMap<>(Report.class);
  private final HeldBatches held;
  private final Clock clock;

  Fetch(
      KnownUsers knownUsers,
      Planner planner,
      AuthorizedYouTube youTube,
      Cache cache,
      Uploads uploads,
      List<ReportSource> sources,
      HeldBatches held,
      Clock clock) {
    this.knownUsers = knownUsers;
    this.planner = planner;
    this.youTube = youTube;
    this.cache = cache;
    this.uploads = uploads;
    sources.forEach(source -> source.reports().forEach(report -> this.sources.put(report, source)));
    this.held = held;
    this.clock = clock;
  }

  /**
   * Fetches.
   *
   * @param deadline by which the caller needs its answer; what is not fetched then is missed
   */
  FetchResult fetch(Caller caller, FetchRequest request, Deadline deadline) {
    YouTube.Spending spending = new YouTube.Spending();
    try (FetchLeases leases = new FetchLeases(held, request, holder(caller))) {
      List<Outcome> outcomes = new ArrayList<>();
      List<Discovery> discoveries = new ArrayList<>();
      boolean isDone = false;
      ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
      try {
        List<UserFetch> users = plan(caller, request, terms(caller, request, deadline, spending));
        if (request.isLeased()) {
          users = leases.claim(users, deadline, clock.instant());
        }
        users = cached(users, threads);
        try (Grants.Prefetched prefetched = prefetch(users, deadline)) {
          users.forEach(user -> outcomes.addAll(user.outcomes()));
          List<Job<List<Outcome>>> jobs = start(users, threads);
          List<Job<Discovery>> searches = startDiscovery(users, threads);
          // What is discovered is counted in the same breath.
          discoveries.addAll(collect(searches, deadline, outcomes, Discovery::outcomes));
          if (deadline.hasPassed()) {
            outcomes.addAll(late(users));
          } else {
            jobs.addAll(startVideos(users, discoveries, outcomes, threads));
          }
          collect(jobs, deadline, outcomes, Function.identity());
        }
        isDone = true;
      } finally {
        end(threads, isDone);
      }
      uploads.note(discoveries, HeldBatches.longer(deadline));
      return result(request, outcomes, spending, leases, deadline);
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

  /** Admits the requests of all users; if nothing can be read of them, all are missed. */
  private List<UserFetch> plan(Caller caller, FetchRequest request, FetchContext.Terms terms) {
    Map<UUID, Map<Integer, FetchRequest.Item>> byUser = request.byUser();
    Map<UUID, KnownUser> known = Map.of();
    @Nullable RuntimeException failure = null;
    try {
      known =
          knownUsers.read(
              caller,
              byUser.keySet(),
              request.requests().stream()
                  .map(FetchRequest.Item::report)
                  .collect(Collectors.toSet()),
              terms.deadline());
    } catch (Database.Busy | Database.Unavailable e) {
      failure = e;
    }
    Admission admission = new Admission(planner, request);
    List<UserFetch> users = new ArrayList<>();
    for (Map.Entry<UUID, Map<Integer, FetchRequest.Item>> each : byUser.entrySet()) {
      @Nullable KnownUser user = known.get(each.getKey());
      List<Decision> decisions = new ArrayList<>();
      for (Map.Entry<Integer, FetchRequest.Item> item : each.getValue().entrySet()) {
        decisions.add(
            failure == null
                ? admission.admit(item.getKey(), item.getValue(), user, clock.instant())
                : new Decision.Answer(Outcome.Missed.of(item.getKey(), failure, clock.instant())));
      }
      FetchContext context =
          new FetchContext(
              terms,
              each.getKey(),
              (user == null ? Tier.STARTER : user.tier()).weight(),
              new AnswerCache(cache, each.getKey(), clock));
      users.add(UserFetch.of(context, List.of(), decisions));
    }
    return users;
  }

  /**
   * Answers current statistics from the cache. Other reports are looked up where they are fetched.
   * All users are done before the first call goes out, so that their calls can meet.
   */
  private static List<UserFetch> cached(List<UserFetch> users, ExecutorService threads) {
    List<Future<UserFetch>> lookups =
        users.stream()
            .map(user ->
                threads.submit(() ->
                    user.context()
                        .runAsUser(() -> user.step(each -> cached(user.context(), each)))))
            .toList();
    return lookups.stream().map(Fetch::join).toList();
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
  private Grants.Prefetched prefetch(List<UserFetch> users, Deadline deadline) {
    List<Grants.Key> keys =
        users.stream()
            .flatMap(user ->
                user.open().stream()
                    .map(each -> new Grants.Key(user.context().userId(), each.channelId())))
            .distinct()
            .toList();
    return deadline.supply(() -> youTube.prefetch(keys));
  }

  /** Requests that are fetched together, and what comes of them. */
  private record Job<T>(FetchContext context, List<PlannedRequest> requests, Future<T> result) {}

  /** Starts what does not wait for new videos. */
  private List<Job<List<Outcome>>> start(List<UserFetch> users, ExecutorService threads) {
    List<Job<List<Outcome>>> jobs = new ArrayList<>();
    for (UserFetch user : users) {
      FetchContext context = user.context();
      Semaphore permits = new Semaphore(CONCURRENT_REPORTS, true);
      List<PlannedRequest> channels = openOf(user, Provider.CHANNEL_STATISTICS);
      if (!channels.isEmpty()) {
        jobs.add(fetch(context, channels, threads));
      }
      for (PlannedRequest each : openOf(user, Provider.ANALYTICS, Provider.THUMBNAILS)) {
        jobs.add(
            job(
                context,
                List.of(each),
                threads,
                () -> {
                  permits.acquire();
                  try {
                    return fetchNow(context, List.of(each));
                  } finally {
                    permits.release();
                  }
                }));
      }
    }
    return jobs;
  }

  private static List<PlannedRequest> openOf(UserFetch user, Provider... providers) {
    return user.open().stream()
        .filter(each -> Report.of(providers).contains(each.report()))
        .toList();
  }

  private List<Job<Discovery>> startDiscovery(List<UserFetch> users, ExecutorService threads) {
    List<Job<Discovery>> jobs = new ArrayList<>();
    for (UserFetch user : users) {
      FetchContext context = user.context();
      for (PlannedRequest each : openOf(user, Provider.UPLOADS)) {
        jobs.add(
            job(
                context,
                List.of(each),
                threads,
                () ->
                    guarded(
                        context,
                        () -> discover(context, each),
                        e -> Discovery.failed(each, context.missed(each, e)))));
      }
    }
    return jobs;
  }

  private Discovery discover(FetchContext context, PlannedRequest request) {
    return request.isByPlan()
        ? uploads.discover(context, request)
        : Discovery.none(request, uploads.fetch(context, List.of(request)));
  }

  /** Starts what is about videos, new ones among them. */
  private List<Job<List<Outcome>>> startVideos(
      List<UserFetch> users,
      List<Discovery> discoveries,
      List<Outcome> outcomes,
      ExecutorService threads) {
    Map<Grants.Key, Discovery> byChannel = new HashMap<>();
    discoveries.forEach(each -> byChannel.put(key(each.request()), each));
    List<Job<List<Outcome>>> jobs = new ArrayList<>();
    for (UserFetch user : users) {
      UserFetch videos =
          UserFetch.of(
              user.context(),
              List.of(),
              openOf(user, Provider.VIDEOS).stream()
                  .map(each -> Admission.afterDiscovery(each, byChannel.get(key(each))))
                  .toList());
      outcomes.addAll(videos.outcomes());
      videos.open().stream()
          .collect(Collectors.groupingBy(PlannedRequest::report))
          .values()
          .forEach(requests -> jobs.add(fetch(user.context(), requests, threads)));
    }
    return jobs;
  }

  private static Grants.Key key(PlannedRequest request) {
    return new Grants.Key(request.item().userId(), request.channelId());
  }

  private List<Outcome> late(List<UserFetch> users) {
    return users.stream()
        .flatMap(user -> openOf(user, Provider.VIDEOS).stream())
        .<Outcome>map(each -> Outcome.Missed.late(each.index(), clock.instant()))
        .toList();
  }

  private Job<List<Outcome>> fetch(
      FetchContext context, List<PlannedRequest> requests, ExecutorService threads) {
    return job(context, requests, threads, () -> fetchNow(context, requests));
  }

  private static <T> Job<T> job(
      FetchContext context,
      List<PlannedRequest> requests,
      ExecutorService threads,
      Callable<T> task) {
    return new Job<>(context, requests, threads.submit(task));
  }

  /** Fetches requests of one report. */
  private List<Outcome> fetchNow(FetchContext context, List<PlannedRequest> requests) {
    ReportSource source = Objects.requireNonNull(sources.get(requests.getFirst().report()));
    return guarded(
        context,
        () -> source.fetch(context, requests),
        e -> requests.stream().<Outcome>map(each -> context.missed(each, e)).toList());
  }

  /** Runs a task as its user; what fails unforeseen fails for its requests alone. */
  private static <T> T guarded(
      FetchContext context, Supplier<T> task, Function<RuntimeException, T> failed) {
    return context.runAsUser(() -> {
      try {
        return task.get();
      } catch (Database.Busy | Database.Unavailable e) {
        log.warn("not fetched: {}", e.getMessage());
        return failed.apply(e);
      } catch (RuntimeException e) {
        if (!Thread.currentThread().isInterrupted()) {
          log.error("fetching failed", e);
        }
        return failed.apply(e);
      }
    });
  }

  /**
   * Waits for jobs until the deadline and adds their outcomes. The requests of a job that has not
   * ended by then are missed; what comes of it later is dropped.
   */
  private <T> List<T> collect(
      List<Job<T>> jobs,
      Deadline deadline,
      List<Outcome> outcomes,
      Function<T, List<Outcome>> outcomesOf) {
    List<T> results = new ArrayList<>();
    for (Job<T> job : jobs) {
      Optional<T> result = join(job.result(), deadline);
      if (result.isPresent()) {
        results.add(result.get());
        outcomes.addAll(outcomesOf.apply(result.get()));
      } else {
        job.requests()
            .forEach(each -> outcomes.add(Outcome.Missed.late(each.index(), clock.instant())));
      }
    }
    return results;
  }

  /** Waits for a result; empty when the deadline comes first. */
  private static <T> Optional<T> join(Future<T> job, Deadline deadline) {
    try {
      return Optional.of(job.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException | ExecutionException e) {
      throw failure(e);
    }
  }

  private static <T> T join(Future<T> job) {
    try {
      return job.get();
    } catch (InterruptedException | ExecutionException e) {
      throw failure(e);
    }
  }

  private static RuntimeException failure(Exception cause) {
    if (cause instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      return new IllegalStateException("interrupted while fetching", cause);
    }
    return cause.getCause() instanceof RuntimeException failure
        ? failure
        : new IllegalStateException(cause.getCause());
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
          rows.stream().map(FetchResult.Fetched::rows).toList(),
          outcomes,
          spending.byBucket());
    }
    HeldBatches.HoldResult holding = leases.hold(rows, deadline);
    List<Outcome> all = new ArrayList<>(outcomes);
    all.addAll(holding.missed());
    return FetchResult.of(request, holding.held(), all, spending.byBucket());
  }
}
