package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.quota.Bucket.Window;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Reads the state of the quota: status and forecast of buckets, users' shares, and what a payer may
 * still take. Takes nothing. All methods but {@link #available} read the ledger; all throw {@link
 * QuotaUnavailable} when a part that they need is unavailable. Safe to share between threads.
 */
public final class QuotaReport {
  /** The part of its guarantee below which a payer's quota counts as low: a fifth. */
  private static final int LOW = 5;

  private final QuotaLedger ledger;
  private final QuotaCache cache;
  private final Allotter allotter;
  private final Clock clock;

  QuotaReport(QuotaLedger ledger, QuotaCache cache, Allotter allotter, Clock clock) {
    this.ledger = ledger;
    this.cache = cache;
    this.allotter = allotter;
    this.clock = clock;
  }

  /** Returns the status of a bucket. */
  public BucketStatus status(Bucket bucket) {
    return status(List.of(bucket)).getFirst();
  }

  /**
   * Returns the status of buckets, in their order. A bucket that each user has for itself is
   * reported as its fullest user's.
   */
  public List<BucketStatus> status(List<Bucket> buckets) {
    Instant now = clock.instant();
    List<Window> windows = buckets.stream().map(bucket -> bucket.window(now)).toList();
    Map<Bucket, List<QuotaLedgerDao.Standing>> standings = new EnumMap<>(Bucket.class);
    QuotaLedger.Snapshot snapshot = ledger.snapshot(windows, now.minus(Duration.ofHours(2)));
    for (QuotaLedgerDao.Standing each : snapshot.standings()) {
      standings
          .computeIfAbsent(Bucket.of(each.bucket()).orElseThrow(), any -> new ArrayList<>())
          .add(each);
    }
    Map<String, Map<Instant, Long>> pace = new HashMap<>();
    for (QuotaLedgerDao.Hour hour : snapshot.pace()) {
      pace.computeIfAbsent(hour.bucket(), any -> new HashMap<>()).put(hour.hour(), hour.units());
    }
    return windows.stream()
        .map(window ->
            status(
                window,
                standings.getOrDefault(window.bucket(), List.of()),
                pace.getOrDefault(window.bucket().label(), Map.of()),
                now))
        .toList();
  }

  private BucketStatus status(
      Window window, List<QuotaLedgerDao.Standing> accounts, Map<Instant, Long> pace, Instant now) {
    long limit = ledger.limit(window.bucket());
    long used = 0;
    long reserved = 0;
    for (QuotaLedgerDao.Standing each : accounts) {
      long taken = each.spent() + each.held();
      if (window.bucket().sharing() == Bucket.Sharing.FOR_EACH) {
        reserved = taken > used ? each.held() : reserved;
        used = Math.max(used, taken);
      } else {
        used += taken;
        reserved += each.held();
      }
    }
    boolean isClosed = accounts.stream().anyMatch(QuotaLedgerDao.Standing::isClosed);
    return new BucketStatus(
        window.bucket().label(),
        limit,
        used,
        reserved,
        isClosed ? 0 : Math.max(0, limit - used),
        window.start(),
        window.end(),
        window.bucket().isPerMinute()
            ? null
            : Forecast.of(window, limit, isClosed ? Math.max(used, limit) : used, pace, now));
  }

  /** Returns each payer's share of a day's bucket today. */
  public List<Share> shares(Bucket bucket) {
    Window window = bucket.window(clock.instant());
    allotter.refresh(window, Allotter.MAX_AGE);
    Map<String, Long> guaranteed = ledger.guarantees(bucket);
    Map<String, Long> own = new TreeMap<>();
    guaranteed.keySet().forEach(member -> own.put(member, 0L));
    for (QuotaLedgerDao.Standing each : ledger.standings(List.of(window))) {
      if (!each.account().equals(Shares.COMMON) && !each.account().equals(Shares.INTERACTIVE)) {
        own.put(each.account(), each.spent() + each.held());
      }
    }
    Map<String, Long> borrowed = new HashMap<>();
    for (QuotaLedgerDao.Borrowing each : ledger.borrowed(List.of(window))) {
      borrowed.put(each.payer(), each.units());
      own.putIfAbsent(each.payer(), 0L);
    }
    return own.entrySet().stream()
        .map(each -> {
          long more = borrowed.getOrDefault(each.getKey(), 0L);
          return new Share(
              bucket.label(),
              each.getKey(),
              guaranteed.getOrDefault(each.getKey(), 0L),
              each.getValue() + more,
              more);
        })
        .toList();
  }

  /** Returns whether this user has a share, which every active user has. */
  boolean hasShare(UUID userId) {
    return ledger.members().containsKey(userId.toString());
  }

  /**
   * Returns the units that a payer may take of a bucket now, borrowing included. Answered by the
   * cache, so a moment old at worst; nothing is taken.
   */
  public long available(Bucket bucket, Payer payer) {
    List<Account> accounts = Account.drawnBy(payer, bucket.window(clock.instant()));
    Map<Account, Long> balances = new HashMap<>(cache.balances(accounts));
    List<Account> missing =
        accounts.stream().filter(account -> !balances.containsKey(account)).toList();
    if (!missing.isEmpty()) {
      ledger
          .balances(missing)
          .forEach((account, balance) -> {
            cache.seed(account, balance, ledger.limit(bucket));
            balances.put(account, balance);
          });
    }
    return balances.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns the units that all users together may take of a bucket now. */
  long availableToAll(Bucket bucket, boolean isInteractive) {
    // Without Redis no unit is given to anybody.
    cache.ping();
    Window window = bucket.window(clock.instant());
    allotter.refresh(window, Allotter.MAX_AGE);
    if (bucket.sharing() == Bucket.Sharing.FOR_EACH) {
      return status(bucket).remaining();
    }
    return ledger.standings(List.of(window)).stream()
        .filter(each -> !each.isClosed())
        .filter(each -> isInteractive || !each.account().equals(Shares.INTERACTIVE))
        .mapToLong(each -> each.allotted() - each.spent() - each.held())
        .sum();
  }

  /**
   * Returns the payers whose quota of a day's bucket is low, with the units that each may still
   * take, borrowing included: at most a fifth of its guarantee.
   */
  public Map<Share, Long> low(Bucket bucket) {
    Map<Share, Long> low = new LinkedHashMap<>();
    for (Share share : shares(bucket)) {
      // What a payer could borrow matters only once it has spent most of its own share.
      long own = share.guaranteed() - (share.used() - share.borrowed());
      if (share.guaranteed() > 0 && own * LOW <= share.guaranteed()) {
        long available = available(bucket, new Payer(share.payer(), false));
        if (available * LOW <= share.guaranteed()) {
          low.put(share, available);
        }
      }
    }
    return low;
  }
}
