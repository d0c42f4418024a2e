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
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Limits the number of exports that are written or downloaded at the same time, per user and in
 * all: each is a file in the temporary directory, which may be memory, until its caller has read
 * it. Each sidecar counts its own. Safe to share between threads.
 */
final class OpenExports {
  /** One that is downloaded, and one that is written meanwhile. */
  static final int PER_USER = 2;

  /** Of all users. */
  static final int MAX_OPEN = 10;

  /** Of these, those that only a user without an open export may have. */
  static final int FOR_FIRST = 2;

  private static final int RETRY_SECONDS = 30;

  private final Clock clock;
  private final Map<UUID, Integer> open = new HashMap<>();
  private int total;

  OpenExports(Clock clock) {
    this.clock = clock;
  }

  /** Writes an export and returns it, to be closed by the caller. */
  @FunctionalInterface
  interface Writer {
    InputStream write();
  }

  /**
   * Writes an export of a user and returns it; it counts until it is closed.
   *
   * @throws Problem busy, when as many of this user, or of all, are open as may be
   */
  InputStream open(UUID userId, Writer writer) {
    begin(userId);
    boolean isWritten = false;
    try {
      InputStream export = new Open(writer.write(), userId);
      isWritten = true;
      return export;
    } finally {
      if (!isWritten) {
        end(userId);
      }
    }
  }

  private synchronized void begin(UUID userId) {
    int own = open.getOrDefault(userId, 0);
    if (own >= PER_USER) {
      throw busy(
          "%d exports of this user are under way or being downloaded. Wait until one has ended."
              .formatted(PER_USER));
    }
    if (total >= (own == 0 ? MAX_OPEN : MAX_OPEN - FOR_FIRST)) {
      throw busy(
          "%d exports are under way or being downloaded, as many as may be. Try again when one has ended."
              .formatted(total));
    }
    open.merge(userId, 1, Integer::sum);
    total++;
  }

  private Problem busy(String detail) {
    return Problem.until(Type.BUSY, detail, clock.instant().plusSeconds(RETRY_SECONDS));
  }

  private synchronized void end(UUID userId) {
    open.computeIfPresent(userId, (id, count) -> count == 1 ? null : count - 1);
    total--;
  }

  private final class Open extends FilterInputStream {
    private final UUID userId;
    private final AtomicBoolean isOpen = new AtomicBoolean(true);

    Open(InputStream export, UUID userId) {
      super(export);
      this.userId = userId;
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        if (isOpen.getAndSet(false)) {
          end(userId);
        }
      }
    }
  }
}
