package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.quota.Bucket.Window;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes units from the ledger, for many callers in one transaction. Safe to share between threads.
 */
final class LedgerTakes {
  private final Database database;
  private final Clock clock;

  /** By the first bucket of the calls, whose accounts are the ones that they contend for. */
  private final Map<Bucket, GroupCommit<Take, Integer>> queues = new EnumMap<>(Bucket.class);

  /** Units to be taken for one call. */
  private record Take(
      UUID id,
      Payer payer,
      List<Debit> debits,
      @Nullable UUID reservationId,
      @Nullable Instant expiresAt) {}

  LedgerTakes(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
    for (Bucket bucket : Bucket.values()) {
      queues.put(bucket, new GroupCommit<>(this::takeAll, GroupCommit.MAX_WAITING));
    }
  }

  /**
   * Takes units from all accounts or from none: spends them, or reserves them when a reservation is
   * given.
   *
   * @return the account that has too little, or empty when the units were taken
   */
  Optional<Account> take(
      Payer payer, List<Debit> debits, @Nullable UUID reservationId, @Nullable Instant expiresAt) {
    Take take = new Take(UUID.randomUUID(), payer, debits, reservationId, expiresAt);
    int position = queue(debits.getFirst().account().window().bucket()).submit(take);
    return position == 0 ? Optional.empty() : Optional.of(debits.get(position - 1).account());
  }

  /** Returns how many takes that begin with this bucket wait for the next transaction. */
  int waiting(Bucket bucket) {
    return queue(bucket).waiting();
  }

  private GroupCommit<Take, Integer> queue(Bucket bucket) {
    return Objects.requireNonNull(queues.get(bucket));
  }

  /**
   * Takes units for a group of callers; returns 0 or the position of the debit refused, of each.
   */
  private List<Integer> takeAll(List<Take> group) {
    List<Integer> partTakes = new ArrayList<>();
    List<Debit> parts = new ArrayList<>();
    @Nullable UUID[] reservationIds = new UUID[group.size()];
    @Nullable String[] expiresAt = new String[group.size()];
    for (int i = 0; i < group.size(); i++) {
      Take take = group.get(i);
      parts.addAll(take.debits());
      partTakes.addAll(Collections.nCopies(take.debits().size(), i + 1));
      reservationIds[i] = take.reservationId();
      Instant end = take.expiresAt();
      expiresAt[i] = end == null ? null : end.toString();
    }
    List<Account> accounts = parts.stream().map(Debit::account).toList();
    List<Window> windows = accounts.stream().map(Account::window).toList();
    // The ids make it idempotent: a commit in doubt is asked for again.
    return database
        .idempotent()
        .directory(handle ->
            handle
                .attach(LedgerTakeDao.class)
                .take(
                    group.stream().map(Take::id).toArray(UUID[]::new),
                    group.stream().map(take -> take.payer().account()).toArray(String[]::new),
                    reservationIds,
                    expiresAt,
                    partTakes.toArray(Integer[]::new),
                    windows.stream().map(each -> each.bucket().label()).toArray(String[]::new),
                    windows.stream().map(each -> each.start().toString()).toArray(String[]::new),
                    accounts.stream().map(Account::name).toArray(String[]::new),
                    parts.stream().map(Debit::units).toArray(Long[]::new),
                    clock.instant()));
  }
}
