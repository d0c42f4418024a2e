package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.Admission.Decision;
import com.ytempire.sidecar.metrics.FetchRequest.Item;
import com.ytempire.sidecar.metrics.HeldBatchDao.HeldBatch;
import com.ytempire.sidecar.metrics.HeldBatchDao.Key;
import com.ytempire.sidecar.metrics.ReportLeases.ClaimRequest;
import com.ytempire.sidecar.metrics.ReportLeases.ClaimResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The leases of one fetch by reference and plan: reports of channels that no other run fetches at
 * the same time. Closing it releases what has no result. For one thread.
 */
final class FetchLeases implements AutoCloseable {
  private final HeldBatches held;
  private final FetchRequest request;
  private final String holder;
  private final Map<UUID, Set<Key>> leased = new HashMap<>();
  private final List<BatchReference> waiting = new ArrayList<>();
  private final List<FetchResult.FetchedBatch> inherited = new ArrayList<>();
  private boolean isClaiming;
  private boolean isHeld;

  /**
   * Makes one without leases.
   *
   * @param holder names the run
   */
  FetchLeases(HeldBatches held, FetchRequest request, String holder) {
    this.held = held;
    this.request = request;
    this.holder = holder;
  }

  /**
   * Leases the open requests of users. Left out is what another run fetches, and what an earlier
   * run has fetched lately and not stored: its batch is in the result instead. Called once.
   */
  List<UserFetch> claim(List<UserFetch> users, Deadline deadline) {
    isClaiming = true;
    held.leases().beginFetch(holder);
    Map<UUID, ClaimRequest> claims = new HashMap<>();
    Map<UUID, Map<Integer, Item>> items = request.byUser();
    for (UserFetch user : users) {
      UUID userId = user.context().userId();
      Set<Key> asked =
          items.getOrDefault(userId, Map.of()).values().stream()
              .map(item -> new Key(item.channelId(), item.report().label()))
              .collect(Collectors.toSet());
      Set<Key> planned = user.open().stream().map(FetchLeases::key).collect(Collectors.toSet());
      claims.put(userId, new ClaimRequest(planned, asked));
    }
    Map<UUID, ClaimResult> results;
    try {
      results = deadline.supply(() -> held.leases().claim(holder, claims));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      // Nothing is fetched that another run may be at.
      return users.stream()
          .map(user -> user.step(each -> new Decision.Answer(user.context().missed(each, e))))
          .toList();
    }
    return users.stream()
        .map(user -> {
          UUID userId = user.context().userId();
          ClaimResult claim = Objects.requireNonNull(results.get(userId));
          leased.put(userId, claim.leased());
          claim
              .waiting()
              .forEach(batch -> inherit(batch.of(userId), items.getOrDefault(userId, Map.of())));
          return left(user, claim);
        })
        .toList();
  }

  private void inherit(BatchReference batch, Map<Integer, Item> items) {
    waiting.add(batch);
    items.forEach((index, item) -> {
      if (batch.channelId().equals(item.channelId())
          && batch.report().equals(item.report().label())) {
        inherited.add(new FetchResult.FetchedBatch(index, null, batch, batch.fetchedAt(), true));
      }
    });
  }

  private static UserFetch left(UserFetch user, ClaimResult claim) {
    Instant now = user.context().now();
    List<Decision> decisions = new ArrayList<>();
    for (PlannedRequest each : user.open()) {
      Instant leasedUntil = claim.elsewhere().get(key(each));
      if (leasedUntil != null) {
        decisions.add(
            new Decision.Answer(
                new Outcome.NotDue(each.index(), leasedUntil, Outcome.NotDue.Cause.IN_PROGRESS)));
      } else if (claim.waiting().stream().noneMatch(batch -> isFresh(batch, each, now))) {
        decisions.add(new Decision.Fetch(each));
      }
    }
    return UserFetch.of(user.context(), user.outcomes(), decisions);
  }

  private static boolean isFresh(HeldBatch batch, PlannedRequest request, Instant now) {
    return batch.key().equals(key(request))
        && batch.fetchedAt().plus(request.report().fresh()).isAfter(now);
  }

  private static Key key(PlannedRequest request) {
    return new Key(request.channelId(), request.report().label());
  }

  /** Holds rows, and answers references to them and to the batches of earlier runs. */
  HoldResult hold(List<Outcome.Rows> rows, Deadline deadline) {
    HoldResult result =
        held.hold(
            new UserHolding.Run(request.requests(), request.isByPlan(), holder),
            rows,
            leased,
            waiting,
            deadline);
    List<FetchResult.FetchedBatch> fetched = new ArrayList<>(inherited);
    fetched.addAll(result.held());
    isHeld = true;
    return new HoldResult(fetched, result.missed());
  }

  /** Ends the leases of a fetch that failed; its caller may be gone, and the time it had. */
  @Override
  public void close() {
    if (isClaiming) {
      held.leases().endFetch(holder);
    }
    if (isHeld || leased.isEmpty()) {
      return;
    }
    boolean wasInterrupted = Thread.interrupted();
    held.leases().release(holder, leased);
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
