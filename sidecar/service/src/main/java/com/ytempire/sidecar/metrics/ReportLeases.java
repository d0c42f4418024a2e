package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.HeldBatchDao.HeldBatch;
import com.ytempire.sidecar.metrics.HeldBatchDao.Key;
import com.ytempire.sidecar.metrics.HeldBatchDao.WaitingBatch;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases what is fetched by plan to one run at a time. A lease ends when its rows are stored, when
 * there is nothing to store, or at its end; what its run left behind then goes to the next run.
 * While a run fetches, its leases are renewed, so that they end soon after a replica that died.
 * Leases begin and end by the database's clock, whatever the clocks of replicas say. Safe to share
 * between threads.
 */
final class ReportLeases {
  private static final Logger log = LoggerFactory.getLogger(ReportLeases.class);

  /** How often to call {@link #renew}. */
  static final Duration RENEWAL_INTERVAL = Duration.ofSeconds(5);

  /** How long a lease lasts that is not renewed: some renewals may fail or be late. */
  private static final Duration LEASE = Duration.ofSeconds(30);

  /** What is left of a lease when it is renewed. */
  private static final Duration RENEWAL_MARGIN = Duration.ofSeconds(20);

  /** How long ending leases may take. */
  private static final Duration TIME_TO_RELEASE = Duration.ofSeconds(10);

  private final Database database;
  private final Clock clock;

  /** Fetches under way here, by the run that they belong to. */
  private final Map<String, Integer> fetching = new ConcurrentHashMap<>();

  ReportLeases(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * The result of a run's claim on one user: what it may fetch.
   *
   * @param leased reports that are this run's
   * @param elsewhere reports that another run is at, and until when at the latest
   * @param waiting batches that an earlier run left, of reports that are now this run's
   */
  record ClaimResult(Set<Key> leased, Map<Key, Instant> elsewhere, List<HeldBatch> waiting) {
    /** Another run is at a report until this moment at the latest. */
    private void lose(Key key, Instant until) {
      leased.remove(key);
      elsewhere.put(key, until);
      waiting.removeIf(held -> held.key().equals(key));
    }
  }

  /**
   * A run's claim on one user.
   *
   * @param planned reports to fetch
   * @param asked reports that the run asks for, due or not: what an earlier run left of these is
   *     taken over, too
   */
  record ClaimRequest(Set<Key> planned, Set<Key> asked) {}

  /**
   * Leases reports to a run, all users in one transaction.
   *
   * @param holder names the run; the same run may claim again what it holds
   */
  Map<UUID, ClaimResult> claim(String holder, Map<UUID, ClaimRequest> wishes) {
    try {
      return claimOnce(holder, wishes);
    } catch (JdbiException e) {
      // A user was erased meanwhile, which the second time is known.
      log.debug("claiming again: {}", e.getMessage());
      return claimOnce(holder, wishes);
    }
  }

  private Map<UUID, ClaimResult> claimOnce(String holder, Map<UUID, ClaimRequest> wishes) {
    // In order, so that two runs cannot wait for each other.
    Map<UUID, ClaimRequest> inOrder = new TreeMap<>(wishes);
    // A run may claim again what is its own.
    return inOrder.isEmpty()
        ? Map.of()
        : database.idempotent().acrossTenants(handle -> claimWithin(handle, holder, inOrder));
  }

  private Map<UUID, ClaimResult> claimWithin(
      Handle handle, String holder, Map<UUID, ClaimRequest> wishes) {
    Instant now = clock.instant();
    HeldBatchDao dao = HeldBatchDao.of(handle);
    Map<UUID, ClaimResult> claimed = new LinkedHashMap<>();
    wishes.forEach((userId, wish) ->
        claimed.put(
            userId,
            new ClaimResult(new HashSet<>(wish.planned()), new HashMap<>(), new ArrayList<>())));
    List<UUID> users = List.copyOf(wishes.keySet());
    String[] tenants = Database.tenants(handle, users.toArray(UUID[]::new));
    for (WaitingBatch left : dao.waiting(tenants, now)) {
      if (required(wishes, left.userId()).asked().contains(left.batch().key())) {
        ClaimResult user = required(claimed, left.userId());
        user.leased().add(left.batch().key());
        user.waiting().add(left.batch());
      }
    }
    List<Integer> places = new ArrayList<>();
    List<Key> keys = new ArrayList<>();
    for (int i = 0; i < users.size(); i++) {
      Set<Key> leased = required(claimed, users.get(i)).leased();
      keys.addAll(leased);
      places.addAll(Collections.nCopies(leased.size(), i + 1));
    }
    if (!keys.isEmpty()) {
      String[][] columns = HeldBatchDao.columns(keys);
      dao
          .claim(
              tenants,
              places.toArray(Integer[]::new),
              columns[0],
              columns[1],
              holder,
              now,
              LEASE.toSeconds())
          .stream()
          .filter(claim -> !claim.isClaimed())
          .forEach(claim -> {
            int place = claim.place() - 1;
            required(claimed, users.get(places.get(place) - 1))
                .lose(keys.get(place), claim.leasedUntil());
          });
    }
    return claimed;
  }

  private static <T> T required(Map<UUID, T> byUser, UUID userId) {
    return Objects.requireNonNull(byUser.get(userId));
  }

  /** A fetch of this run begins: its leases are renewed until {@link #endFetch}. */
  void beginFetch(String holder) {
    fetching.merge(holder, 1, Integer::sum);
  }

  /** A fetch of this run is over. */
  void endFetch(String holder) {
    fetching.computeIfPresent(holder, (run, fetches) -> fetches == 1 ? null : fetches - 1);
  }

  /** Renews the leases of the fetches under way here. */
  void renew() {
    String[] holders = fetching.keySet().toArray(String[]::new);
    if (holders.length > 0) {
      long renewed =
          database
              .idempotent()
              .directory(handle ->
                  HeldBatchDao.of(handle)
                      .renew(holders, RENEWAL_MARGIN.toSeconds(), LEASE.toSeconds()));
      log.debug("{} leases of {} runs were renewed", renewed, holders.length);
    }
  }

  /** Ends leases of a run that ends without a result. */
  void release(String holder, Map<UUID, Set<Key>> leased) {
    try {
      Deadline.after(TIME_TO_RELEASE).run(() -> releaseAll(holder, leased));
    } catch (RuntimeException e) {
      log.warn("leases were not released and run until their end: {}", e.getMessage());
    }
  }

  private void releaseAll(String holder, Map<UUID, Set<Key>> leased) {
    database
        .idempotent()
        .useTenants(handle -> {
          HeldBatchDao dao = HeldBatchDao.of(handle);
          new TreeMap<>(leased)
              .forEach((userId, keys) -> {
                Database.enter(handle, userId);
                String[][] columns = HeldBatchDao.columns(keys);
                int ended = dao.release(columns[0], columns[1], holder);
                log.debug("{} leases ended without a result", ended);
              });
        });
  }
}
