package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** The route that fetches what is new and changed of users' channels, and stores it. */
final class SyncRoutes {
  /** The largest number of reports of channels in one sync; as many as a fetch takes. */
  private static final int MAX_SYNCED_REPORTS = 5_000;

  /** How long a sync stores after it has fetched. */
  private static final Duration TIME_TO_STORE = Duration.ofSeconds(120);

  private final KnownUsers knownUsers;
  private final ScheduledFetches fetches;
  private final ReferenceStore references;
  private final Activities activities;
  private final Clock clock;

  SyncRoutes(
      KnownUsers knownUsers,
      ScheduledFetches fetches,
      ReferenceStore references,
      Activities activities,
      Clock clock) {
    this.knownUsers = knownUsers;
    this.fetches = fetches;
    this.references = references;
    this.activities = activities;
    this.clock = clock;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post(
                "/v1/metrics/sync",
                "Fetch what is new and changed of users' channels and store it; answers counts and what was missed")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("sync-request")
            .answers("sync-result")
            .with(this::sync));
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
            : fetches.run(request, fetchRequest, deadline);
    SyncResult result =
        SyncResult.of(
            channels,
            withoutChannels(channels, known.keySet()),
            fetchRequest,
            fetched,
            storeFetched(request.caller(), fetched),
            clock.instant().plus(Outcome.OUTAGE_PAUSE));
    activities.synced(request.caller(), known.keySet(), result);
    return result;
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
                null,
                null));
      }
    });
    return without;
  }

  /** Stores group by group; what is not stored stays held, and comes with the next sync. */
  private List<BatchResult> storeFetched(Caller caller, FetchResult fetched) {
    List<StoreRequest.Reference> batches =
        fetched.results().stream()
            .flatMap(each -> Stream.ofNullable(each.reference()))
            .map(each -> new StoreRequest.Reference(each.userId(), each.batchId()))
            .toList();
    return batches.isEmpty()
        ? List.of()
        : Deadline.after(TIME_TO_STORE).supply(() -> references.store(caller, batches, false));
  }
}
