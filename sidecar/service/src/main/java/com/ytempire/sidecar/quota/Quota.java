package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.config.QuotaSettings.Limits;
import com.ytempire.sidecar.config.QuotaSettings.Sharing;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.quota.Bucket.Window;
import io.lettuce.core.RedisClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Google's quota, shared by all users and replicas. A unit is taken in two steps: the {@link
 * QuotaCache} in Redis refuses fast whoever has nothing left, and the {@link QuotaLedger} in
 * PostgreSQL records the unit before it is spent and never gives one too many. Where the two differ
 * the ledger is right, and the cache is seeded from it again.
 *
 * <p>Units for calls of our own are spent when they are taken, because nobody can know whether a
 * replica that died had sent its call. Reserved units come back when the reservation expires.
 * Nothing here waits. Safe to share between threads.
 */
public final class Quota implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Quota.class);

  /** A call that is sent so late in a minute would reach Google, and be counted, in the next. */
  private static final Duration END_OF_MINUTE = Duration.ofMillis(500);

  /**
   * How often a request is tried anew after the cache proved wrong. It can be wrong about each of a
   * few accounts, and again when others take units at the same moment; far more than was ever seen.
   */
  private static final int MAX_ATTEMPTS = 100;

  private final QuotaLedger ledger;
  private final QuotaCache cache;
  private final Allotter allotter;
  private final QuotaReport report;
  private final RefusalCheck refusals;
  private final Clock clock;

  /** Units reserved for a caller. */
  record Reservation(UUID id, Instant expiresAt) {}

  /**
   * Connects to Redis.
   *
   * @param weights of the active users, at least 1 each
   * @param isPooled whether the platform asks for all users at once
   * @throws QuotaUnavailable when Redis is unavailable
   */
  public Quota(
      RedisClient client,
      Database database,
      Limits limits,
      Sharing sharing,
      Supplier<Map<UUID, Integer>> weights,
      boolean isPooled,
      Clock clock) {
    this.ledger = new QuotaLedger(database, limits, sharing, weights, isPooled, clock);
    this.cache = new QuotaCache(client, clock);
    this.allotter = new Allotter(ledger, cache, clock);
    this.report = new QuotaReport(ledger, cache, allotter, clock);
    this.refusals = new RefusalCheck(ledger, cache, allotter, report, clock);
    this.clock = clock;
  }

  /** Returns what reads the state of the quota. */
  public QuotaReport report() {
    return report;
  }

  /**
   * Takes units for a call, from all the buckets or from none. They count as spent.
   *
   * @throws QuotaExhausted naming the bucket that has too little, and when to ask again
   * @throws QuotaUnavailable when Redis or PostgreSQL is unavailable until the caller's deadline;
   *     when the connection broke during the commit, and was not back in time to ask again, the
   *     units may count as spent
   * @throws QuotaBusy when the ledger is not reached before the caller's deadline, or the caller is
   *     interrupted while it waits; nothing was taken
   */
  public Charge charge(List<Bucket> buckets, long units, Payer payer) {
    return take(buckets, units, payer, null, null);
  }

  private Charge take(
      List<Bucket> buckets,
      long units,
      Payer payer,
      @Nullable UUID reservationId,
      @Nullable Instant expiresAt) {
    List<Window> windows = openWindows(buckets);
    @Nullable Window shortWindow = null;
    for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      List<Debit> debits = new ArrayList<>();
      shortWindow = takeFromCache(windows, units, payer, debits);
      if (shortWindow == null) {
        @Nullable Account refused = takeFromLedger(payer, debits, reservationId, expiresAt);
        if (refused == null) {
          return new Charge(payer, debits);
        }
        shortWindow = refused.window();
        cache.evict(refused);
      }
      refusals.confirm(shortWindow, units, payer);
    }
    throw refusals.exhausted(shortWindow == null ? windows.getFirst() : shortWindow);
  }

  /** Returns the buckets' windows, with a recent allotment. */
  private List<Window> openWindows(List<Bucket> buckets) {
    Instant now = clock.instant();
    List<Window> windows = buckets.stream().map(bucket -> bucket.window(now)).toList();
    for (Window window : windows) {
      if (window.bucket().isPerMinute() && now.isAfter(window.end().minus(END_OF_MINUTE))) {
        throw new QuotaExhausted(
            "The minute of %s is about to end.".formatted(window.bucket().label()),
            window.bucket(),
            window.end(),
            window.end());
      }
    }
    windows.forEach(window -> allotter.refresh(window, Allotter.MAX_AGE));
    return windows;
  }

  /**
   * Takes the units of all windows from the cache, or of none.
   *
   * @param debits where to add what was taken
   * @return the window that has too little, or null
   */
  private @Nullable Window takeFromCache(
      List<Window> windows, long units, Payer payer, List<Debit> debits) {
    for (Window window : windows) {
      long missing = units;
      for (Account account : Account.drawnBy(payer, window)) {
        long taken = missing == 0 ? 0 : takeFromCache(account, missing);
        if (taken > 0) {
          debits.add(new Debit(account, taken));
          missing -= taken;
        }
      }
      if (missing > 0) {
        giveBack(debits);
        return window;
      }
    }
    return null;
  }

  private long takeFromCache(Account account, long units) {
    OptionalLong taken = cache.take(account, units);
    if (taken.isEmpty()) {
      long balance = ledger.balances(List.of(account)).getOrDefault(account, 0L);
      cache.seed(account, balance, ledger.limit(account.window().bucket()));
      taken = cache.take(account, units);
    }
    // Evicted again meanwhile: as if it had nothing, which the ledger is asked to confirm.
    return taken.orElse(0);
  }

  /** Returns the account that has too little, or null when the units were taken. */
  private @Nullable Account takeFromLedger(
      Payer payer, List<Debit> debits, @Nullable UUID reservationId, @Nullable Instant expiresAt) {
    try {
      Optional<Account> refused = ledger.take(payer, debits, reservationId, expiresAt);
      if (refused.isEmpty()) {
        return null;
      }
      giveBack(debits);
      return refused.get();
    } catch (QuotaUnavailable | QuotaBusy e) {
      giveBack(debits);
      throw e;
    }
  }

  /** Gives units back to the cache, which the ledger has not recorded. */
  private void giveBack(List<Debit> debits) {
    try {
      debits.forEach(debit -> cache.giveBack(debit.account(), debit.units()));
    } catch (QuotaUnavailable e) {
      // Found again when the cache is compared with the ledger.
      log.debug("units not given back to Redis: {}", e.getMessage());
    }
  }

  /**
   * Refunds a call that never reached Google. What was taken from a window that has ended stays
   * taken.
   */
  public void refund(Charge charge) {
    List<Debit> debits = Debit.refundable(charge.debits(), clock.instant());
    if (!debits.isEmpty()) {
      ledger.refund(charge.payer(), debits);
      giveBack(debits);
    }
  }

  /**
   * Closes a bucket, because Google says that it is empty: nothing more is taken from it until its
   * window ends.
   *
   * @return when the window ends
   */
  public Instant close(Bucket bucket) {
    Window window = bucket.window(clock.instant());
    allotter.refresh(window, Allotter.MAX_AGE);
    ledger.close(window);
    ledger
        .standings(List.of(window))
        .forEach(each -> cache.evict(new Account(window, each.account())));
    return window.end();
  }

  /**
   * Reserves units for a caller, until it settles or releases them, or the reservation expires.
   *
   * @param lease how long at most; never past the end of the window
   */
  Reservation reserve(Bucket bucket, long units, Payer payer, Duration lease) {
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    Instant end = bucket.window(now).end();
    Instant expiresAt = now.plus(lease).isBefore(end) ? now.plus(lease) : end;
    take(List.of(bucket), units, payer, id, expiresAt);
    return new Reservation(id, expiresAt);
  }

  /** Returns a reservation that has not ended. */
  Optional<QuotaLedger.OpenReservation> find(UUID reservationId) {
    expireReservations();
    return ledger.find(reservationId);
  }

  /**
   * Ends a reservation; empty when there is none of this id.
   *
   * @param spent units of it that were spent; the rest is returned
   */
  Optional<QuotaLedger.Settlement> settle(UUID reservationId, long spent) {
    Optional<QuotaLedger.Settlement> settlement = ledger.settle(reservationId, spent);
    settlement.ifPresent(each -> giveBack(each.credits()));
    return settlement;
  }

  /** Ends the reservations that have expired. */
  public void expireReservations() {
    ledger.expire().forEach(cache::evict);
  }

  /** Returns whether Redis answers now. */
  public boolean isUp() {
    try {
      cache.ping();
      return true;
    } catch (QuotaUnavailable e) {
      return false;
    }
  }

  /**
   * Evicts an erased user; the ledger has renamed what it spent. What cannot be reached now expires
   * by itself, in two days at most.
   */
  public void forget(UUID userId) {
    try {
      cache.evictAll(userId.toString());
    } catch (QuotaUnavailable e) {
      log.warn("an erased user's quota is forgotten later: {}", e.getMessage());
    }
  }

  /** Shares units out anew, because a user's tier has changed; other replicas do in a minute. */
  public void reshare() {
    try {
      allotter.refreshAll();
    } catch (QuotaUnavailable | QuotaBusy e) {
      log.info("shares of the quota change within a minute: {}", e.getMessage());
    }
  }

  /** Returns when it makes sense to try again after {@link QuotaUnavailable}. */
  public Instant retryAfterOutage() {
    return clock.instant().plusSeconds(5);
  }

  @Override
  public void close() {
    cache.close();
  }
}
