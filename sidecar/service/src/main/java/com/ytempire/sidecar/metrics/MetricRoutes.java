package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.FetchSettings;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.oauth.AuthorizedYouTube;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.LargeAnswer;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** Routes that fetch metrics from YouTube, store them and read what is stored. */
public final class MetricRoutes {
  /**
   * Who will not wait for a permit still means to be answered by a database that is busy for an
   * instant.
   */
  private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);

  private final TenantAccess tenantAccess;
  private final Clock clock;
  private final boolean isStatisticsPooled;
  private final UploadPlan uploadPlan;
  private final UploadRoutes uploads;
  private final KnownUsers knownUsers;
  private final RowReader reader;
  private final Store store;
  private final HeldBatches held;
  private final ReferenceStore references;
  private final ScheduledFetches fetches;
  private final UploadSecrets uploadSecrets;
  private final VideoClaims videoClaims;
  private final Activities activities;

  public MetricRoutes(
      StoreAccess storeAccess,
      YouTubeAccess access,
      Contract contract,
      Config config,
      SecretCipher secretCipher,
      Clock clock) {
    Database database = storeAccess.database();
    this.uploadSecrets = new UploadSecrets(database, secretCipher);
    AuthorizedYouTube youTube = access.calls();
    this.tenantAccess = storeAccess.tenantAccess();
    this.activities = new Activities(tenantAccess);
    this.clock = clock;
    FetchSettings fetching = config.fetching();
    this.isStatisticsPooled = fetching.isStatisticsPooled();
    this.uploadPlan = new UploadPlan(fetching.isUploadsPushed());
    this.reader = new RowReader(contract);
    this.store = new Store(storeAccess, clock);
    this.uploads = new UploadRoutes(database, access.feeds(), reader, store, uploadSecrets, clock);
    this.held = new HeldBatches(database, clock);
    this.knownUsers = new KnownUsers(database, tenantAccess, clock);
    UploadsPlaylist playlist = new UploadsPlaylist(youTube);
    Uploads uploadSource = new Uploads(playlist);
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
            new AnalyticsReports(
                database,
                youTube,
                fetching.isVideoDaysByFilter(),
                config.quotas().limits().analytics().minute()),
            new Thumbnails(youTube, reportFiles),
            new BulkReports(youTube, reportFiles));
    VideoOwners owners = new VideoOwners(youTube, fetching.isStatisticsPooled());
    this.videoClaims = new VideoClaims(database, owners, access.cache(), clock);
    this.fetches =
        new ScheduledFetches(
            new Fetch(
                new FetchPlan(knownUsers, new Planner(uploadPlan), access.cache(), clock),
                youTube,
                new UploadDiscovery(
                    uploadPlan,
                    new HubSubscriptions(
                        database, access.feeds(), uploadSecrets, config.http().publicUrl()),
                    access.feeds(),
                    playlist,
                    new UploadNotes(database)),
                sources,
                new VideoChannels(database, owners),
                held,
                clock),
            access.quota(),
            fetching.concurrency().fetches(),
            clock);
    this.references = new ReferenceStore(database, tenantAccess, reader, store, clock);
  }

  /** Encrypts secrets of the hub with the primary key where another key, or none, did. */
  public void encryptSecretsAnew() {
    uploadSecrets.encryptAnew();
  }

  public List<Endpoint> endpoints() {
    List<Endpoint> all = new ArrayList<>(own());
    all.addAll(new SyncRoutes(knownUsers, fetches, references, activities, clock).endpoints());
    all.addAll(
        new PlanRoutes(tenantAccess, knownUsers, uploadPlan, isStatisticsPooled, clock)
            .endpoints());
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
            .with(this::store));
  }

  /** Deletes held batches that have expired, of all users; to be called every minute. */
  public void sweepHeldBatches() {
    held.sweep();
  }

  /** How often to call {@link #renewLeases}. */
  public static final Duration LEASE_RENEWAL_INTERVAL = ReportLeases.RENEWAL_INTERVAL;

  /** Keeps what is being fetched here from being fetched by another run, too. */
  public void renewLeases() {
    held.leases().renew();
  }

  /** The outcomes of rows and references; {@code schemas/store-result.json}. */
  record StoreResponse(
      int stored,
      int updated,
      int unchanged,
      int rejected,
      boolean dryRun,
      List<RowOutcome> rows,
      List<BatchResult> references)
      implements LargeAnswer {}

  private StoreResponse store(Request request) {
    StoreRequest body = StoreRequest.of(request, reader);
    StoreResult ofRows =
        body.rows().isEmpty()
            ? new StoreResult(0, 0, 0, 0, body.isDryRun(), List.of())
            : store.store(
                request.caller(),
                body.rows(),
                // A dry run spends no quota.
                body.isDryRun()
                    ? VideoClaims.Claims.NONE
                    : videoClaims.claims(request.caller(), body.rows()),
                body.isDryRun());
    List<BatchResult> ofReferences =
        references.store(request.caller(), body.references(), body.isDryRun());
    activities.stored(request.caller(), body, ofRows, ofReferences);
    return new StoreResponse(
        sum(ofRows.stored(), ofReferences, BatchResult::stored),
        sum(ofRows.updated(), ofReferences, BatchResult::updated),
        sum(ofRows.unchanged(), ofReferences, BatchResult::unchanged),
        sum(ofRows.rejected(), ofReferences, BatchResult::rejected),
        body.isDryRun(),
        ofRows.rows(),
        ofReferences);
  }

  private static int sum(
      int ofRows, List<BatchResult> ofReferences, ToIntFunction<BatchResult> count) {
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
    FetchResult result = fetches.run(request, body, deadline);
    activities.fetched(request.caller(), body, result);
    return result;
  }
}
