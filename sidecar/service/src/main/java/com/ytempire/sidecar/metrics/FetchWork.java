package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.metrics.Planner.Known;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.LargeAnswer;
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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One user's part of a fetch: for whom, until when, what was answered, and what is at hand. */
final class FetchWork {
  private static final Duration KEEP = Duration.ofDays(1);

  /** After so long whoever was turned away may find room. */
  static final Duration BUSY_FOR = Duration.ofSeconds(30);

  final UUID userId;
  private final int weight;
  private final boolean isInteractive;
  private final Deadline deadline;
  private final Deadline lastCall;
  private final YouTube.Spending spending;
  private final Answers answers;
  private final @Nullable Duration maxAge;
  private final Cache cache;
  private final Clock clock;

  private final UploadsRead uploadsRead;

  /** Videos that this fetch found, by channel; they are not stored yet. */
  final Map<String, List<JsonNode>> found = new ConcurrentHashMap<>();

  /** Why this fetch does not know which videos a channel has new, by channel. */
  final Map<String, RuntimeException> notFound = new ConcurrentHashMap<>();

  /**
   * Makes a user's part of a fetch.
   *
   * @param deadline by which the answer is needed
   * @param lastCall after which no call to Google begins, so that those under way can end
   */
  FetchWork(
      UUID userId,
      int weight,
      boolean isInteractive,
      Deadline deadline,
      Deadline lastCall,
      YouTube.Spending spending,
      Answers answers,
      UploadsRead uploadsRead,
      @Nullable Duration maxAge,
      Cache cache,
      Clock clock) {
    this.uploadsRead = uploadsRead;
    this.userId = userId;
    this.weight = weight;
    this.isInteractive = isInteractive;
    this.deadline = deadline;
    this.lastCall = lastCall;
    this.spending = spending;
    this.answers = answers;
    this.maxAge = maxAge;
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
      @Nullable List<String> videoIds,
      @Nullable List<String> metrics,
      @Nullable String sortBy,
      @Nullable Integer limit) {}

  /**
   * A request with its place, on the way to an answer.
   *
   * @param due what the plan says of it; null: asked for as it stands
   */
  record Wanted(
      int index,
      Item item,
      Report report,
      LocalDate first,
      LocalDate last,
      Known channel,
      Planner.@Nullable Due due) {
    String channelId() {
      return item.channelId();
    }

    PlanDao.Source source() {
      return channel.source();
    }

    /** The metrics asked for, or all that the report has. */
    List<Metric> metrics() {
      return item.metrics() == null
          ? report.metrics()
          : item.metrics().stream().map(label -> Metric.of(label).orElseThrow()).toList();
    }

    /** The same about one day. */
    Wanted on(LocalDate day) {
      return new Wanted(index, item, report, day, day, channel, due);
    }

    String cacheKey() {
      List<String> parts = new ArrayList<>(List.of(item.channelId(), report.label()));
      if (report.isAnalytics() || report == Report.THUMBNAIL_DAY) {
        parts.add(first + ".." + last);
      }
      if (item.videoIds() != null) {
        parts.add(String.join(",", item.videoIds().stream().sorted().toList()));
      }
      if (item.metrics() != null) {
        parts.add(String.join(",", item.metrics().stream().sorted().toList()));
      }
      if (item.sortBy() != null || item.limit() != null) {
        parts.add(item.sortBy() + " " + item.limit());
      }
      return String.join(":", parts);
    }
  }

  /**
   * What came of one request: its rows, or, when they are held, what is held of them. Rows are
   * packed as they come, so that those of all users are never in memory as trees.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Fetched(
      int request,
      @Nullable PackedRows rows,
      @Nullable BatchReference reference,
      Instant fetchedAt,
      boolean fromCache) {
    static Fetched rows(int request, List<JsonNode> rows, Instant fetchedAt, boolean fromCache) {
      return new Fetched(request, PackedRows.of(rows), null, fetchedAt, fromCache);
    }

    /** The same with what is held in place of the rows; null: there are none to hold. */
    Fetched as(@Nullable BatchReference held) {
      return new Fetched(request, null, held, fetchedAt, fromCache);
    }
  }

  /** A request that could not be served, and why. */
  record NotFetched(
      int request,
      UUID userId,
      String channelId,
      String report,
      String reason,
      String message,
      @Nullable Instant retryAt,
      @Nullable Long retryAfterSeconds) {
    NotFetched(
        int request,
        UUID userId,
        String channelId,
        String report,
        String reason,
        String message,
        @Nullable Instant retryAt) {
      this(request, userId, channelId, report, reason, message, retryAt, null);
    }

    /** The same with its time to wait; a part of a second counts as one. */
    private NotFetched asOf(Instant now) {
      return retryAt == null
          ? this
          : new NotFetched(
              request,
              userId,
              channelId,
              report,
              reason,
              message,
              retryAt,
              Math.max(0, Duration.between(now, retryAt).plusMillis(999).toSeconds()));
    }
  }

  /**
   * A request that was left alone.
   *
   * @param reason {@code not-due} by plan, or {@code in-progress} because another run is at it
   */
  record NotDue(int request, @Nullable Instant nextDueAt, String reason) {
    NotDue(int request, @Nullable Instant nextDueAt) {
      this(request, nextDueAt, "not-due");
    }
  }

  /** {@code schemas/fetch-result.json}. */
  record Result(
      List<Fetched> results,
      List<NotFetched> notFetched,
      List<NotDue> notDue,
      Map<String, Long> unitsSpent)
      implements LargeAnswer {
    /** The same, where what was not fetched says how long to wait from this moment on. */
    Result asOf(Instant now) {
      return new Result(
          results, notFetched.stream().map(each -> each.asOf(now)).toList(), notDue, unitsSpent);
    }
  }

  /** The answers as they come in, from many threads. */
  static final class Answers {
    private final List<Fetched> fetched = new ArrayList<>();
    private final List<NotFetched> missed = new ArrayList<>();
    private final List<NotDue> notDue = new ArrayList<>();
    private boolean isClosed;

    synchronized void fetched(Fetched one) {
      if (!isClosed) {
        fetched.add(one);
      }
    }

    synchronized void notDue(NotDue one) {
      if (!isClosed) {
        notDue.add(one);
      }
    }

    synchronized void missed(
        int index, Item item, String reason, String message, @Nullable Instant retryAt) {
      if (!isClosed) {
        missed.add(
            new NotFetched(
                index, item.userId(), item.channelId(), item.report(), reason, message, retryAt));
      }
    }

    /**
     * Takes no more answers: what is not answered by now is missed because the time is over. What
     * comes later is dropped.
     */
    synchronized void close(Collection<Wanted> wanted, Instant retryAt) {
      Set<Integer> answered = new HashSet<>();
      // A batch of an earlier run answers nothing that is fetched anew.
      fetched.stream()
          .filter(one -> one.rows() != null)
          .forEach(one -> answered.add(one.request()));
      missed.forEach(one -> answered.add(one.request()));
      notDue.forEach(one -> answered.add(one.request()));
      for (Wanted one : wanted) {
        if (!answered.contains(one.index())) {
          missed(
              one.index(),
              one.item(),
              "busy",
              "YouTube did not answer in the time given. Wait longer, or ask for less at once.",
              retryAt);
        }
      }
      isClosed = true;
    }

    synchronized Result result(Map<String, Long> units) {
      fetched.sort(Comparator.comparingInt(Fetched::request));
      missed.sort(Comparator.comparingInt(NotFetched::request));
      notDue.sort(Comparator.comparingInt(NotDue::request));
      return new Result(
          List.copyOf(fetched), List.copyOf(missed), List.copyOf(notDue), new TreeMap<>(units));
    }
  }

  /**
   * What the cache holds of a request.
   *
   * @param etag Google's mark of it, when it has one
   */
  record Kept(Instant fetchedAt, List<JsonNode> rows, @Nullable String etag) {}

  /** Feeds and playlists that a fetch has read, to be noted of all channels at once. */
  static final class UploadsRead {
    private final List<UploadRead> all = new ArrayList<>();

    private synchronized void add(UploadRead one) {
      all.add(one);
    }

    synchronized List<UploadRead> all() {
      return List.copyOf(all);
    }
  }

  /** When a channel's feed and playlist were read; null: not read. */
  record UploadRead(
      UUID userId, String channelId, @Nullable Instant feed, @Nullable Instant playlist) {}

  void feedRead(String channelId, Instant at) {
    uploadsRead.add(new UploadRead(userId, channelId, at, null));
  }

  void playlistRead(String channelId, Instant at) {
    uploadsRead.add(new UploadRead(userId, channelId, null, at));
  }

  Instant now() {
    return clock.instant();
  }

  /** A call by a grant; without a token, by the API key. */
  YouTube.Call call(@Nullable String accessToken) {
    return new YouTube.Call(
        userId,
        weight,
        isInteractive,
        accessToken,
        clock.instant().plus(lastCall.remaining()),
        spending);
  }

  /** Time until the caller needs its answer; zero when that has passed. */
  Duration remaining() {
    return deadline.remaining();
  }

  /** Runs a job for the user, within the deadline: both are bound to the current thread. */
  <T> T runAsUser(Supplier<T> job) {
    try {
      return deadline.call(() -> Tenant.as(userId, job::get));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  Duration maxAge(Report report) {
    return maxAge == null ? report.fresh() : maxAge;
  }

  /** What is at hand and young enough. */
  Optional<Kept> kept(String key, Duration age) {
    return age.isZero() ? Optional.empty() : keptSince(key, clock.instant().minus(age));
  }

  /** What is at hand and was fetched at this moment or later; what is older is not decrypted. */
  Optional<Kept> keptSince(String key, Instant notBefore) {
    return cache
        .get(userId, key, notBefore)
        .map(FetchWork::read)
        .filter(kept -> !kept.fetchedAt().isBefore(notBefore));
  }

  /** What is at hand, however old. */
  Optional<Kept> lastKept(String key) {
    return cache.get(userId, key).map(FetchWork::read);
  }

  private static Kept read(String text) {
    return Json.MAPPER.readValue(text, Kept.class);
  }

  Kept keep(String key, List<JsonNode> rows, @Nullable String etag) {
    return keep(key, rows, etag, clock.instant());
  }

  /** As {@link #keep(String, List, String)}, of what Google said at this moment. */
  Kept keep(String key, List<JsonNode> rows, @Nullable String etag, Instant fetchedAt) {
    Kept kept = new Kept(fetchedAt.truncatedTo(ChronoUnit.SECONDS), rows, etag);
    cache.put(userId, key, Json.MAPPER.writeValueAsString(kept), kept.fetchedAt(), KEEP);
    return kept;
  }

  void fresh(Wanted one, List<JsonNode> rows) {
    fresh(one, rows, clock.instant());
  }

  /** As {@link #fresh(Wanted, List)}, of what Google said at this moment. */
  void fresh(Wanted one, List<JsonNode> rows, Instant fetchedAt) {
    answers.fetched(
        Fetched.rows(one.index(), rows, fetchedAt.truncatedTo(ChronoUnit.SECONDS), false));
  }

  void fromCache(Wanted one, Kept kept) {
    answers.fetched(Fetched.rows(one.index(), kept.rows(), kept.fetchedAt(), true));
  }

  void notDue(Wanted one, @Nullable Instant nextDueAt) {
    answers.notDue(new NotDue(one.index(), nextDueAt));
  }

  /** Says why a request was not served; what nobody foresaw is unavailable. */
  void missed(Wanted one, RuntimeException cause) {
    missed(one.index(), one.item(), cause);
  }

  /** As {@link #missed(Wanted, RuntimeException)}, of a request that was not planned. */
  void missed(int index, Item item, RuntimeException cause) {
    if (cause instanceof Grants.NotConnected) {
      answers.missed(
          index,
          item,
          "not-connected",
          "The channel was never connected. Send the owner a connect link.",
          null);
      return;
    }
    missed(
        index,
        item,
        cause instanceof YouTubeException e
            ? e.failure()
            : cause instanceof Database.Busy || cause instanceof FairScheduler.Busy
                ? new Failure.Busy(
                    cause.getMessage() + " Wait longer, or ask for less at once.",
                    clock.instant().plus(BUSY_FOR))
                : new Failure.Unavailable(
                    cause instanceof Database.Unavailable
                        ? "The database is away; try again."
                        : "Something went wrong here; it is in our log.",
                    clock.instant().plusSeconds(60)));
  }

  void missed(Wanted one, String reason, String message, @Nullable Instant retryAt) {
    answers.missed(one.index(), one.item(), reason, message, retryAt);
  }

  void missed(Wanted one, Failure failure) {
    missed(one.index(), one.item(), failure);
  }

  private void missed(int index, Item item, Failure failure) {
    switch (failure) {
      case Failure.QuotaExhausted f ->
          answers.missed(index, item, "quota-exhausted", f.message(), f.resetsAt());
      case Failure.RateLimited f -> answers.missed(index, item, "busy", f.message(), f.retryAt());
      case Failure.Busy f -> answers.missed(index, item, "busy", f.message(), f.retryAt());
      case Failure.Unavailable f ->
          answers.missed(index, item, "unavailable", f.message(), f.retryAt());
      case Failure.Unauthenticated f ->
          answers.missed(index, item, "unavailable", f.message(), f.retryAt());
      case Failure.ApiDisabled f ->
          answers.missed(index, item, "unavailable", f.message(), f.retryAt());
      case Failure.GrantDead f ->
          answers.missed(
              index,
              item,
              "reconnect-needed",
              f.message() + " Send the owner a new connect link.",
              null);
      case Failure.ScopeMissing f ->
          answers.missed(
              index,
              item,
              "wrong-scope",
              f.message() + " Send the owner a new connect link.",
              null);
      case Failure.NotMonetised f ->
          answers.missed(index, item, "not-monetised", f.message(), null);
      case Failure.Refused f -> answers.missed(index, item, "refused", f.message(), null);
    }
  }

  /**
   * Whether Google refused this lately, by plan: such an answer is for good, so it is not asked
   * again at every tick. What was said then is said again.
   */
  boolean wasRefused(Wanted one) {
    if (one.due() == null) {
      return false;
    }
    Optional<Refusal> refusal =
        cache
            .get(userId, refusalKey(one))
            .map(text -> Json.MAPPER.readValue(text, Refusal.class))
            .filter(found -> clock.instant().isBefore(found.until()));
    refusal.ifPresent(found -> missed(one, found.reason(), found.message(), found.until()));
    return refusal.isPresent();
  }

  /** Says why a request was not served, and remembers what will stay so. */
  void missedForGood(Wanted one, Failure failure) {
    missed(one, failure);
    String reason =
        switch (failure) {
          case Failure.Refused f -> "refused";
          case Failure.ScopeMissing f -> "wrong-scope";
          default -> "";
        };
    if (one.due() != null && !reason.isEmpty()) {
      Refusal refusal =
          new Refusal(reason, failure.message(), clock.instant().plus(one.report().fresh()));
      cache.put(userId, refusalKey(one), Json.MAPPER.writeValueAsString(refusal), KEEP);
    }
  }

  private record Refusal(String reason, String message, Instant until) {}

  private static String refusalKey(Wanted one) {
    return one.channelId() + ":" + one.report().label() + ":refused";
  }

  /** A row of a kind, with what every row has. */
  ObjectNode row(String kind, String channelId) {
    return Json.MAPPER
        .createObjectNode()
        .put("kind", kind)
        .put("userId", userId.toString())
        .put("channelId", channelId);
  }

  /** Writes a metric the way the contract has it. */
  static void put(ObjectNode row, Metric metric, BigDecimal value) {
    switch (metric.kind()) {
      case COUNT -> row.put(metric.label(), value.longValue());
      case PERCENT, RATIO -> row.put(metric.label(), value.doubleValue());
      case MONEY ->
          row.put(metric.label(), value.setScale(4, RoundingMode.HALF_EVEN).toPlainString());
    }
  }

  static String text(JsonNode row, String field) {
    return Objects.requireNonNull(row.get(field)).stringValue();
  }
}
