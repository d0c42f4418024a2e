package com.ytempire.sidecar.web;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.trace.RequestTrace;
import com.ytempire.sidecar.web.Problem.Type;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Limits the number of concurrent requests per user and per kind of work, and sets how long a
 * request may wait. A request above a limit waits in fair order of users until its deadline and is
 * then refused as busy. Safe to share between threads.
 */
final class RequestLimits {
  /**
   * How long a request waits for what it needs, when its caller does not say; below the 60 seconds
   * that clients commonly give a request, so that they get the reason.
   */
  static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(50);

  /** Longest that a caller may ask to wait. */
  private static final int MAX_TIMEOUT_SECONDS = 3600;

  /** RFC 7240, section 4.3. */
  private static final Pattern PREFER_WAIT =
      Pattern.compile("(?:^|[,;])\\s*wait\\s*=\\s*\"?(\\d{1,6})\"?\\s*(?:$|[,;])");

  /** A request that takes no longer is small: its permit has no cooldown unless many wait. */
  private static final Duration SMALL = Duration.ofMillis(20);

  /**
   * Requests of a user that may wait for a bulkhead before permits of small ones have a cooldown,
   * too: more than a page of panels or a workflow sends at once.
   */
  private static final int MANY_WAITING = 16;

  /** The longest cooldown as a multiple of the time that the permit was held. */
  private static final int MAX_COOLDOWN_FACTOR = 15;

  /** The longest cooldown of a user's permit of a bulkhead. */
  private static final Duration MAX_COOLDOWN = Duration.ofSeconds(10);

  static final int CONCURRENT_PER_USER = 8;
  private static final int CONCURRENT_OF_USERS = 256;

  /** Of each service or operator token: their workflows serve all users. */
  private static final int CONCURRENT_PER_PLATFORM_TOKEN = 256;

  /** How long a request that finds the queue full, of its user or of all, waits for its refusal. */
  private static final Duration REFUSAL_DELAY = Duration.ofSeconds(1);

  /**
   * Refusals that wait at once, of all users: as many as there are connections of callers ({@code
   * Server}), each of which has one request at a time. Those beyond come without waiting.
   */
  static final int MAX_DELAYED_REFUSALS = 4000;

  private static final int CONCURRENT_OF_PLATFORM = 512;
  private static final int MAX_WAITING = 2000;
  private static final int MAX_WAITING_PER_USER = 100;

  /**
   * Requests of a service or operator token that wait at once: half of all, so that one service
   * token does not keep out an operator who would revoke it.
   */
  private static final int MAX_WAITING_PER_PLATFORM_TOKEN = MAX_WAITING / 2;

  /**
   * Requests of a service or operator token that are in the bulkheads at once, running or waiting.
   * Each of them waits among those of the user whom it names, a hundred of each at most.
   */
  private static final int IN_BULKHEADS_PER_PLATFORM_TOKEN = 500;

  /** Of callers who need no permit of a kind. */
  private static final FairScheduler.Permit NONE = () -> {};

  private final FairScheduler users;
  private final FairScheduler platform;
  private final Permits exports;
  private final Permits largeReads;
  private final Clock clock;
  private final RefusalPace pace;

  /**
   * A bulkhead's permits. A user's request takes one of the user's; one of a service or operator
   * token takes one of the token's for the user whom it names, then one of the token's for all; and
   * each of them one of all. Only the first has a cooldown: what one has used up keeps nobody else
   * waiting, and what waits for a second permit holds none that somebody else's request needs.
   */
  private record Permits(
      Endpoint.Bulkhead bulkhead,
      FairScheduler ofUser,
      FairScheduler ofToken,
      FairScheduler ofAll) {
    static Permits of(Endpoint.Bulkhead bulkhead, Clock clock) {
      return new Permits(
          bulkhead,
          new FairScheduler(
              MAX_WAITING, bulkhead.concurrentPerUser(), MAX_WAITING, MAX_WAITING_PER_USER, clock),
          // Whatever users it names, half is left to other callers.
          new FairScheduler(
              MAX_WAITING,
              bulkhead.concurrent() / 2,
              MAX_WAITING,
              IN_BULKHEADS_PER_PLATFORM_TOKEN,
              clock),
          new FairScheduler(
              bulkhead.concurrent(),
              bulkhead.concurrentPerUser(),
              MAX_WAITING,
              MAX_WAITING_PER_USER,
              clock));
    }

    int waiting() {
      return ofUser.waiting() + ofToken.waiting() + ofAll.waiting();
    }
  }

  /** Requests in bulkheads, by the service or operator token; those that wait there count, too. */
  private final Map<UUID, Integer> inBulkheads = new ConcurrentHashMap<>();

  private final Semaphore delays = new Semaphore(MAX_DELAYED_REFUSALS);

  RequestLimits(Clock clock) {
    this(clock, REFUSAL_DELAY);
  }

  /** Limits whose refusals of a full queue wait so long. */
  RequestLimits(Clock clock, Duration refusalDelay) {
    this.pace = new RefusalPace(refusalDelay);
    this.users =
        new FairScheduler(
            CONCURRENT_OF_USERS, CONCURRENT_PER_USER, MAX_WAITING, MAX_WAITING_PER_USER, clock);
    this.platform =
        new FairScheduler(
            CONCURRENT_OF_PLATFORM,
            CONCURRENT_PER_PLATFORM_TOKEN,
            MAX_WAITING,
            MAX_WAITING_PER_PLATFORM_TOKEN,
            clock);
    this.exports = Permits.of(Endpoint.Bulkhead.EXPORT, clock);
    this.largeReads = Permits.of(Endpoint.Bulkhead.LARGE_READ, clock);
    this.clock = clock;
  }

  /**
   * The deadline of a request by its {@code Prefer: wait=SECONDS} (RFC 7240), or the default one.
   */
  static Deadline deadline(@Nullable String prefer) {
    if (prefer != null) {
      Matcher wait = PREFER_WAIT.matcher(prefer);
      if (wait.find()) {
        return Deadline.after(
            Duration.ofSeconds(Math.min(MAX_TIMEOUT_SECONDS, Integer.parseInt(wait.group(1)))));
      }
    }
    return Deadline.after(DEFAULT_TIMEOUT);
  }

  /**
   * Runs a request when it has a permit.
   *
   * @param about the user whom the request is about; null: none in particular
   * @throws Problem busy, when it has not come until the deadline
   */
  void run(Endpoint.Bulkhead bulkhead, Caller caller, @Nullable UUID about, Runnable request) {
    Deadline deadline = Deadline.currentOr(DEFAULT_TIMEOUT);
    Optional<Permits> narrower =
        switch (bulkhead) {
          case NONE -> Optional.empty();
          case EXPORT -> Optional.of(exports);
          case LARGE_READ -> Optional.of(largeReads);
        };
    FairScheduler all = caller.userId() == null ? platform : users;
    try {
      if (narrower.isEmpty()) {
        try (FairScheduler.Permit permit = all.take(caller.account(), 1, true, deadline)) {
          request.run();
        }
      } else {
        runInBulkhead(narrower.get(), all, caller, about, request, deadline);
      }
    } catch (FairScheduler.Busy e) {
      if (e.isQueueFull()) {
        throw queueFull(caller.account(), deadline);
      }
      throw busy(
          "Too many requests of yours are under way, and none ended in the time given. Send fewer at once, or allow more time with the header Prefer: wait=SECONDS.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.of(Type.CALLER_GONE, "The request was cancelled while it waited.");
    }
  }

  private Problem busy(String detail) {
    return Problem.until(Type.BUSY, detail, clock.instant().plusSeconds(5));
  }

  /** Waits, and returns the refusal of a request for which there is no place in its queue. */
  private Problem queueFull(UUID account, Deadline deadline) {
    delayRefusal(account, deadline);
    return busy("Too many requests wait already. Try again later, or send fewer at once.");
  }

  /** Requests that wait now, here and in bulkheads. */
  int waiting() {
    return users.waiting() + platform.waiting() + exports.waiting() + largeReads.waiting();
  }

  /** Refusals that wait now. */
  int delayedRefusals() {
    return MAX_DELAYED_REFUSALS - delays.availablePermits();
  }

  /** Waits before a refusal; who is interrupted is refused at once. */
  private void delayRefusal(UUID account, Deadline deadline) {
    if (!delays.tryAcquire()) {
      return;
    }
    try {
      Thread.sleep(pace.schedule(account, deadline.remaining(), System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      delays.release();
    }
  }

  /**
   * Runs a request of a bulkhead. It waits for the bulkhead first: requests that wait there hold no
   * permit that other requests of the same account need.
   */
  private void runInBulkhead(
      Permits permits,
      FairScheduler all,
      Caller caller,
      @Nullable UUID about,
      Runnable request,
      Deadline deadline)
      throws InterruptedException {
    if (caller.userId() != null) {
      takeAndRun(permits, all, caller, about, request, deadline);
      return;
    }
    UUID token = caller.account();
    if (inBulkheads.merge(token, 1, Integer::sum) > IN_BULKHEADS_PER_PLATFORM_TOKEN) {
      leaveBulkheads(token);
      throw queueFull(token, deadline);
    }
    try {
      takeAndRun(permits, all, caller, about, request, deadline);
    } finally {
      leaveBulkheads(token);
    }
  }

  private void leaveBulkheads(UUID token) {
    inBulkheads.computeIfPresent(token, (key, count) -> count == 1 ? null : count - 1);
  }

  private static void takeAndRun(
      Permits permits,
      FairScheduler all,
      Caller caller,
      @Nullable UUID about,
      Runnable request,
      Deadline deadline)
      throws InterruptedException {
    // Nobody has judged yet whether the caller may name that user: a user's own requests never
    // take, or wait for, a permit of another user.
    UUID account = caller.account();
    UUID whose = caller.userId() != null || about == null ? account : about;
    // What a service token asks about a user has a queue of its own beside the user's.
    UUID queueId = whose.equals(account) ? account : joined(account, whose);
    FairScheduler.Permit ofUser = permits.ofUser().take(queueId, 1, true, deadline);
    Duration held = Duration.ZERO;
    try (FairScheduler.Permit ofToken =
            caller.userId() == null ? permits.ofToken().take(account, 1, true, deadline) : NONE;
        FairScheduler.Permit ofAll = permits.ofAll().take(queueId, 1, true, deadline);
        FairScheduler.Permit permit = all.take(account, 1, true, deadline)) {
      long began = System.nanoTime();
      try {
        runOnThreadOfItsOwn(request, deadline);
      } finally {
        held = Duration.ofNanos(System.nanoTime() - began);
      }
    } finally {
      release(ofUser, permits.bulkhead(), permits.ofUser().waiting(queueId), held);
    }
  }

  /** An id for two ids together, that nobody finds two other ids for. */
  private static UUID joined(UUID token, UUID user) {
    return UUID.nameUUIDFromBytes((token + " " + user).getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Returns a user's permit: at once, or, where more requests of the same user wait for it, after a
   * cooldown of one to fifteen times the time that it was held, the longer the more of them wait.
   * Some small requests, and one request after the other, are not slowed down by that; a user who
   * sends large ones all at once leaves half of the time to others, and one who sends them, or
   * small ones, by the hundred, or exports by the score, more than nine tenths.
   */
  private static void release(
      FairScheduler.Permit permit, Endpoint.Bulkhead bulkhead, int waiting, Duration held) {
    if (waiting == 0 || (held.compareTo(SMALL) <= 0 && waiting <= MANY_WAITING)) {
      permit.close();
      return;
    }
    Duration whole =
        held.multipliedBy(
            Math.clamp(waiting / bulkhead.waitingPerCooldownStep(), 1, MAX_COOLDOWN_FACTOR));
    Duration cooldown = whole.compareTo(MAX_COOLDOWN) < 0 ? whole : MAX_COOLDOWN;
    try {
      Thread.ofVirtual()
          .name("bulkhead-cooldown")
          .start(() -> {
            try (permit) {
              Thread.sleep(cooldown);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    } catch (RuntimeException | Error e) {
      permit.close();
      throw e;
    }
  }

  /**
   * Runs a request of a bulkhead on a thread of the operating system, which takes the processor
   * from it after some milliseconds. Virtual threads are not preempted: a few requests that
   * serialize thousands of rows would hold every carrier thread, and all other requests behind
   * them. There are at most as many threads as the bulkheads have permits.
   *
   * @throws InterruptedException if the caller's thread is interrupted; the request has ended then
   */
  private static void runOnThreadOfItsOwn(Runnable request, Deadline deadline)
      throws InterruptedException {
    // A new thread inherits no scoped value.
    Runnable traced =
        RequestTrace.current().<Runnable>map(trace -> () -> trace.run(request)).orElse(request);
    FutureTask<Boolean> task = new FutureTask<>(() -> deadline.run(traced), true);
    Thread thread = Thread.ofPlatform().daemon().name("bulkhead").start(task);
    try {
      task.get();
    } catch (ExecutionException e) {
      switch (Objects.requireNonNull(e.getCause())) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      thread.join();
      throw e;
    }
  }
}
