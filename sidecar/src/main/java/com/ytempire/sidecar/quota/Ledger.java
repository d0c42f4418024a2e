package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.config.Config.Limits;
import com.ytempire.sidecar.config.Config.Sharing;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.quota.Bucket.Window;
import com.ytempire.sidecar.quota.RedisBuckets.Account;
import com.ytempire.sidecar.web.Json;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The truth about the quota, in PostgreSQL: every unit is written here before it is spent, so that
 * neither a race nor a Redis that forgets or restarts can spend one too many. A project's quota is
 * some ten thousand units a day, and writing one takes less than a millisecond. Safe to share
 * between threads. All methods throw {@link Quota.Unavailable} when PostgreSQL is away.
 */
final class Ledger {
  private static final String ALL = "all";

  private final Database database;
  private final Limits limits;
  private final Sharing sharing;
  private final Supplier<Map<UUID, Integer>> weights;
  private final boolean isPooled;
  private final Clock clock;

  /** Units of one account. */
  record Part(Account account, long units) {}

  /** What was held under a reservation's name, and what of it came back. */
  record Settled(Bucket bucket, long units, long returned, List<Part> back) {}

  /** A reservation that has not ended. */
  record Held(Bucket bucket, Instant windowStart, String payer, long units, Instant expiresAt) {}

  /**
   * Makes a ledger.
   *
   * @param weights of the active users
   * @param isPooled whether one payer, the platform, asks for all; then it has as large a share as
   *     all users together
   */
  Ledger(
      Database database,
      Limits limits,
      Sharing sharing,
      Supplier<Map<UUID, Integer>> weights,
      boolean isPooled,
      Clock clock) {
    this.database = database;
    this.limits = limits;
    this.sharing = sharing;
    this.weights = weights;
    this.isPooled = isPooled;
    this.clock = clock;
  }

  long limit(Bucket bucket) {
    return bucket.limit(limits);
  }

  /** From when on what nobody has claimed of a window is let go. */
  Instant letGoFrom(Window window) {
    return window.end().minus(sharing.release());
  }

  /** Who has a share, by account, and its weight. */
  Map<String, Integer> members() {
    Map<String, Integer> members = new TreeMap<>();
    guarded(() -> weights.get()).forEach((user, weight) -> members.put(user.toString(), weight));
    if (isPooled) {
      int all = members.values().stream().mapToInt(Integer::intValue).sum();
      members.put(Payer.PLATFORM_ACCOUNT, Math.max(1, all));
    }
    return members;
  }

  /** Units of a day's bucket that are guaranteed to each payer. */
  Map<String, Long> guarantees(Bucket bucket) {
    return Shares.guarantees(limit(bucket), sharing, members());
  }

  /** The accounts of a window that a payer draws from, in order. */
  static List<Account> accounts(Window window, Payer payer) {
    List<String> names =
        switch (window.bucket().sharing()) {
          case BY_SHARES -> Shares.accounts(payer);
          case FOR_ALL -> List.of(ALL);
          case FOR_EACH -> List.of(payer.account());
        };
    return names.stream().map(name -> new Account(window, name)).toList();
  }

  /**
   * Shares the window out anew, by the limit, the members and the time as they are now.
   *
   * @return the accounts for which something has changed
   */
  List<Account> shareOut(Window window) {
    Map<String, Integer> members =
        window.bucket().sharing() == Bucket.Sharing.BY_SHARES ? members() : Map.of();
    long limit = limit(window.bucket());
    return asked(dao -> {
      Map<String, Long> before = new TreeMap<>();
      Map<String, Long> taken = new TreeMap<>();
      for (LedgerDao.Taken each :
          dao.lock(window.bucket().label(), at(window.start()), at(window.end()), limit)) {
        before.put(each.account(), each.allotted());
        taken.put(each.account(), each.taken());
      }
      Map<String, Long> allotted =
          switch (window.bucket().sharing()) {
            case BY_SHARES ->
                Shares.allot(
                    limit,
                    sharing,
                    members,
                    taken,
                    Shares.kept(clock.instant(), window.end(), sharing.release()));
            case FOR_ALL -> Map.of(ALL, limit);
            case FOR_EACH -> {
              Map<String, Long> all = new TreeMap<>(before);
              all.replaceAll((account, was) -> limit);
              yield all;
            }
          };
      allot(dao, window, allotted);
      return allotted.entrySet().stream()
          .filter(each -> !each.getValue().equals(before.get(each.getKey())))
          .map(each -> new Account(window, each.getKey()))
          .toList();
    });
  }

  private static void allot(LedgerDao dao, Window window, Map<String, Long> allotted) {
    dao.allot(
        window.bucket().label(),
        at(window.start()),
        allotted.keySet().toArray(String[]::new),
        allotted.values().toArray(Long[]::new));
  }

  /** What accounts of a window have left together; the window is opened when it is not yet. */
  long left(Window window, Collection<String> accounts) {
    String[] names = accounts.toArray(String[]::new);
    List<LedgerDao.Left> found =
        asked(dao -> dao.left(window.bucket().label(), at(window.start()), names));
    if (found.size() < names.length) {
      shareOut(window);
      found =
          asked(dao -> {
            if (window.bucket().sharing() == Bucket.Sharing.FOR_EACH) {
              Map<String, Long> opened = new TreeMap<>();
              accounts.forEach(account -> opened.put(account, limit(window.bucket())));
              allot(dao, window, opened);
            }
            return dao.left(window.bucket().label(), at(window.start()), names);
          });
    }
    return found.stream().mapToLong(each -> Math.max(0, each.unitsLeft())).sum();
  }

  /**
   * Takes units, all or none; held under a name when one is given, otherwise spent.
   *
   * @return the account that has too little; empty: taken
   */
  Optional<Account> take(
      Payer payer, List<Part> parts, @Nullable UUID reservationId, @Nullable Instant expiresAt) {
    int place =
        asked(dao ->
            dao.take(
                payer.account(),
                written(parts),
                at(clock.instant()),
                reservationId,
                expiresAt == null ? null : at(expiresAt)));
    return place == 0 ? Optional.empty() : Optional.of(parts.get(place - 1).account());
  }

  void giveBack(Payer payer, List<Part> parts) {
    asked(dao ->
        Objects.requireNonNullElse(
            dao.giveBack(payer.account(), written(parts), at(clock.instant())), ""));
  }

  Optional<Held> find(UUID reservationId) {
    return asked(dao -> dao.find(reservationId)).stream()
        .findFirst()
        .map(found ->
            new Held(
                Bucket.of(found.bucket()).orElseThrow(),
                found.startsAt(),
                found.payer(),
                found.units(),
                found.expiresAt()));
  }

  /** Ends a reservation; empty when there is none of this name. */
  Optional<Settled> settle(UUID reservationId, long spent) {
    List<LedgerDao.Ended> ended =
        asked(dao -> dao.settle(reservationId, spent, at(clock.instant())));
    if (ended.isEmpty()) {
      return Optional.empty();
    }
    List<Part> back = new ArrayList<>();
    for (LedgerDao.Ended each : ended) {
      if (each.returned() > 0) {
        back.add(
            new Part(account(each.bucket(), each.startsAt(), each.account()), each.returned()));
      }
    }
    return Optional.of(
        new Settled(
            Bucket.of(ended.getFirst().bucket()).orElseThrow(),
            ended.stream().mapToLong(LedgerDao.Ended::units).sum(),
            back.stream().mapToLong(Part::units).sum(),
            back));
  }

  /** Ends the reservations that ran out; answers the accounts that have more for it. */
  List<Account> expire() {
    return asked(dao -> dao.expire(at(clock.instant()))).stream()
        .map(each -> account(each.bucket(), each.startsAt(), each.account()))
        .toList();
  }

  void close(Window window) {
    asked(dao ->
        Objects.requireNonNullElse(
            dao.close(window.bucket().label(), at(window.start()), at(clock.instant())), ""));
  }

  /** All accounts of these windows. */
  List<LedgerDao.Standing> standings(List<Window> windows) {
    return asked(dao -> dao.standings(labels(windows), starts(windows)));
  }

  List<LedgerDao.Borrowed> borrowed(List<Window> windows) {
    return asked(dao -> dao.borrowed(labels(windows), starts(windows)));
  }

  /** Units taken in each hour since then. */
  List<LedgerDao.Hour> pace(Instant since) {
    return asked(dao -> dao.pace(at(since)));
  }

  private static String[] labels(List<Window> windows) {
    return windows.stream().map(window -> window.bucket().label()).toArray(String[]::new);
  }

  private static String[] starts(List<Window> windows) {
    return windows.stream().map(window -> window.start().toString()).toArray(String[]::new);
  }

  private static Account account(String label, Instant start, String name) {
    return new Account(Bucket.of(label).orElseThrow().window(start), name);
  }

  /** As the ledger's functions take them. */
  private static String written(List<Part> parts) {
    Stream<Map<String, Object>> rows =
        parts.stream()
            .map(part ->
                Map.of(
                    "bucket",
                    part.account().window().bucket().label(),
                    "starts_at",
                    part.account().window().start().toString(),
                    "account",
                    part.account().name(),
                    "units",
                    part.units()));
    return Json.MAPPER.writeValueAsString(rows.toList());
  }

  private static OffsetDateTime at(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private <T> T asked(Function<LedgerDao, T> question) {
    return guarded(
        () -> database.directory(handle -> question.apply(handle.attach(LedgerDao.class))));
  }

  private static <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (Database.Unavailable e) {
      throw new Quota.Unavailable("PostgreSQL", e);
    } catch (Database.Busy e) {
      throw new Quota.Busy(e);
    }
  }
}
