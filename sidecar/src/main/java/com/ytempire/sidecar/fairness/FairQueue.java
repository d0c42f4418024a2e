package com.ytempire.sidecar.fairness;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is, by start-time fair queueing over users (Goyal, Vin, Cheng 1996): each waiting
 * call gets a start tag, the larger of the queue's virtual time and the end of the same user's call
 * before it; the smallest tag goes first. So a user with a hundred calls waiting delays another's
 * first call by one turn at most, and over time users are served in proportion to their weights.
 *
 * <p>No clock, no thread, no lock: a value that changes by its methods only. Not safe to share.
 */
final class FairQueue {
  private final int maxRunning;
  private final int maxRunningPerUser;
  private final int maxWaitingPerUser;
  private final Map<UUID, User> users = new HashMap<>();
  private double virtualTime;
  private long arrivals;
  private int running;
  private int waiting;

  /** A call that waits, or runs. */
  static final class Ticket {
    private final UUID userId;
    private final double start;
    private final long arrival;

    private Ticket(UUID userId, double start, long arrival) {
      this.userId = userId;
      this.start = start;
      this.arrival = arrival;
    }

    UUID userId() {
      return userId;
    }
  }

  private static final class User {
    private final ArrayDeque<Ticket> waiting = new ArrayDeque<>();
    private double finish;
    private int running;
  }

  FairQueue(int maxRunning, int maxRunningPerUser, int maxWaitingPerUser) {
    this.maxRunning = maxRunning;
    this.maxRunningPerUser = maxRunningPerUser;
    this.maxWaitingPerUser = maxWaitingPerUser;
  }

  /**
   * Lines a call up; empty when the user has too many waiting already.
   *
   * @param weight how much of the whole the user is worth, at least 1
   */
  Optional<Ticket> join(UUID userId, int weight) {
    User user = users.computeIfAbsent(userId, id -> new User());
    if (user.waiting.size() >= maxWaitingPerUser) {
      return Optional.empty();
    }
    double start = Math.max(virtualTime, user.finish);
    user.finish = start + 1.0 / weight;
    Ticket ticket = new Ticket(userId, start, arrivals++);
    user.waiting.add(ticket);
    waiting++;
    return Optional.of(ticket);
  }

  /** The call that may run now; empty when none may. */
  Optional<Ticket> next() {
    if (running >= maxRunning) {
      return Optional.empty();
    }
    @Nullable Ticket best = null;
    for (User user : users.values()) {
      Ticket head = user.waiting.peek();
      if (head == null || user.running >= maxRunningPerUser) {
        continue;
      }
      if (best == null
          || head.start < best.start
          || (head.start == best.start && head.arrival < best.arrival)) {
        best = head;
      }
    }
    if (best == null) {
      return Optional.empty();
    }
    User user = user(best);
    user.waiting.poll();
    user.running++;
    running++;
    waiting--;
    virtualTime = Math.max(virtualTime, best.start);
    return Optional.of(best);
  }

  /** A running call is done. */
  void done(Ticket ticket) {
    User user = user(ticket);
    user.running--;
    running--;
    forgetIfIdle(ticket.userId, user);
  }

  /** A waiting call went away; answers false when it runs already. */
  boolean leave(Ticket ticket) {
    User user = users.get(ticket.userId);
    if (user == null || !user.waiting.remove(ticket)) {
      return false;
    }
    waiting--;
    forgetIfIdle(ticket.userId, user);
    return true;
  }

  int running() {
    return running;
  }

  int waiting() {
    return waiting;
  }

  /**
   * An idle user whose last call lies in the past of virtual time has nothing worth remembering.
   */
  private void forgetIfIdle(UUID userId, User user) {
    if (user.running == 0
        && user.waiting.isEmpty()
        && (user.finish <= virtualTime || (running == 0 && waiting == 0))) {
      users.remove(userId);
    }
  }

  private User user(Ticket ticket) {
    User user = users.get(ticket.userId);
    if (user == null) {
      throw new IllegalStateException("a ticket of a user that is not known");
    }
    return user;
  }
}
