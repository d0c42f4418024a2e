package com.ytempire.sidecar.fairness;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Order of service by start-time fair queueing over users (Goyal, Vin, Cheng 1996): each user's
 * next call has a start tag, the larger of the queue's virtual time and the end of the same user's
 * call before it; the smallest tag goes first. So a user with a hundred calls waiting delays
 * another's first call by one call at most, and over time users are served in proportion to their
 * weights. Calls that a person waits for stand in a lane of their own with a larger weight, so that
 * the same user's background calls are not in their way.
 *
 * <p>No clock, no thread, no lock: a value that changes by its methods only. Not safe to share.
 */
final class FairQueue {
  /** A call that a person waits for counts as if its user had so many times the weight. */
  private static final int INTERACTIVE = 4;

  /**
   * Permits that a user may be ahead by what it got at other replicas. Without a bound one that was
   * alone there for long would starve here.
   */
  private static final int MAX_AHEAD = 64;

  /**
   * Maximum number of users without a call whose tags are kept. Above it those that end first are
   * dropped, so that requests in the name of ever new users take bounded memory.
   */
  static final int MAX_IDLE = 10_000;

  private final int maxRunningPerUser;
  private final int maxWaiting;
  private final int maxWaitingPerUser;
  private final Map<UUID, User> users = new HashMap<>();

  /** Lanes whose first call may run, next first. */
  private final TreeSet<Lane> ready =
      new TreeSet<>(
          Comparator.<Lane>comparingDouble(lane -> lane.tag)
              .thenComparingLong(lane -> lane.waiting.getFirst().arrival));

  /** Users without a call whose last call does not lie in the past, by its end. */
  private final TreeSet<User> idle =
      new TreeSet<>(Comparator.comparingDouble(User::end).thenComparing(user -> user.id));

  private int maxRunning;
  private double virtualTime;
  private long arrivals;
  private int running;
  private int waiting;

  /** A call that waits, or runs. */
  static final class Ticket {
    private final Lane lane;
    private final int weight;
    private final long arrival;

    private Ticket(Lane lane, int weight, long arrival) {
      this.lane = lane;
      this.weight = weight;
      this.arrival = arrival;
    }

    UUID userId() {
      return lane.user.id;
    }
  }

  private static final class User {
    private final UUID id;
    private final Lane interactive = new Lane(this);
    private final Lane background = new Lane(this);
    private int running;

    User(UUID id) {
      this.id = id;
    }

    int waiting() {
      return interactive.waiting.size() + background.waiting.size();
    }

    /** The end of the last call. */
    double end() {
      return Math.max(interactive.tag, background.tag);
    }
  }

  private static final class Lane {
    private final User user;
    private final ArrayDeque<Ticket> waiting = new ArrayDeque<>();

    /** The first call's start; of an empty lane, the end of the last. */
    private double tag;

    private boolean isReady;

    Lane(User user) {
      this.user = user;
    }
  }

  /**
   * Makes an empty queue.
   *
   * @param maxRunning calls at the same time, and {@code maxRunningPerUser} of one user
   * @param maxWaiting calls that may wait, and {@code maxWaitingPerUser} of one user
   */
  FairQueue(int maxRunning, int maxRunningPerUser, int maxWaiting, int maxWaitingPerUser) {
    this.maxRunning = maxRunning;
    this.maxRunningPerUser = maxRunningPerUser;
    this.maxWaiting = maxWaiting;
    this.maxWaitingPerUser = maxWaitingPerUser;
  }

  /**
   * Lines a call up; empty when too many wait already, of this user or of all.
   *
   * @param weight how much of the whole the user is worth, at least 1
   * @param isInteractive whether a person waits for it
   */
  Optional<Ticket> join(UUID userId, int weight, boolean isInteractive) {
    User user = users.computeIfAbsent(userId, User::new);
    idle.remove(user);
    if (waiting >= maxWaiting || user.waiting() >= maxWaitingPerUser) {
      forgetIfIdle(user);
      return Optional.empty();
    }
    Lane lane = isInteractive ? user.interactive : user.background;
    Ticket ticket = new Ticket(lane, isInteractive ? weight * INTERACTIVE : weight, arrivals++);
    if (lane.waiting.isEmpty()) {
      lane.tag = Math.max(virtualTime, lane.tag);
    }
    lane.waiting.add(ticket);
    waiting++;
    settle(lane);
    return Optional.of(ticket);
  }

  /** The call that may run now; empty when none may. */
  Optional<Ticket> next() {
    if (running >= maxRunning || ready.isEmpty()) {
      return Optional.empty();
    }
    Lane lane = ready.first();
    unready(lane);
    Ticket ticket = lane.waiting.removeFirst();
    waiting--;
    running++;
    lane.user.running++;
    virtualTime = Math.max(virtualTime, lane.tag);
    while (!idle.isEmpty() && idle.first().end() <= virtualTime) {
      forgetFirstIdle();
    }
    lane.tag += 1.0 / ticket.weight;
    settle(lane.user);
    return Optional.of(ticket);
  }

  /** A running call is done. */
  void done(Ticket ticket) {
    User user = ticket.lane.user;
    if (user.running == 0) {
      throw new NoSuchElementException("a ticket that does not run");
    }
    user.running--;
    running--;
    settle(user);
    forgetIfIdle(user);
  }

  /** A waiting call went away; answers false when it runs already. */
  boolean leave(Ticket ticket) {
    Lane lane = ticket.lane;
    unready(lane);
    boolean waited = lane.waiting.remove(ticket);
    settle(lane);
    if (waited) {
      waiting--;
      forgetIfIdle(lane.user);
    }
    return waited;
  }

  /** A user was served at another replica; so much later is it served here. */
  void servedElsewhere(UUID userId, double turnsByWeight) {
    User user = users.get(userId);
    if (user != null) {
      Lane lane = user.background;
      unready(lane);
      boolean isIdle = idle.remove(user);
      lane.tag =
          Math.max(
              lane.tag,
              Math.min(Math.max(virtualTime, lane.tag) + turnsByWeight, virtualTime + MAX_AHEAD));
      settle(lane);
      if (isIdle) {
        idle.add(user);
      }
    }
  }

  /** From now on so many at the same time; those that run already run on. */
  void maxRunning(int maximum) {
    maxRunning = maximum;
  }

  int running() {
    return running;
  }

  int waiting() {
    return waiting;
  }

  /** How many calls of a user wait. */
  int waiting(UUID userId) {
    User user = users.get(userId);
    return user == null ? 0 : user.waiting();
  }

  private void settle(User user) {
    settle(user.interactive);
    settle(user.background);
  }

  /** Puts a lane among those that are ready, or takes it away, as its user now stands. */
  private void settle(Lane lane) {
    unready(lane);
    if (!lane.waiting.isEmpty() && lane.user.running < maxRunningPerUser) {
      ready.add(lane);
      lane.isReady = true;
    }
  }

  /** Before anything changes by which lanes are ordered. */
  private void unready(Lane lane) {
    if (lane.isReady) {
      ready.remove(lane);
      lane.isReady = false;
    }
  }

  /** An idle user whose last call lies in the past has nothing worth remembering. */
  private void forgetIfIdle(User user) {
    if (user.running == 0 && user.waiting() == 0) {
      idle.add(user);
      boolean isAllIdle = running == 0 && waiting == 0;
      while (!idle.isEmpty()
          && (isAllIdle || idle.size() > MAX_IDLE || idle.first().end() <= virtualTime)) {
        forgetFirstIdle();
      }
    }
  }

  private void forgetFirstIdle() {
    users.remove(idle.removeFirst().id);
  }

  /** Users that are remembered. */
  int users() {
    return users.size();
  }
}
