package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.Config.Fetching;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.oauth.AuthorizedYouTube;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.BucketStatus;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.QuotaBusy;
import com.ytempire.sidecar.quota.QuotaUnavailable;
import com.ytempire.sidecar.quota.RateLimitHeaders;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
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

  private final TenantAccess tenantAccess;
  private final Clock clock;
  private final boolean isStatisticsPooled;
  private final UploadPlan uploadPlan;
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
    Fetching fetching = config.fetching();
    this.isStatisticsPooled = fetching.isStatisticsPooled();
    this.uploadPlan = new UploadPlan(fetching.isUploadsPushed());
    this.reader = new RowReader(contract);
    this.store = new Store(database, tenantAccess, clock);
    this.uploads = new UploadRoutes(database, access.feeds(), reader, store, uploadSecrets, clock);
    this.held = new HeldBatches(database, clock);
    this.knownUsers = new KnownUsers(database, tenantAccess, clock);
    Uploads uploadSource =
        new Uploads(
            database, youTube, access.feeds(), uploadPlan, uploadSecrets, config.http().publicUrl());
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
            new FetchPlan(knownUsers, new Planner(uploadPlan), access.cache(), clock),
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
    all.addAll(
        new PlanRoutes(tenantAccess, knownUsers, uploadPlan, isStatisticsPooled, clock).endpoints());
    all.addAll(new StoredRowRoutes(tenantAccess).endpoints());
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
            .with(this::sync));
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
    requireStored(body);
    Deadline deadline = request.deadline(body.timeout());
    Map<UUID, KnownUser> known =
        deadline.supply(() -> knownUsers.channels(request.caller(), body.userIds()));
    Map<UUID, Set<String>> channels = body.channels(known);
    requireFewReports(body.size(channels));
    FetchRequest fetchRequest = body.toFetch(channels);
    FetchResult fetched =
        body.size(channels) == 0
            ? new FetchResult(List.of(), List.of(), List.of(), Map.of())
            : request.whileCallerStays(() -> fetchInTurn(request, fetchRequest, deadline));
    return SyncResult.of(
        channels,
        withoutChannels(channels, known.keySet()),
        fetchRequest,
        fetched,
        storeFetched(request.caller(), fetched),
        clock.instant().plus(Outcome.OUTAGE_PAUSE));
  }

  private static void requireStored(SyncRequest body) {
    body.chosenReports().stream()
        .filter(report -> !report.rowKind().isStored())
        .findFirst()
        .ifPresent(report -> {
          throw Problem.invalid(
              "%s is to be read, not stored: fetch it instead.".formatted(report.label()),
              List.of(new Fault("/reports", "must be stored")));
        });
  }

  private static void requireFewReports(long count) {
    if (count > MAX_SYNCED_REPORTS) {
      throw Problem.invalid(
          "%d reports of channels are too many for one sync; name fewer users, reports or days."
              .formatted(count),
          List.of(new Fault("/users", "at most %d reports in all".formatted(MAX_SYNCED_REPORTS))));
    }
  }

  private static List<SyncResult.NotSynced> withoutChannels(
      Map<UUID, Set<String>> channels, Set<UUID> known) {
    List<SyncResult.NotSynced> without = new ArrayList<>();
    channels.forEach((userId, ids) -> {
      if (ids.isEmpty()) {
        boolean isKnown = known.contains(userId);
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
    return without;
  }

  /** Stores group by group; what is not stored stays held, and comes with the next sync. */
  private List<ReferenceStore.BatchResult> storeFetched(Caller caller, FetchResult fetched) {
    List<ReferenceStore.Reference> batches =
        fetched.results().stream()
            .flatMap(each -> Stream.ofNullable(each.reference()))
            .map(each -> new ReferenceStore.Reference(each.userId(), each.batchId()))
            .toList();
    return batches.isEmpty()
        ? List.of()
        : Deadline.after(TIME_TO_STORE).supply(() -> references.store(caller, batches, false));
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
}
