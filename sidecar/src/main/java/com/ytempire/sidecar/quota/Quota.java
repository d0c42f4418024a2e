package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.config.Config.Limits;
import com.ytempire.sidecar.config.Config.Sharing;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.quota.Bucket.Window;
import com.ytempire.sidecar.quota.Ledger.Part;
import com.ytempire.sidecar.quota.RedisBuckets.Account;
import io.lettuce.core.RedisClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is left of Google's quota, shared by all users and replicas. Redis answers first and fast,
 * and turns away who has nothing left; whoever it lets through is written into PostgreSQL's ledger
 * before a unit is spent, and the ledger never gives one too many. Where the two differ the ledger
 * is right, and Redis is set after it.
 *
 * <p>Units for calls of our own are spent when they are taken, because nobody can know whether a
 * replica that died had sent its call. Units that are held for somebody come back when the
 * reservation runs out. Nothing here waits. Safe to share between threads.
 */
public final class Quota implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Quota.class);

  /** How often a window is shared out anew, by members, limit and time. */
  private static final Duration SHARED_OUT = Duration.ofMinutes(1);

  /** The same when somebody is short of units. */
  private static final Duration SHARED_OUT_IN_NEED = Duration.ofSeconds(5);

  /** How long a no that the ledger has confirmed is believed. */
  private static final Duration BELIEVED = Duration.ofSeconds(1);

  /** What is taken so late in a minute would reach Google in the next, and be counted there. */
  private static final Duration TOO_LATE = Duration.ofMillis(500);

  /** How long until units that are kept for others may be let go. */
  private static final Duration LET_GO = Duration.ofMinutes(5);

  /**
   * The copy in Redis may be wrong about one account after the other, and again when others take at
   * the same moment; nobody is refused but by the ledger. Far more than was ever seen.
   */
  private static final int TRIES = 100;

  private final Ledger ledger;
  private final RedisBuckets redis;
  private final Clock clock;
  private final Map<Window, Instant> sharedOut = new ConcurrentHashMap<>();
  private final Map<No, Confirmed> confirmed = new ConcurrentHashMap<>();

  private record No(Window window, Payer payer) {}

  /** That a single unit was refused, and how. */
  private record Confirmed(Instant at, QuotaExhausted refusal) {}

  /** A part that keeps the quota cannot be reached; no call to Google goes out blindly. */
  public static final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String part;

    Unavailable(String part, Exception cause) {
      super(part + ", which keeps the quota, is not available: " + cause.getMessage(), cause);
      this.part = part;
    }

    /** Redis or PostgreSQL. */
    public String part() {
      return part;
    }
  }

  /** The ledger's database had no room until the caller's deadline; nothing was taken. */
  public static final class Busy extends RuntimeException {
    private static final long serialVersionUID = 1;

    Busy(Database.Busy cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** Units that were taken for a call. */
  public static final class Taken {
    private final Payer payer;
    private final List<Part> parts;

    private Taken(Payer payer, List<Part> parts) {
      this.payer = payer;
      this.parts = parts;
    }
  }

  /** How a bucket stands; {@code schemas/quota-bucket.json}. Units. */
  public record BucketStatus(
      String bucket,
      long limit,
      long used,
      long reserved,
      long remaining,
      Instant windowStartedAt,
      Instant resetsAt,
      @Nullable Forecast forecast) {}

  /**
   * What a payer has of a day's bucket; {@code schemas/quota-share.json}. Units.
   *
   * @param payer a user's id, or {@code platform}
   * @param borrowed beyond the guarantee, out of what is common
   */
  public record Share(String bucket, String payer, long guaranteed, long used, long borrowed) {}

  /** Units held for a caller. */
  record Reservation(UUID id, Instant expiresAt) {}

  /**
   * Connects.
   *
   * @param weights of the active users, at least 1 each
   * @param isPooled whether the platform asks for all users at once
   */
  public Quota(
      RedisClient client,
      Database database,
      Limits limits,
      Sharing sharing,
      Supplier<Map<UUID, Integer>> weights,
      boolean isPooled,
      Clock clock) {
    this.ledger = new Ledger(database, limits, sharing, weights, isPooled, clock);
    this.redis = new RedisBuckets(client, ledger, clock);
    this.clock = clock;
  }

  /**
   * Takes units for a call, from all the buckets or from none. They count as spent.
   *
   * @throws QuotaExhausted naming the bucket that has too little, and when to ask again
   * @throws Unavailable when Redis or PostgreSQL is away
   */
  public Taken take(List<Bucket> from, long units, Payer payer) {
    return take(from, units, payer, null, null);
  }

  private Taken take(
      List<Bucket> from,
      long units,
      Payer payer,
      @Nullable UUID reservationId,
      @Nullable Instant expiresAt) {
    Instant now = clock.instant();
    List<Window> windows = from.stream().map(bucket -> bucket.window(now)).toList();
    for (Window window : windows) {
      if (window.bucket().isOfTheMinute() && now.isAfter(window.end().minus(TOO_LATE))) {
        throw new QuotaExhausted(
            "The minute of %s is about to end.".formatted(window.bucket().label()),
            window.bucket(),
            window.end(),
            window.end());
      }
    }
    windows.forEach(window -> keepSharedOut(window, SHARED_OUT));
    for (int tried = 1; ; tried++) {
      List<Part> parts = drawn(windows, units, payer);
      Optional<Account> refused;
      try {
        refused = ledger.take(payer, parts, reservationId, expiresAt);
      } catch (Unavailable | Busy e) {
        handBack(parts);
        throw e;
      }
      if (refused.isEmpty()) {
        return new Taken(payer, parts);
      }
      handBack(parts);
      redis.forget(refused.get());
      QuotaExhausted refusal =
          tried == TRIES
              ? exhausted(refused.get().window())
              : refusal(refused.get().window(), units, payer);
      if (refusal != null) {
        throw refusal;
      }
    }
  }

  /** Draws on the copy; what it denies is confirmed by the ledger. */
  private List<Part> drawn(List<Window> windows, long units, Payer payer) {
    List<Part> parts = new ArrayList<>();
    for (Window window : windows) {
      for (int tried = 1; !draw(window, units, payer, parts); tried++) {
        QuotaExhausted refusal = tried == TRIES ? exhausted(window) : refusal(window, units, payer);
        if (refusal != null) {
          handBack(parts);
          throw refusal;
        }
      }
    }
    return parts;
  }

  private boolean draw(Window window, long units, Payer payer, List<Part> into) {
    List<Part> parts = new ArrayList<>();
    long missing = units;
    for (Account account : Ledger.accounts(window, payer)) {
      long got = redis.take(account, missing);
      if (got > 0) {
        parts.add(new Part(account, got));
        missing -= got;
      }
      if (missing == 0) {
        into.addAll(parts);
        return true;
      }
    }
    handBack(parts);
    return false;
  }

  /**
   * Asks the ledger whether there is really too little; null when there is enough, and then the
   * copy is set after it. A no is believed for a while, so that who asks without end does not ask
   * the ledger each time.
   */
  private @Nullable QuotaExhausted refusal(Window window, long units, Payer payer) {
    Instant now = clock.instant();
    No no = new No(window, payer);
    @Nullable Confirmed last = confirmed.get(no);
    if (units == 1 && last != null && now.isBefore(last.at().plus(BELIEVED))) {
      return last.refusal().again();
    }
    expire();
    keepSharedOut(window, SHARED_OUT_IN_NEED);
    List<Account> accounts = Ledger.accounts(window, payer);
    if (ledger.left(window, accounts.stream().map(Account::name).toList()) >= units) {
      accounts.forEach(redis::forget);
      return null;
    }
    QuotaExhausted refusal = exhausted(window);
    if (units == 1) {
      confirmed.keySet().removeIf(each -> each.window().end().isBefore(now));
      confirmed.put(no, new Confirmed(now, refusal));
    }
    return refusal;
  }

  /** Shares the window out anew if that is so long ago. */
  private void keepSharedOut(Window window, Duration every) {
    Instant now = clock.instant();
    @Nullable Instant last = sharedOut.get(window);
    if (last == null || !now.isBefore(last.plus(every))) {
      // Others go on with how it was shared out before.
      sharedOut.put(window, now);
      sharedOut.keySet().removeIf(each -> each.end().isBefore(now));
      try {
        ledger.shareOut(window).forEach(redis::forget);
      } catch (RuntimeException e) {
        sharedOut.remove(window);
        throw e;
      }
    }
  }

  /** Back into the copy; the ledger has not got them. */
  private void handBack(List<Part> parts) {
    try {
      parts.forEach(part -> redis.giveBack(part.account(), part.units()));
    } catch (Unavailable e) {
      // Found again when the copy is compared with the ledger.
      log.debug("units not handed back to Redis: {}", e.getMessage());
    }
  }

  private QuotaExhausted exhausted(Window window) {
    Bucket bucket = window.bucket();
    if (!bucket.isOfTheMinute()) {
      BucketStatus status = status(bucket);
      if (status.remaining() > 0) {
        Instant now = clock.instant();
        // Units that somebody holds may come back at any time.
        Instant again =
            status.reserved() > 0 || !now.isBefore(ledger.letGoFrom(window))
                ? now.plus(LET_GO)
                : ledger.letGoFrom(window).plus(LET_GO);
        return new QuotaExhausted(
            "Your share of %s is used up. The %d units that are left are kept for others; what they do not use is let go in the hours before %s."
                .formatted(bucket.label(), status.remaining(), window.end()),
            bucket,
            window.end(),
            again.isBefore(window.end()) ? again : window.end());
      }
    }
    return new QuotaExhausted(
        "The bucket %s is used up until %s.".formatted(bucket.label(), window.end()),
        bucket,
        window.end(),
        window.end());
  }

  /** Whether a window has ended since; then Google would count the call in the next one. */
  public boolean isOver(Taken taken) {
    Instant now = clock.instant();
    return taken.parts.stream().anyMatch(part -> !part.account().window().end().isAfter(now));
  }

  /**
   * Gives units back that Google was never asked for. What a window has given stays given once it
   * has ended.
   */
  public void refund(Taken taken) {
    Instant now = clock.instant();
    List<Part> parts =
        taken.parts.stream().filter(part -> part.account().window().end().isAfter(now)).toList();
    if (!parts.isEmpty()) {
      ledger.giveBack(taken.payer, parts);
      handBack(parts);
    }
  }

  /**
   * Google says that the bucket is empty, whatever we counted: nothing more goes out until its
   * window ends.
   */
  public Instant close(Bucket bucket) {
    Window window = bucket.window(clock.instant());
    keepSharedOut(window, SHARED_OUT);
    ledger.close(window);
    ledger
        .standings(List.of(window))
        .forEach(each -> redis.forget(new Account(window, each.account())));
    return window.end();
  }

  /** What a payer may take of a bucket now; asked of Redis alone. */
  public long available(Bucket bucket, Payer payer) {
    return redis.left(Ledger.accounts(bucket.window(clock.instant()), payer));
  }

  /** What all users together may take of a bucket now; from the ledger. */
  long availableToAll(Bucket bucket, boolean isInteractive) {
    // Without Redis nothing would be given.
    redis.ping();
    Window window = bucket.window(clock.instant());
    keepSharedOut(window, SHARED_OUT);
    if (bucket.sharing() == Bucket.Sharing.FOR_EACH) {
      return status(bucket).remaining();
    }
    return ledger.standings(List.of(window)).stream()
        .filter(each -> !each.isClosed())
        .filter(each -> isInteractive || !each.account().equals(Shares.INTERACTIVE))
        .mapToLong(each -> each.allotted() - each.spent() - each.held())
        .sum();
  }

  /** Whether this user has a share, which means that it is active. */
  boolean hasShare(UUID userId) {
    return ledger.members().containsKey(userId.toString());
  }

  /** How a bucket stands, from the ledger. */
  public BucketStatus status(Bucket bucket) {
    return status(List.of(bucket)).getFirst();
  }

  /** How buckets stand, from the ledger. A bucket of each user by itself: its fullest user's. */
  public List<BucketStatus> status(List<Bucket> buckets) {
    Instant now = clock.instant();
    List<Window> windows = buckets.stream().map(bucket -> bucket.window(now)).toList();
    Map<Bucket, List<LedgerDao.Standing>> standings = new EnumMap<>(Bucket.class);
    for (LedgerDao.Standing each : ledger.standings(windows)) {
      standings
          .computeIfAbsent(Bucket.of(each.bucket()).orElseThrow(), any -> new ArrayList<>())
          .add(each);
    }
    Map<String, Map<Instant, Long>> pace = new HashMap<>();
    for (LedgerDao.Hour hour : ledger.pace(now.minus(Duration.ofHours(2)))) {
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
      Window window, List<LedgerDao.Standing> accounts, Map<Instant, Long> byHour, Instant now) {
    long limit = ledger.limit(window.bucket());
    long used = 0;
    long reserved = 0;
    for (LedgerDao.Standing each : accounts) {
      long taken = each.spent() + each.held();
      if (window.bucket().sharing() == Bucket.Sharing.FOR_EACH) {
        reserved = taken > used ? each.held() : reserved;
        used = Math.max(used, taken);
      } else {
        used += taken;
        reserved += each.held();
      }
    }
    boolean isClosed = accounts.stream().anyMatch(LedgerDao.Standing::isClosed);
    return new BucketStatus(
        window.bucket().label(),
        limit,
        used,
        reserved,
        isClosed ? 0 : Math.max(0, limit - used),
        window.start(),
        window.end(),
        window.bucket().isOfTheMinute()
            ? null
            : Forecast.of(window, limit, isClosed ? Math.max(used, limit) : used, byHour, now));
  }

  /** What each payer has of a day's bucket today. */
  List<Share> shares(Bucket bucket) {
    Window window = bucket.window(clock.instant());
    keepSharedOut(window, SHARED_OUT);
    Map<String, Long> guaranteed = ledger.guarantees(bucket);
    Map<String, Long> own = new TreeMap<>();
    guaranteed.keySet().forEach(member -> own.put(member, 0L));
    for (LedgerDao.Standing each : ledger.standings(List.of(window))) {
      if (!each.account().equals(Shares.COMMON) && !each.account().equals(Shares.INTERACTIVE)) {
        own.put(each.account(), each.spent() + each.held());
      }
    }
    Map<String, Long> borrowed = new HashMap<>();
    for (LedgerDao.Borrowed each : ledger.borrowed(List.of(window))) {
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

  /**
   * Users who may take little more of a day's bucket now: at most this part of what they are
   * guaranteed, with what they could borrow.
   *
   * @param part 5 for a fifth
   * @return units that each may still take
   */
  public Map<Share, Long> low(Bucket bucket, int part) {
    Map<Share, Long> low = new LinkedHashMap<>();
    for (Share share : shares(bucket)) {
      // Only who has spent most of its own depends on what it could borrow.
      long own = share.guaranteed() - (share.used() - share.borrowed());
      if (share.guaranteed() > 0 && own * part <= share.guaranteed()) {
        long available = available(bucket, new Payer(share.payer(), false));
        if (available * part <= share.guaranteed()) {
          low.put(share, available);
        }
      }
    }
    return low;
  }

  /**
   * Holds units for a caller, until it settles, gives back, or the reservation runs out.
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

  /** A reservation that has not ended. */
  Optional<Ledger.Held> find(UUID reservationId) {
    expire();
    return ledger.find(reservationId);
  }

  /**
   * Ends a reservation: so many of its units were spent, the rest goes back. Empty when there is
   * none.
   */
  Optional<Ledger.Settled> settle(UUID reservationId, long spent) {
    Optional<Ledger.Settled> settled = ledger.settle(reservationId, spent);
    settled.ifPresent(each -> handBack(each.back()));
    return settled;
  }

  /** Ends the reservations that ran out; done when somebody is short of units, and every minute. */
  public void expire() {
    ledger.expire().forEach(redis::forget);
  }

  /** Whether Redis answers now. */
  public boolean isUp() {
    try {
      redis.ping();
      return true;
    } catch (Unavailable e) {
      return false;
    }
  }

  /**
   * Forgets an erased user; the ledger has renamed what it spent. What cannot be reached now is
   * forgotten when its time is up, in two days at most.
   */
  public void forget(UUID userId) {
    try {
      redis.forget(userId.toString());
    } catch (Unavailable e) {
      log.warn("an erased user's quota is forgotten later: {}", e.getMessage());
    }
  }

  /** When it makes sense to try again after {@link Unavailable}. */
  public Instant retryAfterOutage() {
    return clock.instant().plusSeconds(5);
  }

  @Override
  public void close() {
    redis.close();
  }
}
