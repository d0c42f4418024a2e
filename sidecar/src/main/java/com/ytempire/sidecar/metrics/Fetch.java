package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.metrics.FetchDao.Source;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.tenancy.Acting;
import com.ytempire.sidecar.tenancy.User;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.Metric;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fetches what many requests ask for, with as few calls to Google as can be: one for the statistics
 * of all channels of a user, one for the statistics of up to 50 of its videos, none for what the
 * cache still holds. What cannot be fetched is told with its reason; it never spoils the rest.
 */
final class Fetch {
  private static final Logger log = LoggerFactory.getLogger(Fetch.class);

  /** After so many days Google has surely finished a day (it says 48 to 72 hours). */
  private static final int ANALYTICS_DELAY_DAYS = 3;

  /**
   * Revenue is slower than views. A video's day is asked for once by default, so it waits for the
   * revenue.
   */
  private static final int REVENUE_DELAY_DAYS = 4;

  private static final int CHANNEL_DAYS_DEFAULT = 28;
  private static final int CHANNEL_DAYS_MOST = 366;
  private static final int VIDEO_DAYS_MOST = 31;
  private static final int UPLOADS = 10;
  private static final int IDS_PER_CALL = 50;
  private static final Duration KEEP = Duration.ofDays(1);
  private static final Duration ASK_AGAIN_ABOUT_REVENUE = Duration.ofDays(7);

  private final Acting acting;
  private final Database database;
  private final Grants grants;
  private final YouTube youTube;
  private final Cache cache;
  private final Clock clock;

  Fetch(
      Acting acting, Database database, Grants grants, YouTube youTube, Cache cache, Clock clock) {
    this.acting = acting;
    this.database = database;
    this.grants = grants;
    this.youTube = youTube;
    this.cache = cache;
    this.clock = clock;
  }

  /** One thing to fetch; {@code schemas/fetch-request.json}. */
  record Item(
      UUID userId,
      String channelId,
      String report,
      @Nullable LocalDate startDate,
      @Nullable LocalDate endDate,
      @Nullable List<String> videoIds) {}

  /** What to fetch. */
  record Asked(
      List<Item> requests, @Nullable Integer maxAgeMinutes, @Nullable Integer waitSeconds) {}

  /** Rows of one request. */
  record Fetched(int request, List<JsonNode> rows, Instant fetchedAt, boolean fromCache) {}

  /** A request that could not be served, and why. */
  record NotFetched(
      int request,
      UUID userId,
      String channelId,
      String report,
      String reason,
      String message,
      @Nullable Instant retryAt) {}

  /** {@code schemas/fetch-result.json}. */
  record Result(List<Fetched> results, List<NotFetched> notFetched, Map<String, Long> unitsSpent) {}

  /** A request with its place, on the way to an answer. */
  private record Wanted(
      int index, Item item, Report report, LocalDate first, LocalDate last, Source source) {
    String cacheKey() {
      String what =
          switch (report) {
            case CHANNEL_STATISTICS, RECENT_UPLOADS -> "now";
            case VIDEO_STATISTICS ->
                item.videoIds() == null
                    ? "recent"
                    : String.join(",", item.videoIds().stream().sorted().toList());
            case CHANNEL_DAY, VIDEO_DAY -> first + ".." + last;
          };
      return Fetch.cacheKey(item.channelId(), report, what);
    }
  }

  private static String cacheKey(String channelId, Report report, String what) {
    return String.join(":", channelId, report.label(), what);
  }

  /** What the cache holds of a request. */
  record Kept(Instant fetchedAt, List<JsonNode> rows) {
    @JsonIgnore
    boolean isAtMost(Duration age, Instant now) {
      return !fetchedAt.isBefore(now.minus(age));
    }
  }

  /** The answers as they come in, from many threads. */
  private static final class Answers {
    private final List<Fetched> fetched = new ArrayList<>();
    private final List<NotFetched> missed = new ArrayList<>();

    synchronized void fetched(Fetched one) {
      fetched.add(one);
    }

    synchronized void missed(
        int index, Item item, String reason, String message, @Nullable Instant retryAt) {
      missed.add(
          new NotFetched(
              index, item.userId(), item.channelId(), item.report(), reason, message, retryAt));
    }

    synchronized Result result(Map<String, Long> units) {
      fetched.sort(Comparator.comparingInt(Fetched::request));
      missed.sort(Comparator.comparingInt(NotFetched::request));
      return new Result(List.copyOf(fetched), List.copyOf(missed), new TreeMap<>(units));
    }
  }

  /** What a user's part of the work shares. */
  private record Work(
      UUID userId,
      int weight,
      Instant deadline,
      YouTube.Spending spending,
      Answers answers,
      @Nullable Duration maxAge,
      Map<String, Object> uploadLocks) {
    /**
     * Two reports need a channel's uploads; the second waits for the first and finds them in the
     * cache.
     */
    Object uploadLock(String channelId) {
      return uploadLocks.computeIfAbsent(channelId, id -> new Object());
    }

    Duration maxAge(Report report) {
      return maxAge == null ? report.fresh() : maxAge;
    }

    YouTube.Call call(String accessToken) {
      return new YouTube.Call(userId, weight, accessToken, deadline, spending);
    }
  }

  Result fetch(Caller caller, Asked asked) {
    Instant deadline =
        clock.instant().plusSeconds(asked.waitSeconds() == null ? 300 : asked.waitSeconds());
    YouTube.Spending spending = new YouTube.Spending();
    Answers answers = new Answers();
    @Nullable Duration maxAge =
        asked.maxAgeMinutes() == null ? null : Duration.ofMinutes(asked.maxAgeMinutes());
    Map<UUID, Map<Integer, Item>> byUser = new LinkedHashMap<>();
    for (int index = 0; index < asked.requests().size(); index++) {
      Item item = asked.requests().get(index);
      byUser.computeIfAbsent(item.userId(), id -> new LinkedHashMap<>()).put(index, item);
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      byUser.forEach((userId, items) -> {
        for (Runnable job : plan(caller, userId, items, deadline, spending, answers, maxAge)) {
          running.add(threads.submit(() -> Tenant.run(userId, job)));
        }
      });
      for (Future<?> job : running) {
        await(job);
      }
    }
    return answers.result(spending.byBucket());
  }

  private static void await(Future<?> job) {
    try {
      job.get();
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
   * One user's requests as jobs that may run side by side; what can be refused at once is refused
   * here.
   */
  private List<Runnable> plan(
      Caller caller,
      UUID userId,
      Map<Integer, Item> items,
      Instant deadline,
      YouTube.Spending spending,
      Answers answers,
      @Nullable Duration maxAge) {
    record Known(List<Source> sources, List<String> tier) {}
    Known known;
    try {
      known =
          acting.as(
              caller,
              userId,
              "metrics.fetch",
              handle -> {
                FetchDao dao = handle.attach(FetchDao.class);
                return new Known(dao.sources(), dao.tierIfActive());
              });
    } catch (Problem e) {
      items.forEach((index, item) ->
          answers.missed(index, item, "unknown-channel", String.valueOf(e.getMessage()), null));
      return List.of();
    }
    if (known.tier().isEmpty()) {
      items.forEach((index, item) ->
          answers.missed(index, item, "inactive", "The user is not active.", null));
      return List.of();
    }
    Map<String, Source> sources = new HashMap<>();
    known.sources().forEach(source -> sources.put(source.channelId(), source));
    Work work =
        new Work(
            userId,
            User.weight(known.tier().getFirst()),
            deadline,
            spending,
            answers,
            maxAge,
            new ConcurrentHashMap<>());
    Map<Report, List<Wanted>> wanted = new TreeMap<>();
    items.forEach((index, item) -> {
      Wanted one = accept(index, item, sources.get(item.channelId()), answers);
      if (one != null && !answerFromCache(work, one)) {
        wanted.computeIfAbsent(one.report(), report -> new ArrayList<>()).add(one);
      }
    });
    List<Runnable> jobs = new ArrayList<>();
    wanted.forEach((report, all) -> {
      switch (report) {
        case CHANNEL_STATISTICS -> jobs.add(guarded(work, all, () -> channelStatistics(work, all)));
        case VIDEO_STATISTICS -> jobs.add(guarded(work, all, () -> videoStatistics(work, all)));
        case RECENT_UPLOADS ->
            all.forEach(one ->
                jobs.add(
                    guarded(
                        work,
                        List.of(one),
                        () ->
                            each(
                                work,
                                one,
                                () ->
                                    uploads(
                                        work, one.source(), work.maxAge(Report.RECENT_UPLOADS))))));
        case CHANNEL_DAY ->
            all.forEach(one ->
                jobs.add(
                    guarded(
                        work, List.of(one), () -> each(work, one, () -> channelDays(work, one)))));
        case VIDEO_DAY ->
            all.forEach(one ->
                jobs.add(
                    guarded(
                        work, List.of(one), () -> each(work, one, () -> videoDays(work, one)))));
      }
    });
    return jobs;
  }

  /** What fails unforeseen fails for these requests alone. */
  private Runnable guarded(Work work, List<Wanted> all, Runnable job) {
    return () -> {
      try {
        job.run();
      } catch (RuntimeException e) {
        log.error("fetching failed", e);
        String message =
            e instanceof Database.Unavailable
                ? "The database is away; try again."
                : "Something went wrong here; it is in our log.";
        miss(work, all, new Failure.Unavailable(message, clock.instant().plusSeconds(60)));
      }
    };
  }

  private @Nullable Wanted accept(int index, Item item, @Nullable Source source, Answers answers) {
    if (source == null) {
      answers.missed(
          index,
          item,
          "unknown-channel",
          "This user has no channel '%s'.".formatted(item.channelId()),
          null);
      return null;
    }
    if (!source.isActive()) {
      answers.missed(
          index,
          item,
          "inactive",
          "The channel is not active. Activate it to fetch its metrics.",
          null);
      return null;
    }
    if (!source.connection().equals("connected")) {
      boolean dead = source.connection().equals("reconnect-needed");
      answers.missed(
          index,
          item,
          source.connection(),
          dead
              ? "Google no longer takes our grant. Send the owner a new connect link."
              : "The channel was never connected. Send the owner a connect link.",
          null);
      return null;
    }
    Report report = Report.of(item.report());
    LocalDate today = LocalDate.ofInstant(clock.instant(), Bucket.PACIFIC);
    int delay = report == Report.VIDEO_DAY ? REVENUE_DELAY_DAYS : ANALYTICS_DELAY_DAYS;
    LocalDate last = item.endDate() == null ? today.minusDays(delay) : item.endDate();
    LocalDate first =
        item.startDate() != null
            ? item.startDate()
            : report == Report.CHANNEL_DAY ? last.minusDays(CHANNEL_DAYS_DEFAULT - 1) : last;
    long days = ChronoUnit.DAYS.between(first, last) + 1;
    long most = report == Report.VIDEO_DAY ? VIDEO_DAYS_MOST : CHANNEL_DAYS_MOST;
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
    return new Wanted(index, item, report, first, last, source);
  }

  private boolean answerFromCache(Work work, Wanted one) {
    Optional<Kept> kept = kept(work, one.cacheKey(), work.maxAge(one.report()));
    kept.ifPresent(found ->
        work.answers().fetched(new Fetched(one.index(), found.rows(), found.fetchedAt(), true)));
    return kept.isPresent();
  }

  private Optional<Kept> kept(Work work, String key, Duration age) {
    if (age.isZero()) {
      return Optional.empty();
    }
    return cache
        .get(work.userId(), key)
        .map(text -> Json.MAPPER.readValue(text, Kept.class))
        .filter(kept -> kept.isAtMost(age, clock.instant()));
  }

  private Kept keep(Work work, String key, List<JsonNode> rows) {
    Kept kept = new Kept(clock.instant().truncatedTo(ChronoUnit.SECONDS), rows);
    cache.put(work.userId(), key, Json.MAPPER.writeValueAsString(kept), KEEP);
    return kept;
  }

  private void answer(Work work, Wanted one, List<JsonNode> rows) {
    Kept kept = keep(work, one.cacheKey(), rows);
    work.answers().fetched(new Fetched(one.index(), rows, kept.fetchedAt(), false));
  }

  @FunctionalInterface
  private interface Rows {
    List<JsonNode> fetch();
  }

  private void each(Work work, Wanted one, Rows rows) {
    try {
      answer(work, one, rows.fetch());
    } catch (YouTubeException e) {
      miss(work, List.of(one), e.failure());
    } catch (Grants.NotConnected e) {
      missUnconnected(work, one);
    }
  }

  private void miss(Work work, List<Wanted> all, Failure failure) {
    for (Wanted one : all) {
      switch (failure) {
        case Failure.QuotaExhausted f ->
            work.answers()
                .missed(one.index(), one.item(), "quota-exhausted", f.message(), f.resetsAt());
        case Failure.RateLimited f ->
            work.answers().missed(one.index(), one.item(), "busy", f.message(), f.retryAt());
        case Failure.Busy f ->
            work.answers().missed(one.index(), one.item(), "busy", f.message(), f.retryAt());
        case Failure.Unavailable f ->
            work.answers().missed(one.index(), one.item(), "unavailable", f.message(), f.retryAt());
        case Failure.GrantDead f ->
            work.answers()
                .missed(
                    one.index(),
                    one.item(),
                    "reconnect-needed",
                    f.message() + " Send the owner a new connect link.",
                    null);
        case Failure.ScopeMissing f ->
            work.answers()
                .missed(
                    one.index(),
                    one.item(),
                    "wrong-scope",
                    f.message() + " Send the owner a new connect link.",
                    null);
        case Failure.NotMonetised f ->
            work.answers().missed(one.index(), one.item(), "not-monetised", f.message(), null);
        case Failure.Refused f ->
            work.answers().missed(one.index(), one.item(), "refused", f.message(), null);
      }
    }
    log.info(
        "not fetched: {} x {} of user {}: {}",
        all.size(),
        all.getFirst().report().label(),
        work.userId(),
        failure.message());
  }

  private static void missUnconnected(Work work, Wanted one) {
    work.answers()
        .missed(
            one.index(),
            one.item(),
            "not-connected",
            "The channel was never connected. Send the owner a connect link.",
            null);
  }

  /**
   * Any of the user's grants may read public totals of all its channels: one call for all, by the
   * first grant that works.
   */
  private void channelStatistics(Work work, List<Wanted> all) {
    withAnyGrant(
        work,
        all,
        (token, living) -> {
          Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
          Map<String, YouTube.ChannelTotals> totals = new HashMap<>();
          youTube
              .channelTotals(
                  work.call(token),
                  living.stream().map(one -> one.item().channelId()).distinct().toList())
              .forEach(channel -> totals.put(channel.channelId(), channel));
          for (Wanted one : living) {
            YouTube.ChannelTotals channel = totals.get(one.item().channelId());
            if (channel == null) {
              work.answers()
                  .missed(
                      one.index(),
                      one.item(),
                      "refused",
                      "YouTube no longer shows this channel.",
                      null);
              continue;
            }
            ObjectNode row = row("channel-statistics", work.userId(), one.item().channelId());
            row.put("observedAt", now.toString())
                .put("views", channel.views())
                .put("subscribers", channel.subscribers())
                .put("videos", channel.videos());
            answer(work, one, List.of(row));
          }
        });
  }

  private void videoStatistics(Work work, List<Wanted> all) {
    Map<String, Wanted> byVideo = new LinkedHashMap<>();
    List<Wanted> ready = new ArrayList<>();
    for (Wanted one : all) {
      List<String> asked = one.item().videoIds();
      try {
        List<String> ids = asked != null ? asked : recentVideoIds(work, one.source());
        ids.forEach(id -> byVideo.put(id, one));
        ready.add(one);
      } catch (YouTubeException e) {
        miss(work, List.of(one), e.failure());
      } catch (Grants.NotConnected e) {
        missUnconnected(work, one);
      }
    }
    if (ready.isEmpty()) {
      return;
    }
    withAnyGrant(
        work,
        ready,
        (token, living) -> {
          Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
          Map<Integer, List<JsonNode>> rows = new HashMap<>();
          living.forEach(one -> rows.put(one.index(), new ArrayList<>()));
          List<String> ids =
              byVideo.keySet().stream().filter(id -> living.contains(byVideo.get(id))).toList();
          for (int from = 0; from < ids.size(); from += IDS_PER_CALL) {
            List<String> some = ids.subList(from, Math.min(from + IDS_PER_CALL, ids.size()));
            for (YouTube.VideoTotals video : youTube.videoTotals(work.call(token), some)) {
              Wanted one = byVideo.get(video.videoId());
              if (one != null) {
                ObjectNode row = row("video-statistics", work.userId(), one.item().channelId());
                row.put("videoId", video.videoId())
                    .put("observedAt", now.toString())
                    .put("views", video.views())
                    .put("likes", video.likes())
                    .put("comments", video.comments());
                Objects.requireNonNull(rows.get(one.index())).add(row);
              }
            }
          }
          living.forEach(one -> answer(work, one, Objects.requireNonNull(rows.get(one.index()))));
        });
  }

  /** A call that serves several channels of a user at once. */
  @FunctionalInterface
  private interface Shared {
    void ask(String accessToken, List<Wanted> living);
  }

  /**
   * Tries the grants of the channels asked for, one after the other; a dead one is marked and
   * passed over.
   */
  private void withAnyGrant(Work work, List<Wanted> all, Shared call) {
    List<Wanted> left = new ArrayList<>(all);
    while (!left.isEmpty()) {
      Wanted first = left.getFirst();
      try {
        List<Wanted> living = List.copyOf(left);
        grants.with(
            first.item().channelId(),
            token -> {
              call.ask(token, living);
              return true;
            });
        return;
      } catch (Grants.NotConnected e) {
        left.removeIf(one -> sameChannel(one, first));
        all.stream()
            .filter(one -> sameChannel(one, first))
            .forEach(one -> missUnconnected(work, one));
      } catch (YouTubeException e) {
        if (!(e.failure() instanceof Failure.GrantDead)) {
          miss(work, left, e.failure());
          return;
        }
        left.removeIf(one -> sameChannel(one, first));
        miss(work, all.stream().filter(one -> sameChannel(one, first)).toList(), e.failure());
      }
    }
  }

  private static boolean sameChannel(Wanted a, Wanted b) {
    return a.item().channelId().equals(b.item().channelId());
  }

  /** The newest uploads as rows; asked of Google once, whichever report needs them first. */
  private List<JsonNode> uploads(Work work, Source source, Duration age) {
    String playlist = source.uploadsPlaylistId();
    if (playlist == null) {
      throw new Grants.NotConnected(source.channelId());
    }
    String key = cacheKey(source.channelId(), Report.RECENT_UPLOADS, "now");
    synchronized (work.uploadLock(source.channelId())) {
      return kept(work, key, age)
          .orElseGet(() -> keep(work, key, askUploads(work, source.channelId(), playlist)))
          .rows();
    }
  }

  private List<JsonNode> askUploads(Work work, String channelId, String playlist) {
    List<JsonNode> rows = new ArrayList<>();
    for (YouTube.Upload upload :
        grants.with(
            channelId, token -> youTube.recentUploads(work.call(token), playlist, UPLOADS))) {
      rows.add(
          row("video", work.userId(), channelId)
              .put("videoId", upload.videoId())
              .put("title", upload.title())
              .put("publishedAt", upload.publishedAt().toString()));
    }
    return rows;
  }

  private List<String> recentVideoIds(Work work, Source source) {
    return uploads(work, source, Report.RECENT_UPLOADS.fresh()).stream()
        .map(row -> row.get("videoId").stringValue())
        .toList();
  }

  /**
   * Core metrics and revenue are two queries: a slow metric in one would cut the last days off the
   * others.
   */
  private List<JsonNode> channelDays(Work work, Wanted one) {
    String channelId = one.item().channelId();
    Map<String, ObjectNode> byDay = new TreeMap<>();
    List<YouTube.Measured> core =
        grants.with(
            channelId,
            token -> youTube.channelDays(work.call(token), channelId, one.first(), one.last()));
    merge(core, byDay, day -> row("channel-day", work.userId(), channelId).put("day", day));
    merge(
        revenue(
            one.source(),
            () ->
                grants.with(
                    channelId,
                    token ->
                        youTube.channelRevenueDays(
                            work.call(token), channelId, one.first(), one.last()))),
        byDay,
        day -> row("channel-day", work.userId(), channelId).put("day", day));
    return List.copyOf(byDay.values());
  }

  private List<JsonNode> videoDays(Work work, Wanted one) {
    String channelId = one.item().channelId();
    List<JsonNode> rows = new ArrayList<>();
    for (LocalDate each = one.first(); !each.isAfter(one.last()); each = each.plusDays(1)) {
      LocalDate day = each;
      Map<String, ObjectNode> byVideo = new LinkedHashMap<>();
      Function<String, ObjectNode> newRow =
          video ->
              row("video-day", work.userId(), channelId)
                  .put("videoId", video)
                  .put("day", day.toString());
      merge(
          grants.with(channelId, token -> youTube.videosOfDay(work.call(token), channelId, day)),
          byVideo,
          newRow);
      merge(
          revenue(
              one.source(),
              () ->
                  grants.with(
                      channelId,
                      token -> youTube.videoRevenueOfDay(work.call(token), channelId, day))),
          byVideo,
          newRow);
      rows.addAll(byVideo.values());
    }
    return rows;
  }

  @FunctionalInterface
  private interface RevenueQuery {
    List<YouTube.Measured> ask();
  }

  /**
   * Asked only of channels that are not known to have none; what YouTube answers is remembered for
   * a week.
   */
  private List<YouTube.Measured> revenue(Source source, RevenueQuery query) {
    boolean knownToHaveNone = Boolean.FALSE.equals(source.monetised());
    Instant askedAt = source.monetisedAskedAt();
    if (knownToHaveNone
        && askedAt != null
        && clock.instant().isBefore(askedAt.plus(ASK_AGAIN_ABOUT_REVENUE))) {
      return List.of();
    }
    try {
      List<YouTube.Measured> rows = query.ask();
      if (!Boolean.TRUE.equals(source.monetised())) {
        remember(source, true);
      }
      return rows;
    } catch (YouTubeException e) {
      if (e.failure() instanceof Failure.NotMonetised) {
        remember(source, false);
        return List.of();
      }
      throw e;
    }
  }

  private void remember(Source source, boolean monetised) {
    database.asTenant(handle ->
        handle
            .attach(FetchDao.class)
            .setMonetised(source.channelId(), monetised, clock.instant().atOffset(ZoneOffset.UTC)));
  }

  private static void merge(
      List<YouTube.Measured> measured,
      Map<String, ObjectNode> into,
      Function<String, ObjectNode> newRow) {
    for (YouTube.Measured each : measured) {
      ObjectNode row = into.computeIfAbsent(each.key(), newRow);
      each.metrics().forEach((metric, value) -> put(row, metric, value));
    }
  }

  private static void put(ObjectNode row, Metric metric, BigDecimal value) {
    switch (metric.kind()) {
      case COUNT -> row.put(metric.label(), value.longValue());
      case PERCENT -> row.put(metric.label(), value.doubleValue());
      case MONEY ->
          row.put(metric.label(), value.setScale(4, RoundingMode.HALF_EVEN).toPlainString());
    }
  }

  private static ObjectNode row(String kind, UUID userId, String channelId) {
    return Json.MAPPER
        .createObjectNode()
        .put("kind", kind)
        .put("userId", userId.toString())
        .put("channelId", channelId);
  }
}
