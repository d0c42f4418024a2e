package com.ytempire.simulator;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Trouble that can be switched on, as Google has it on a bad day. Safe to share. */
public final class Faults {
  /** What may go wrong with the next calls. */
  public enum Kind {
    /** 503 backendError. */
    SERVER_ERROR,
    /** 429 without a word about the day. */
    RATE_LIMIT,
    /** No answer until {@link Faults#release}. */
    SLOW
  }

  private final Map<Kind, AtomicInteger> next = new ConcurrentHashMap<>();
  private final Set<String> deadGrants = ConcurrentHashMap.newKeySet();
  private volatile boolean revocationsRefused;
  private volatile CountDownLatch held = new CountDownLatch(0);
  private final AtomicInteger waiting = new AtomicInteger();

  /** Makes the next {@code calls} API calls go wrong. */
  public void next(Kind kind, int calls) {
    if (kind == Kind.SLOW) {
      held = new CountDownLatch(1);
    }
    next.computeIfAbsent(kind, k -> new AtomicInteger()).set(calls);
  }

  /** Lets the calls that {@link Kind#SLOW} holds go on. */
  public void release() {
    held.countDown();
  }

  /**
   * From now on the refresh token of this channel answers {@code invalid_grant}, as after the owner
   * removed our access.
   */
  public void killGrant(String channelId) {
    deadGrants.add(channelId);
  }

  /** While set, the revocation endpoint answers 503. */
  public void refuseRevocations(boolean refuse) {
    revocationsRefused = refuse;
  }

  boolean refusesRevocations() {
    return revocationsRefused;
  }

  boolean isDead(String channelId) {
    return deadGrants.contains(channelId);
  }

  void revive(String channelId) {
    deadGrants.remove(channelId);
  }

  /** How many calls are being held. */
  public int waiting() {
    return waiting.get();
  }

  void strike() {
    for (Kind kind : Kind.values()) {
      AtomicInteger left = next.get(kind);
      if (left == null || left.getAndUpdate(n -> Math.max(0, n - 1)) <= 0) {
        continue;
      }
      switch (kind) {
        case SERVER_ERROR -> throw GoogleError.backend();
        case RATE_LIMIT -> throw GoogleError.rateLimited();
        case SLOW -> {
          waiting.incrementAndGet();
          try {
            held.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            waiting.decrementAndGet();
          }
        }
      }
    }
  }
}
