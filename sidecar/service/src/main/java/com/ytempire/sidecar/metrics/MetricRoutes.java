package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.Config.Fetching;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.metrics.StoreDao.After;
import com.ytempire.sidecar.oauth.AuthorizedYouTube;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.BucketStatus;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.QuotaBusy;
import com.ytempire.sidecar.quota.QuotaUnavailable;
import com.ytempire.sidecar.quota.RateLimitHeaders;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Tier;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Routes that fetch metrics from YouTube, store them and read what is stored. */
public final class MetricRoutes {
  private static final Logger log = LoggerFactory.getLogger(MetricRoutes.class);

  /** Fetches that may wait for others to end; each holds its body. */
  private static final int WAITING_FETCHES = 1000;

  /**
   * Who will not wait for a permit still means to be answered by a database that is busy for an
   * instant.
   */
  private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);

  /** The most reports of channels in one sync; as many as a fetch takes. */
  private static final int MAX_SYNCED_REPORTS = 5_000;

  /** How long a sync stores after it has fetched. */
  private static final Duration TIME_TO_STORE = Duration.ofSeconds(120);

  /** A key between 0 and 1 in a page's last row. */
  private static final Pattern RATE = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,9})?");

  private final TenantAccess tenantAccess;
  private final Clock clock;
  private final Fetching fetching;
  private final Planner planner;
  private final UploadRoutes uploads;
  private final Fetch fetch;
  private final KnownUsers knownUsers;
  private final RowReader reader;
  private final Store store;
  private final HeldBatches held;
  private final ReferenceStore references;
  private final Quota quota;
  private final FairScheduler fetches;
  private final UploadSecrets uploadSecrets;
  private final VideoChannels videoChannels;

  public MetricRoutes(
      Database database,
      TenantAccess tenantAccess,
      YouTubeAccess access,
      Contract contract,
      Config config,
      SecretCipher secretCipher,
      Clock clock) {
    this.uploadSecrets = new UploadSecrets(database, secretCipher);
    AuthorizedYouTube youTube = access.calls();
    this.quota = access.quota();
    int concurrentFetches = config.fetching().concurrency().fetches();
    this.fetches =
        new FairScheduler(
            concurrentFetches, concurrentFetches, WAITING_FETCHES, WAITING_FETCHES, clock);
    this.tenantAccess = tenantAccess;
    this.clock = clock;
    this.fetching = config.fetching();
    this.planner = new Planner(fetching.isUploadsPushed());
    this.reader = new RowReader(contract);
    this.store = new Store(database, tenantAccess, clock);
    this.uploads = new UploadRoutes(database, access.feeds(), reader, store, uploadSecrets, clock);
    this.held = new HeldBatches(database, clock);
    this.knownUsers = new KnownUsers(database, tenantAccess, clock);
    Uploads uploadSource =
        new Uploads(
            database, youTube, access.feeds(), planner, uploadSecrets, config.http().publicUrl());
    ReportFiles reportFiles = new ReportFiles(database, youTube);
    List<ReportSource> sources =
        List.of(
            uploadSource,
            new CurrentStatistics(
                youTube,
                uploadSource,
                new VideoChecks(database),
                fetching.isStatisticsPooled(),
                clock),
            new AnalyticsReports(database, youTube, fetching.isVideoDaysByFilter()),
            new Thumbnails(youTube, reportFiles),
            new BulkReports(youTube, reportFiles));
    this.videoChannels =
        new VideoChannels(database, youTube, access.cache(), fetching.isStatisticsPooled(), clock);
    this.fetch =
        new Fetch(
            new FetchPlan(knownUsers, planner, access.cache(), clock),
            youTube,
            uploadSource,
            sources,
            videoChannels,
            held,
            clock);
    this.references = new ReferenceStore(database, tenantAccess, reader, store, clock);
  }

  /** Encrypts secrets of the hub with the primary key where another key, or none, did. */
  public void encryptSecretsAnew() {
    uploadSecrets.encryptAnew();
  }

  public List<Endpoint> endpoints() {
    List<Endpoint> all = new ArrayList<>(own());
    all.addAll(uploads.endpoints());
    all.addAll(new BackfillRoutes(tenantAccess, clock).endpoints());
    return all;
  }

  private List<Endpoint> own() {
    return List.of(
        Endpoint.post(
                "/v1/metrics/fetch",
                "Fetch metrics of many channels from YouTube, thriftily and scheduled fairly")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.SYNC)
            .takes("fetch-request")
            .answers("fetch-result")
            .with(this::fetch),
        Endpoint.post(
                "/v1/metrics/store",
                "Store rows, or rows held by the sidecar; says of each what became of it, after the commit")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("store-request")
            .answers("store-result")
            .with(this::store),
        Endpoint.post(
                "/v1/metrics/sync",
                "Fetch what is new and changed of users' channels and store it; answers counts and what was missed")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("sync-request")
            .answers("sync-result")
            .with(this::sync),
        Endpoint.get(
                "/v1/users/{userId}/plan",
                "Read what a user's channels need from YouTube now, and by which rule")
            .by(OPERATOR, SERVICE, USER)
            .answers("fetch-plan")
            .with(this::plan),
        Endpoint.get(
                "/v1/users/{userId}/metric-breaks",
                "Read on which days YouTube changed what a figure means")
            .by(OPERATOR, SERVICE, USER)
            .answers("metric-breaks")
            .with(this::breaks),
        Endpoint.get(
                "/v1/users/{userId}/metrics/{kind}",
                "Read a user's stored rows of a kind, newest first")
            .by(OPERATOR, SERVICE, USER)
            .query("channelId", "Only this channel's.")
            .query("from", "First day, YYYY-MM-DD.")
            .query("to", "Last day, YYYY-MM-DD.")
            .query("after", "The `next` of the page before.")
            .query("limit", "Rows a page, 1 to 5000; 1000 when left out.")
            .answers("metric-page")
            .in(Endpoint.Bulkhead.LARGE_READ)
            .with(this::read));
  }

  /** Deletes held batches that have expired, of all users; to be called every minute. */
  public void sweepHeldBatches() {
    held.sweep();
  }

  /** What became of rows and references; {@code schemas/store-result.json}. */
  record StoreResponse(
      int stored,
      int updated,
      int unchanged,
      int rejected,
      boolean dryRun,
      List<Store.RowOutcome> rows,
      List<ReferenceStore.BatchResult> references) {}

  private StoreResponse store(Request request) {
    StoreRequest body = StoreRequest.of(request, reader);
    Store.Result ofRows =
        body.rows().isEmpty()
            ? new Store.Result(0, 0, 0, 0, body.isDryRun(), List.of())
            : store.store(
                request.caller(),
                body.rows(),
                // A dry run spends no quota.
                body.isDryRun()
                    ? VideoChannels.Claims.NONE
                    : videoChannels.claims(request.caller(), body.rows()),
                body.isDryRun());
    List<ReferenceStore.BatchResult> ofReferences =
        references.store(request.caller(), body.references(), body.isDryRun());
    return new StoreResponse(
        sum(ofRows.stored(), ofReferences, ReferenceStore.BatchResult::stored),
        sum(ofRows.updated(), ofReferences, ReferenceStore.BatchResult::updated),
        sum(ofRows.unchanged(), ofReferences, ReferenceStore.BatchResult::unchanged),
        sum(ofRows.rejected(), ofReferences, ReferenceStore.BatchResult::rejected),
        body.isDryRun(),
        ofRows.rows(),
        ofReferences);
  }

  private static int sum(
      int ofRows,
      List<ReferenceStore.BatchResult> ofReferences,
      ToIntFunction<ReferenceStore.BatchResult> count) {
    return ofRows + ofReferences.stream().mapToInt(count).sum();
  }

  private FetchResult fetch(Request request) {
    FetchRequest body = request.body(FetchRequest.class);
    if (body.wantsReferences() && request.caller().role() == USER) {
      throw Problem.invalid(
          "References are for tokens that may store; a user's token fetches rows.",
          List.of(new Fault("/output", "must be rows with a user's token")));
    }
    Deadline asksFor = request.deadline(body.timeout());
    Deadline deadline =
        asksFor.remaining().compareTo(SHORTEST_TIMEOUT) < 0
            ? Deadline.after(SHORTEST_TIMEOUT)
            : asksFor;
    // Permits and quota that nobody waits for any more are left to others.
    return request.whileCallerStays(() -> fetchInTurn(request, body, deadline));
  }

  private SyncResult sync(Request request) {
    SyncRequest body = request.body(SyncRequest.class);
    List<String> notStored =
        body.chosenReports().stream()
            .filter(report -> !report.rowKind().isStored())
            .map(Report::label)
            .toList();
    if (!notStored.isEmpty()) {
      throw Problem.invalid(
          "%s is to be read, not stored: fetch it instead.".formatted(notStored.getFirst()),
          List.of(new Fault("/reports", "must be stored")));
    }
    Deadline deadline = request.deadline(body.timeout());
    Map<UUID, KnownUser> known =
        deadline.supply(() -> knownUsers.channels(request.caller(), body.userIds()));
    Map<UUID, Set<String>> channels = body.channels(known);
    List<SyncResult.NotSynced> without = new ArrayList<>();
    channels.forEach((userId, ids) -> {
      if (ids.isEmpty()) {
        boolean isKnown = known.containsKey(userId);
        without.add(
            new SyncResult.NotSynced(
                userId,
                null,
                null,
                isKnown ? Reason.INACTIVE : Reason.UNKNOWN_CHANNEL,
                isKnown
                    ? "The user has no active channel."
                    : String.valueOf(TenantAccess.unknownUser(userId).getMessage()),
                null));
      }
    });
    long items = body.size(channels);
    if (items > MAX_SYNCED_REPORTS) {
      throw Problem.invalid(
          "%d reports of channels are too many for one sync; name fewer users, reports or days."
              .formatted(items),
          List.of(new Fault("/users", "at most %d reports in all".formatted(MAX_SYNCED_REPORTS))));
    }
    FetchRequest fetchRequest = body.toFetch(channels);
    FetchResult fetched =
        items == 0
            ? new FetchResult(List.of(), List.of(), List.of(), Map.of())
            : request.whileCallerStays(() -> fetchInTurn(request, fetchRequest, deadline));
    List<ReferenceStore.Reference> batches =
        fetched.results().stream()
            .flatMap(each -> Stream.ofNullable(each.reference()))
            .map(each -> new ReferenceStore.Reference(each.userId(), each.batchId()))
            .toList();
    // Group by group; what is not stored stays held, and comes with the next sync.
    List<ReferenceStore.BatchResult> stored =
        batches.isEmpty()
            ? List.of()
            : Deadline.after(TIME_TO_STORE)
                .supply(() -> references.store(request.caller(), batches, false));
    return SyncResult.of(
        channels,
        without,
        fetchRequest,
        fetched,
        stored,
        clock.instant().plus(Outcome.OUTAGE_PAUSE));
  }

  private FetchResult fetchInTurn(Request request, FetchRequest body, Deadline deadline) {
    Caller caller = request.caller();
    UUID account = caller.userId() == null ? caller.tokenId() : caller.userId();
    try (FairScheduler.Permit permit = fetches.take(account, 1, caller.role() == USER, deadline)) {
      FetchResult result = fetch.fetch(caller, body, deadline).asOf(clock.instant());
      List<Bucket> spent =
          result.unitsSpent().keySet().stream()
              .flatMap(label -> Bucket.of(label).stream())
              .toList();
      putRateLimits(request, spent, deadline);
      return result;
    } catch (FairScheduler.Busy e) {
      throw Problem.until(
          Type.BUSY,
          "Too many requests to fetch are under way, and none ended in the time given. Ask for more channels in one request rather than more requests at once.",
          clock.instant().plusSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting to fetch", e);
    }
  }

  /**
   * What was fetched is neither lost nor late because what is left of the quota cannot be told in
   * time.
   */
  private void putRateLimits(Request request, List<Bucket> spent, Deadline deadline) {
    if (!spent.isEmpty() && !deadline.hasPassed()) {
      try {
        List<BucketStatus> status = deadline.supply(() -> quota.report().status(spent));
        RateLimitHeaders.put(request, status, clock.instant());
      } catch (QuotaUnavailable | QuotaBusy e) {
        log.info("an answer goes without its RateLimit headers: {}", e.getMessage());
      }
    }
  }

  record ReportPlan(
      String report,
      boolean isDue,
      @Nullable Instant nextDueAt,
      List<LocalDate> days,
      int videos,
      String why) {}

  record ChannelPlan(String channelId, String uploadsBy, List<ReportPlan> reports) {}

  record Plan(Instant asOf, String publicStatistics, List<ChannelPlan> channels) {}

  private Plan plan(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Instant now = clock.instant();
    KnownUser known =
        tenantAccess.as(
            request.caller(),
            userId,
            "metrics.plan",
            handle ->
                knownUsers
                    .read(handle, List.of(userId), EnumSet.allOf(Report.class))
                    .getOrDefault(userId, new KnownUser(Tier.STARTER, false, Map.of())));
    List<ChannelPlan> channels = new ArrayList<>();
    known
        .channels()
        .forEach((channelId, channel) -> {
          if (channel.source().access().isActive()
              && Connection.CONNECTED.is(channel.source().access().connection())) {
            channels.add(
                new ChannelPlan(
                    channelId,
                    planner.isPushed(channel.source(), now) ? "push" : "feed",
                    Stream.of(Report.values())
                        .map(report -> {
                          Planner.Due due = planner.due(report, channel, now);
                          return new ReportPlan(
                              report.label(),
                              due.isDue(),
                              due.nextDueAt(),
                              due.days(),
                              due.videoIds().size(),
                              due.why());
                        })
                        .toList()));
          }
        });
    return new Plan(now, fetching.isStatisticsPooled() ? "pooled" : "by-owner", channels);
  }

  record Breaks(List<PlanDao.Break> breaks) {}

  private Breaks breaks(Request request) {
    return new Breaks(
        tenantAccess.as(
            request.caller(),
            request.id("userId", Type.UNKNOWN_USER),
            "metrics.read",
            handle -> handle.attach(PlanDao.class).breaks()));
  }

  record Page(List<Map<String, @Nullable Object>> rows, @Nullable String next) {}

  private Page read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    RowKind kind =
        RowKind.of(request.path("kind"))
            .filter(RowKind::isStored)
            .orElseThrow(() ->
                Problem.of(
                    Type.NOT_FOUND,
                    "There are no rows of kind '%s'; there are: %s."
                        .formatted(
                            request.path("kind"),
                            String.join(
                                ", ", RowKind.STORED.stream().map(RowKind::label).toList()))));
    @Nullable String channelId = request.query("channelId").orElse(null);
    @Nullable LocalDate from = request.day("from").orElse(null);
    @Nullable LocalDate to = request.day("to").orElse(null);
    int limit = request.number("limit", 1000, 1, 5000);
    @Nullable After after = request.query("after").map(sealed -> open(kind, sealed)).orElse(null);
    List<Map<String, @Nullable Object>> rows =
        tenantAccess.as(
            request.caller(),
            userId,
            "metrics.read",
            handle -> {
              if (channelId != null) {
                Channels.require(handle, channelId);
              }
              return new StoreDao(handle)
                  .read(
                      kind,
                      userId.toString(),
                      channelId,
                      from == null ? null : from.toString(),
                      to == null ? null : to.plusDays(1).toString(),
                      after,
                      limit + 1);
            });
    boolean more = rows.size() > limit;
    List<Map<String, @Nullable Object>> page = more ? rows.subList(0, limit) : rows;
    return new Page(page, more ? seal(kind, page.getLast()) : null);
  }

  private static String seal(RowKind kind, Map<String, @Nullable Object> last) {
    String place =
        last.get(kind.time().json())
            + StoreDao.otherKeys(kind).stream()
                .map(key ->
                    " "
                        + URLEncoder.encode(
                            text(last.getOrDefault(key.json(), "")), StandardCharsets.UTF_8))
                .collect(Collectors.joining());
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(place.getBytes(StandardCharsets.UTF_8));
  }

  /** A key as {@link #open} takes it: without an exponent. */
  private static String text(@Nullable Object key) {
    return key instanceof Double number
        ? BigDecimal.valueOf(number).toPlainString()
        : String.valueOf(key);
  }

  /**
   * Checks a key of a page's last row, which the database is to take as its column's type.
   *
   * @throws IllegalArgumentException when it is of another type
   */
  private static void check(RowKind.Type type, String key) throws InvalidValue {
    if (type == RowKind.Type.DAY) {
      var _ = Timestamps.day(key);
    } else if (type == RowKind.Type.RATE && !RATE.matcher(key).matches()) {
      throw new InvalidValue("must be a number");
    }
  }

  private static After open(RowKind kind, String sealed) {
    try {
      List<String> parts =
          Stream.of(
                  new String(Base64.getUrlDecoder().decode(sealed), StandardCharsets.UTF_8)
                      .split(" ", -1))
              .map(part -> URLDecoder.decode(part, StandardCharsets.UTF_8))
              .toList();
      List<RowKind.Field> keys = StoreDao.otherKeys(kind);
      if (parts.size() == 1 + keys.size()
          && parts.stream().noneMatch(part -> part.chars().anyMatch(Character::isISOControl))) {
        String time =
            kind.time().type() == RowKind.Type.DAY
                ? Timestamps.day(parts.getFirst()).toString()
                : Timestamps.instant(parts.getFirst()).toString();
        for (int key = 0; key < keys.size(); key++) {
          check(keys.get(key).type(), parts.get(key + 1));
        }
        return new After(time, parts.subList(1, parts.size()));
      }
    } catch (IllegalArgumentException | InvalidValue e) {
      // told below
    }
    throw Problem.invalid(
        "`after` is not the `next` of a page of this listing.",
        List.of(new Fault("?after", "must be the `next` of the page before")));
  }
}
