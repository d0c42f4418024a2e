package com.ytempire.sidecar.privacy;

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
 * user and in all: each is a file in the temporary directory, which may be memory, until its caller
 * has read it. Each sidecar counts its own. Safe to share between threads.
 */
final class OpenExports {
  /** One that is downloaded, and one that is written meanwhile. */
  static final int PER_USER = 2;

  /** Of all users. */
  static final int MAX_OPEN = 10;

  /** Of these, those that only a user without an open export may have. */
  static final int FOR_FIRST = 2;

  /** A user's exports hold at most one of so many equal parts of what all may hold. */
  static final int PARTS = 4;

  private static final int RETRY_SECONDS = 30;

  private final long maxBytes;
  private final Clock clock;
  private final Map<UUID, Holding> holdings = new HashMap<>();
  private int open;
  private long bytes;

  /** What a user's exports hold. */
  private static final class Holding {
    private int open;
    private long bytes;
  }

  /**
   * Counts from nothing.
   *
   * @param maxBytes that the files of all exports may have together
   */
  OpenExports(long maxBytes, Clock clock) {
    this.maxBytes = maxBytes;
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
   * @throws Problem busy, when as many of this user, or of all, are open as may be
   */
  InputStream open(UUID userId, Writer writer) {
    Space space = begin(userId);
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

  private synchronized Space begin(UUID userId) {
    Holding own = holdings.computeIfAbsent(userId, id -> new Holding());
    if (own.open >= PER_USER) {
      throw busy(
          "%d exports of this user are under way or being downloaded. Wait until one has ended."
              .formatted(PER_USER));
    }
    if (open >= (own.open == 0 ? MAX_OPEN : MAX_OPEN - FOR_FIRST)) {
      forgetIfNone(userId, own);
      throw busy(
          "%d exports are under way or being downloaded, as many as may be. Try again when one has ended."
              .formatted(open));
    }
    own.open++;
    open++;
    return new Space(userId, own);
  }

  private synchronized void take(Space space, int count) {
    Holding own = space.holding;
    long maxOfUser = maxBytes / PARTS;
    if (space.bytes + count > maxOfUser) {
      throw Problem.of(
          Type.EXPORT_TOO_LARGE,
          "The export has more than %d MB, which is all that a user's may have. Ask your operator to raise YTEMPIRE_EXPORT_MEGABYTES."
              .formatted(maxOfUser >> 20));
    }
    if (own.bytes + count > maxOfUser) {
      throw busy(
          "Another export of this user is under way or being downloaded, and both together are too large. Wait until it has ended.");
    }
    if (bytes + count > maxBytes) {
      throw busy(
          "Exports that are under way or being downloaded hold as much of the disk as they may. Try again when one has ended.");
    }
    space.bytes += count;
    own.bytes += count;
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
    Holding own = space.holding;
    own.open--;
    own.bytes -= space.bytes;
    open--;
    bytes -= space.bytes;
    forgetIfNone(space.userId, own);
  }

  private void forgetIfNone(UUID userId, Holding own) {
    if (own.open == 0) {
      holdings.remove(userId);
    }
  }

  /** What one export holds of the disk. */
  final class Space {
    private final UUID userId;
    private final Holding holding;
    private long bytes;
    private boolean isReleased;

    private Space(UUID userId, Holding holding) {
      this.userId = userId;
      this.holding = holding;
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
