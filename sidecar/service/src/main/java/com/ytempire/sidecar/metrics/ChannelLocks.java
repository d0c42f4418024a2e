package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.oauth.ChannelKey;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Locks by user and channel. A lock exists while a thread holds or waits for it, so there are no
 * more of them than such threads. Safe to share between threads.
 */
final class ChannelLocks {
  /** The lock of a channel, with the number of threads that hold or wait for it. */
  private record Entry(ReentrantLock lock, int threads) {}

  private final ConcurrentHashMap<ChannelKey, Entry> entries = new ConcurrentHashMap<>();

  /**
   * Runs a job with the lock of a channel, or without it where it is not free in time.
   *
   * @param timeout longest wait for the lock
   * @throws IllegalStateException when the thread is interrupted while it waits
   */
  <T> T run(ChannelKey key, Duration timeout, Supplier<T> job) {
    ReentrantLock lock =
        entries
            .compute(
                key,
                (k, entry) ->
                    entry == null
                        ? new Entry(new ReentrantLock(), 1)
                        : new Entry(entry.lock(), entry.threads() + 1))
            .lock();
    boolean isHeld = false;
    try {
      isHeld = lock.tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return job.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while another report asks", e);
    } finally {
      if (isHeld) {
        lock.unlock();
      }
      entries.computeIfPresent(
          key, (k, entry) -> entry.threads() == 1 ? null : new Entry(lock, entry.threads() - 1));
    }
  }

  /** The number of locks that threads hold or wait for. */
  int size() {
    return entries.size();
  }
}
