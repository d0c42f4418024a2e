package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.PacificTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Counts rows that were rejected, by user, kind, reason and Pacific day, in the transaction that
 * stores the others of their batch. Safe to share between threads.
 */
final class RejectedRows {
  /** The kind of rows that name none that there is. */
  private static final String NO_KIND = "unknown";

  private final RejectionObserver observer;

  RejectedRows(RejectionObserver observer) {
    this.observer = observer;
    for (RowKind kind : RowKind.STORED) {
      for (RejectionReason reason : RejectionReason.values()) {
        // From the start, because Prometheus sees no increase in a counter that begins with 1.
        observer.rejected(kind.label(), reason.label(), 0);
      }
    }
  }

  /** The properties that rows are counted by. */
  private record Key(String kind, String reason) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing(Key::kind).thenComparing(Key::reason);

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * Counts the rejected rows of a batch, each for the user that it names, whom the transaction has
   * entered afterwards.
   *
   * @param isCounted whether rows that name a user count for it: whoever may not act for it adds
   *     nothing to its counts
   */
  void count(
      Handle handle,
      List<ParsedRow> rows,
      List<RowOutcome> outcomes,
      Predicate<UUID> isCounted,
      Instant now) {
    Map<UUID, Map<Key, Integer>> byUser = new TreeMap<>();
    for (RowOutcome outcome : outcomes) {
      @Nullable Key key = key(rows, outcome);
      if (key != null) {
        observer.rejected(key.kind(), key.reason(), 1);
        @Nullable UUID userId = rows.get(outcome.row()).userId();
        if (userId != null && isCounted.test(userId)) {
          byUser.computeIfAbsent(userId, id -> new TreeMap<>()).merge(key, 1, Integer::sum);
        }
      }
    }
    byUser.forEach((userId, counts) -> {
      Database.enter(handle, userId);
      add(handle, counts, now);
    });
  }

  /** Counts the rejected rows of a batch for the tenant of the transaction. */
  void countOfTenant(Handle handle, List<ParsedRow> rows, List<RowOutcome> outcomes, Instant now) {
    Map<Key, Integer> counts = new TreeMap<>();
    for (RowOutcome outcome : outcomes) {
      @Nullable Key key = key(rows, outcome);
      if (key != null) {
        observer.rejected(key.kind(), key.reason(), 1);
        counts.merge(key, 1, Integer::sum);
      }
    }
    if (!counts.isEmpty()) {
      add(handle, counts, now);
    }
  }

  /** Null: it was not rejected. */
  private static @Nullable Key key(List<ParsedRow> rows, RowOutcome outcome) {
    @Nullable RejectionReason reason = outcome.reason();
    if (reason == null) {
      return null;
    }
    @Nullable RowKind kind = rows.get(outcome.row()).kind();
    return new Key(kind == null ? NO_KIND : kind.label(), reason.label());
  }

  private static void add(Handle handle, Map<Key, Integer> counts, Instant now) {
    new RejectedRowDao(handle)
        .add(
            PacificTime.day(now),
            now,
            counts.keySet().stream().map(Key::kind).toList(),
            counts.keySet().stream().map(Key::reason).toList(),
            List.copyOf(counts.values()));
  }
}
