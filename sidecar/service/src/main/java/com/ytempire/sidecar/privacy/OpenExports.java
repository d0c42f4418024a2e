package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Limits the number and the bytes of exports that are written or downloaded at the same time, per
 * user, per caller and in all: each is a file in the temporary directory, which may be memory,
 * until its caller has read it. Each sidecar counts its own. Safe to share between threads.
 */
final class OpenExports {
  /** One that is downloaded, and one that is written meanwhile. */
  static final int PER_USER = 2;

  /** Of all callers. */
  static final int MAX_OPEN = 10;

  /** Of one caller, whatever users it names. */
  static final int PER_CALLER = MAX_OPEN / 2;

  /** Of all, those that only a caller without an open export may have. */
  static final int FOR_FIRST = 2;

  private static final int RETRY_SECONDS = 30;

  private final long maxBytes;

  /** Of an export while others hold much, and of two exports of a user by the same caller. */
  private final long shareBytes;

  /** Of an export that began while others held less than the reserve, and of a caller's exports. */
  private final long halfBytes;

  /** What only small exports may take. */
  private final long reserveBytes;

  private final long smallBytes;
  private final Clock clock;
  private final Map<Holder, Holding> holdings = new HashMap<>();
  private final Map<UUID, Holding> callers = new HashMap<>();
  private int open;
  private long bytes;

  /**
   * Whose exports count together. A service token's exports of a user count apart from the user's
   * own, which they do not keep out.
   *
   * @param account of the caller ({@link Caller#account})
   * @param userId the user whose data it is
   */
  record Holder(UUID account, UUID userId) {}

  /** What some exports hold. */
  private static final class Holding {
    private int open;
    private long bytes;

    void add(int exports, long count) {
      open += exports;
      bytes += count;
    }
  }

  /**
   * Counts from nothing.
   *
   * @param maxBytes that the files of all exports may have together
   */
  OpenExports(long maxBytes, Clock clock) {
    this.maxBytes = maxBytes;
    this.shareBytes = maxBytes / 4;
    this.halfBytes = maxBytes / 2;
    this.reserveBytes = maxBytes / 6;
    this.smallBytes = maxBytes / 24;
    this.clock = clock;
  }

  /** Writes an export and returns it, to be closed by the caller. */
  @FunctionalInterface
  interface Writer {
    InputStream write(Space space);
  }

  /**
   * Writes an export of a user and returns it; it counts until it is closed.
   *
   * @throws Problem busy, when as many of this user, of the caller, or of all, are open as may be
   */
  InputStream open(Holder holder, Writer writer) {
    Space space = begin(holder);
    boolean isWritten = false;
    try {
      InputStream export = new Open(writer.write(space), space);
      isWritten = true;
      return export;
    } finally {
      if (!isWritten) {
        end(space);
      }
    }
  }

  private synchronized Space begin(Holder holder) {
    Holding own = holdings.getOrDefault(holder, new Holding());
    Holding ofCaller = callers.getOrDefault(holder.account(), new Holding());
    if (own.open >= PER_USER) {
      throw busy(
          "%d exports of this user are under way or being downloaded. Wait until one has ended."
              .formatted(PER_USER));
    }
    if (ofCaller.open >= PER_CALLER) {
      throw busy(
          "%d exports of this token are under way or being downloaded, half of all that may be. Wait until one has ended."
              .formatted(PER_CALLER));
    }
    if (open >= (ofCaller.open == 0 ? MAX_OPEN : MAX_OPEN - FOR_FIRST)) {
      throw busy(
          "%d exports are under way or being downloaded, as many as may be. Try again when one has ended."
              .formatted(open));
    }
    holdings.put(holder, own);
    callers.put(holder.account(), ofCaller);
    own.add(1, 0);
    ofCaller.add(1, 0);
    open++;
    return new Space(holder, own, ofCaller);
  }

  private synchronized void take(Space space, int count) {
    Holding own = space.holding;
    long larger = space.bytes + count;
    if (larger > halfBytes) {
      throw Problem.of(
          Type.EXPORT_TOO_LARGE,
          "The export has more than %d MB, which is all that one may have. Ask your operator to raise YTEMPIRE_EXPORT_MEGABYTES."
              .formatted(halfBytes >> 20));
    }
    // One that has its half already goes on when others begin: it is the only one.
    boolean mayHaveHalf = space.bytes > shareBytes || bytes - space.bytes < reserveBytes;
    if (own.bytes + count > (mayHaveHalf ? halfBytes : shareBytes)) {
      throw busy(
          "The export needs more of the disk than it may have while other exports, of this user or of others, are under way or being downloaded. Try again when they have ended.");
    }
    if (space.ofCaller.bytes + count > halfBytes) {
      throw busy(
          "Exports of this token that are under way or being downloaded hold as much of the disk as one token's may. Wait until one has ended.");
    }
    if (bytes + count > (larger > smallBytes ? maxBytes - reserveBytes : maxBytes)) {
      throw busy(
          "Exports that are under way or being downloaded hold as much of the disk as they may. Try again when one has ended.");
    }
    space.bytes = larger;
    own.add(0, count);
    space.ofCaller.add(0, count);
    bytes += count;
  }

  private Problem busy(String detail) {
    return Problem.until(Type.BUSY, detail, clock.instant().plusSeconds(RETRY_SECONDS));
  }

  private synchronized void end(Space space) {
    if (space.isReleased) {
      return;
    }
    space.isReleased = true;
    space.holding.add(-1, -space.bytes);
    space.ofCaller.add(-1, -space.bytes);
    open--;
    bytes -= space.bytes;
    if (space.holding.open == 0) {
      holdings.remove(space.holder);
    }
    if (space.ofCaller.open == 0) {
      callers.remove(space.holder.account());
    }
  }

  /** What one export holds of the disk. */
  final class Space {
    private final Holder holder;
    private final Holding holding;
    private final Holding ofCaller;
    private long bytes;
    private boolean isReleased;

    private Space(Holder holder, Holding holding, Holding ofCaller) {
      this.holder = holder;
      this.holding = holding;
      this.ofCaller = ofCaller;
    }

    /**
     * Adds bytes that are about to be written.
     *
     * @throws Problem busy, or that the export is too large, when there is no room for them
     */
    void take(int count) {
      OpenExports.this.take(this, count);
    }
  }

  private final class Open extends FilterInputStream {
    private final Space space;

    Open(InputStream export, Space space) {
      super(export);
      this.space = space;
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        end(space);
      }
    }
  }
}
