package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.FetchRequest.Item;
import com.ytempire.sidecar.metrics.FetchResult.FetchedBatch;
import com.ytempire.sidecar.metrics.HeldBatchDao.Key;
import com.ytempire.sidecar.metrics.HeldBatchDao.Load;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds the rows of one user, within a transaction that has entered this user. For one thread. */
final class UserHolding {
  private static final Logger log = LoggerFactory.getLogger(UserHolding.class);

  /** How long a run's leases last after its fetch, so that it can store. */
  private static final Duration TIME_TO_STORE = Duration.ofMinutes(3);

  /** How long rows are held. */
  private static final Duration KEPT = Duration.ofMinutes(60);

  /**
   * Bounds of what waits to be stored. Each request counts on what was free when it began to hold,
   * so that requests at the same time may go over the last one together.
   */
  private static final long MAX_ROWS_PER_USER = 500_000;

  private static final long MAX_BYTES_PER_USER = 128L << 20;

  /**
   * The fetch whose rows are held.
   *
   * @param items its requests
   * @param isDue whether they were fetched by plan
   * @param holder names the run
   */
  record Run(List<Item> items, boolean isDue, String holder) {}

  /**
   * A user's part of a fetch.
   *
   * @param leased what the run has leased, of which is released what has nothing to store
   * @param toStore what earlier runs left for this run to store
   */
  record UserRows(UUID userId, List<Outcome.Rows> fetched, Set<Key> leased, Set<Key> toStore) {}

  /**
   * The bytes that are free for all users together, and what one user's transaction took of them.
   * For one thread, but for the bytes that are free.
   */
  static final class Space {
    private final AtomicLong free;
    private long taken;

    Space(AtomicLong free) {
      this.free = free;
    }

    /** Takes bytes of what is free, all or none. */
    boolean take(long bytes) {
      boolean isTaken = free.getAndUpdate(left -> left < bytes ? left : left - bytes) >= bytes;
      taken += isTaken ? bytes : 0;
      return isTaken;
    }

    /** Gives back what a transaction took that was rolled back. */
    void giveBack() {
      free.addAndGet(taken);
      taken = 0;
    }
  }

  private final HeldBatchDao dao;
  private final Run run;
  private final UserRows user;
  private final Space space;

  /**
   * Makes the holding of a user.
   *
   * @param space that the rows may take
   */
  UserHolding(Handle handle, Run run, UserRows user, Space space) {
    this.dao = HeldBatchDao.of(handle);
    this.run = run;
    this.user = user;
    this.space = space;
  }

  /** Holds the rows, and ends the leases of what has nothing to store. */
  HoldResult hold(Instant now) {
    Instant expiresAt = now.plus(KEPT);
    HoldResult holding = new HoldResult(new ArrayList<>(), new ArrayList<>());
    List<BatchReference> references = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    Load load = user.fetched().isEmpty() ? new Load(0, 0, null) : dao.load(now);
    long rows = load.rows();
    long bytes = load.bytes();
    for (Outcome.Rows one : user.fetched()) {
      PackedRows packed = one.rows();
      if (rows + packed.rowCount() > MAX_ROWS_PER_USER
          || bytes + packed.sizeBytes() > MAX_BYTES_PER_USER
          || !space.take(packed.sizeBytes())) {
        holding.missed().add(tooMuchHeld(one, load, now));
        continue;
      }
      rows += packed.rowCount();
      bytes += packed.sizeBytes();
      BatchReference reference = reference(run.items().get(one.request()), one, expiresAt);
      references.add(reference);
      contents.add(packed.content());
      holding.held().add(FetchedBatch.reference(one, reference));
    }
    if (!references.isEmpty()) {
      dao.hold(references, contents, run.isDue(), expiresAt);
    }
    Set<Key> kept = new HashSet<>(user.toStore());
    references.forEach(each -> kept.add(new Key(each.channelId(), each.report())));
    releaseOthers(kept);
    if (run.isDue() && !kept.isEmpty()) {
      String[][] columns = HeldBatchDao.columns(kept);
      int extended = dao.extend(columns[0], columns[1], run.holder(), TIME_TO_STORE.toSeconds());
      log.debug("{} leases wait until rows are stored", extended);
    }
    return holding;
  }

  private static BatchReference reference(Item item, Outcome.Rows one, Instant expiresAt) {
    PackedRows packed = one.rows();
    return new BatchReference(
        UUID.randomUUID(),
        item.userId(),
        item.channelId(),
        item.report().label(),
        packed.kinds(),
        packed.rowCount(),
        packed.sizeBytes(),
        one.fetchedAt(),
        expiresAt);
  }

  private static Outcome.Missed tooMuchHeld(Outcome.Rows one, Load load, Instant now) {
    @Nullable Instant firstExpiresAt = load.firstExpiresAt();
    return new Outcome.Missed(
        one.request(),
        Reason.BUSY,
        "Too many fetched rows wait to be stored. Store or fetch less at once; what is held longest is given up at retryAt.",
        firstExpiresAt == null ? now.plusSeconds(60) : firstExpiresAt);
  }

  /** Ends the leases of what has nothing to store. */
  private void releaseOthers(Set<Key> kept) {
    List<Key> nothingToStore = user.leased().stream().filter(key -> !kept.contains(key)).toList();
    if (!nothingToStore.isEmpty()) {
      String[][] columns = HeldBatchDao.columns(nothingToStore);
      int ended = dao.release(columns[0], columns[1], run.holder());
      log.debug("{} leases ended without rows", ended);
    }
  }
}
