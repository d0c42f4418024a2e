package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.config.QuotaSettings.Limits;
import com.ytempire.sidecar.config.QuotaSettings.Sharing;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.quota.Bucket.Window;
import com.ytempire.sidecar.web.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Records every unit of Google's quota in PostgreSQL before it is spent, so that neither a race nor
 * a Redis that forgets or restarts can spend one too many. What it says is the truth. Safe to share
 * between threads. All methods throw {@link QuotaUnavailable} when PostgreSQL is unavailable, and
 * {@link QuotaBusy} when no connection is free before the caller's deadline.
 */
final class QuotaLedger {
  private static final Duration REFUND_TIMEOUT = Duration.ofSeconds(10);

  private final Database database;
  private final Limits limits;
  private final Sharing sharing;
  private final Supplier<Map<UUID, Integer>> weights;
  private final boolean isPooled;
  private final LedgerTakes takes;
  private final GroupCommit<List<Account>, Map<Account, Long>> openings =
      new GroupCommit<>(this::open, GroupCommit.MAX_WAITING);
  private final Clock clock;

  /**
   * A reservation that has ended.
   *
   * @param units that were reserved
   * @param returned units that were not spent
   * @param credits the same, by account
   */
  record Settlement(Bucket bucket, long units, long returned, List<Debit> credits) {}

  /** The state of windows, and the units taken in each clock hour. */
  record Snapshot(List<QuotaLedgerDao.Standing> standings, List<QuotaLedgerDao.Hour> pace) {}

  /** A reservation that has not ended. */
  record OpenReservation(
      Bucket bucket, Instant windowStart, String payer, long units, Instant expiresAt) {}

  /**
   * Creates a ledger.
   *
   * @param weights of the active users
   * @param isPooled whether one payer, the platform, asks for all; then it has as large a share as
   *     all users together
   */
  QuotaLedger(
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
    this.takes = new LedgerTakes(database, clock);
    this.clock = clock;
  }

  long limit(Bucket bucket) {
    return bucket.limit(limits);
  }

  /** Returns when unclaimed guarantees of a window begin to be released to all. */
  Instant releaseStart(Window window) {
    return window.end().minus(sharing.release());
  }

  /** Returns the payers that have a share, by account, with their weight. */
  Map<String, Integer> members() {
    Map<String, Integer> members = new TreeMap<>();
    translated(() -> weights.get()).forEach((user, weight) -> members.put(user.toString(), weight));
    if (isPooled) {
      int all = members.values().stream().mapToInt(Integer::intValue).sum();
      members.put(Payer.PLATFORM_ACCOUNT, Math.max(1, all));
    }
    return members;
  }

  /** Returns the units of a day's bucket that are guaranteed to each payer. */
  Map<String, Long> guarantees(Bucket bucket) {
    return Shares.guarantees(limit(bucket), sharing, members());
  }

  /**
   * Allots the window's units to its accounts by the limit, the members and the time as they are
   * now.
   *
   * @return the accounts whose allotment has changed
   */
  List<Account> reallot(Window window) {
    Map<String, Integer> members =
        window.bucket().sharing() == Bucket.Sharing.BY_SHARES ? members() : Map.of();
    long limit = limit(window.bucket());
    return query(dao -> {
      Map<String, Long> before = new TreeMap<>();
      Map<String, Long> taken = new TreeMap<>();
      for (QuotaLedgerDao.Allotment each :
          dao.lock(window.bucket().label(), window.start(), window.end(), limit)) {
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
            case FOR_ALL -> Map.of(Account.WHOLE, limit);
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

  private static void allot(QuotaLedgerDao dao, Window window, Map<String, Long> allotted) {
    dao.allot(
        window.bucket().label(),
        window.start(),
        allotted.keySet().toArray(String[]::new),
        allotted.values().toArray(Long[]::new));
  }

  /**
   * Returns the units that accounts of one window have left, each at least 0. Opens the window when
   * it is not open yet.
   */
  Map<Account, Long> balances(List<Account> accounts) {
    Window window = accounts.getFirst().window();
    if (window.bucket().sharing() == Bucket.Sharing.FOR_EACH) {
      return translated(() -> openings.submit(accounts));
    }
    String[] names = accounts.stream().map(Account::name).toArray(String[]::new);
    List<QuotaLedgerDao.Balance> found =
        query(dao -> dao.balances(window.bucket().label(), window.start(), names));
    if (found.size() < names.length) {
      reallot(window);
      found = query(dao -> dao.balances(window.bucket().label(), window.start(), names));
    }
    Map<Account, Long> balances = new LinkedHashMap<>();
    accounts.forEach(account -> balances.put(account, 0L));
    found.forEach(
        each -> balances.put(new Account(window, each.account()), Math.max(0, each.unitsLeft())));
    return balances;
  }

  /**
   * Opens those of the accounts that are not open yet, which have the whole limit each. Callers
   * share a transaction: in the first second of a minute every user opens an account of its own.
   *
   * @param requests the accounts of each caller
   * @return the units that they have left, each at least 0, of each caller
   */
  private List<Map<Account, Long>> open(List<List<Account>> requests) {
    // In order, so that replicas that open the same ones do not wait for each other in a circle.
    SortedMap<Window, List<Account>> byWindow =
        requests.stream()
            .flatMap(List::stream)
            .distinct()
            .collect(
                Collectors.groupingBy(
                    Account::window,
                    () ->
                        new TreeMap<>(
                            Comparator.comparing(Window::bucket).thenComparing(Window::start)),
                    Collectors.toList()));
    Map<Account, Long> opened =
        database
            .idempotent()
            .directory(handle -> open(handle.attach(QuotaLedgerDao.class), byWindow));
    return requests.stream()
        .map(accounts -> {
          Map<Account, Long> balances = new LinkedHashMap<>();
          accounts.forEach(account -> balances.put(account, opened.getOrDefault(account, 0L)));
          return balances;
        })
        .toList();
  }

  private Map<Account, Long> open(
      QuotaLedgerDao dao, SortedMap<Window, List<Account>> accountsByWindow) {
    Map<Account, Long> balances = new HashMap<>();
    accountsByWindow.forEach((window, accounts) -> {
      String[] names = accounts.stream().map(Account::name).toArray(String[]::new);
      dao.open(window.bucket().label(), window.start(), window.end(), limit(window.bucket()), names)
          .forEach(each ->
              balances.put(new Account(window, each.account()), Math.max(0, each.unitsLeft())));
    });
    return balances;
  }

  /**
   * Takes units from all accounts or from none: spends them, or reserves them when a reservation is
   * given. Takes that begin with the same bucket at the same time share a transaction.
   *
   * @return the account that has too little, or empty when the units were taken
   */
  Optional<Account> take(
      Payer payer, List<Debit> debits, @Nullable UUID reservationId, @Nullable Instant expiresAt) {
    return translated(() -> takes.take(payer, debits, reservationId, expiresAt));
  }

  /** Returns how many takes that begin with this bucket wait for the next transaction. */
  int waitingTakes(Bucket bucket) {
    return takes.waiting(bucket);
  }

  /** Returns how many callers wait for the next transaction that opens accounts. */
  int waitingOpenings() {
    return openings.waiting();
  }

  /**
   * Takes back debits of calls that never reached Google. May take longer than the caller's
   * deadline, which has often passed by then: what is not refunded stays unspent for the day.
   */
  void refund(Payer payer, List<Debit> debits) {
    Deadline callers = Deadline.currentOr(REFUND_TIMEOUT);
    Deadline deadline =
        callers.remaining().compareTo(REFUND_TIMEOUT) < 0
            ? Deadline.after(REFUND_TIMEOUT)
            : callers;
    deadline.run(() -> execute(dao -> dao.refund(payer.account(), json(debits), clock.instant())));
  }

  /** Returns a reservation that has not ended. */
  Optional<OpenReservation> find(UUID reservationId) {
    return query(dao -> dao.find(reservationId))
        .map(found ->
            new OpenReservation(
                Bucket.of(found.bucket()).orElseThrow(),
                found.startsAt(),
                found.payer(),
                found.units(),
                found.expiresAt()));
  }

  /**
   * Ends a reservation; empty when there is none of this id.
   *
   * @param spent units that were spent; the rest is returned
   */
  Optional<Settlement> settle(UUID reservationId, long spent) {
    List<QuotaLedgerDao.EndedDebit> ended =
        query(dao -> dao.settle(reservationId, spent, clock.instant()));
    if (ended.isEmpty()) {
      return Optional.empty();
    }
    List<Debit> credits = new ArrayList<>();
    for (QuotaLedgerDao.EndedDebit each : ended) {
      if (each.returned() > 0) {
        credits.add(
            new Debit(account(each.bucket(), each.startsAt(), each.account()), each.returned()));
      }
    }
    return Optional.of(
        new Settlement(
            Bucket.of(ended.getFirst().bucket()).orElseThrow(),
            ended.stream().mapToLong(QuotaLedgerDao.EndedDebit::units).sum(),
            credits.stream().mapToLong(Debit::units).sum(),
            credits));
  }

  /** Ends the reservations that have expired; returns the accounts that got units back. */
  List<Account> expire() {
    return query(dao -> dao.expire(clock.instant())).stream()
        .map(each -> account(each.bucket(), each.startsAt(), each.account()))
        .toList();
  }

  /** Marks a window as used up, because Google says so. */
  void close(Window window) {
    execute(dao -> dao.close(window.bucket().label(), window.start(), clock.instant()));
  }

  /** Returns the state of all accounts of these windows. */
  List<QuotaLedgerDao.Standing> standings(List<Window> windows) {
    return query(dao -> dao.standings(labels(windows), starts(windows)));
  }

  /** Returns the state of all accounts of these windows, and the units taken in each hour since. */
  Snapshot snapshot(List<Window> windows, Instant since) {
    return query(
        dao -> new Snapshot(dao.standings(labels(windows), starts(windows)), dao.pace(since)));
  }

  /** Returns the units of these windows that payers took beyond their guarantee. */
  List<QuotaLedgerDao.Borrowing> borrowed(List<Window> windows) {
    return query(dao -> dao.borrowed(labels(windows), starts(windows)));
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

  /** Writes debits as the SQL functions read them. */
  private static String json(List<Debit> debits) {
    Stream<Map<String, Object>> rows =
        debits.stream()
            .map(debit ->
                Map.of(
                    "bucket",
                    debit.account().window().bucket().label(),
                    "starts_at",
                    debit.account().window().start().toString(),
                    "account",
                    debit.account().name(),
                    "units",
                    debit.units()));
    return Json.MAPPER.writeValueAsString(rows.toList());
  }

  /** Queries to the end although the caller is cancelled meanwhile: it must know what was taken. */
  private <T> T query(Function<QuotaLedgerDao, T> query) {
    return translated(() ->
        database.uninterrupted(
            () -> database.directory(handle -> query.apply(handle.attach(QuotaLedgerDao.class)))));
  }

  private void execute(Consumer<QuotaLedgerDao> statement) {
    query(dao -> {
      statement.accept(dao);
      return true;
    });
  }

  private static <T> T translated(Supplier<T> work) {
    try {
      return work.get();
    } catch (DatabaseUnavailable e) {
      throw new QuotaUnavailable("PostgreSQL", e);
    } catch (DatabaseBusy e) {
      throw new QuotaBusy(e);
    }
  }
}
