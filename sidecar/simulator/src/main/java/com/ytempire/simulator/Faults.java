package com.ytempire.simulator;

import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Faults of Google that can be switched on. Safe to share. */
public final class Faults {
  /** A fault of the next calls. */
  public enum Kind {
    /** 503 backendError. */
    SERVER_ERROR,
    /** 429 without a word about the day. */
    RATE_LIMIT,
    /** 401 authError, whatever the token. */
    UNAUTHENTICATED,
    /**
     * 403: the API is not enabled in the project; {@code SERVICE_DISABLED} in the new format and
     * {@code accessNotConfigured} in the old one, in turn.
     */
    API_DISABLED,
    /** 403 with {@code forbidden} and nothing else. */
    FORBIDDEN,
    /** 200 with a page of HTML, as a proxy or a login page on the way answers. */
    HTML,
    /** No answer until {@link Faults#release}. */
    SLOW
  }

  private final Map<Kind, AtomicInteger> next = new ConcurrentHashMap<>();
  private final Set<String> deadGrants = ConcurrentHashMap.newKeySet();
  private final Set<String> poisoned = ConcurrentHashMap.newKeySet();
  private final Set<LocalDate> spoiled = ConcurrentHashMap.newKeySet();
  private final Map<LocalDate, LargeFile> largeFiles = new ConcurrentHashMap<>();
  private final Set<LocalDate> brokenFiles = ConcurrentHashMap.newKeySet();
  private final Set<String> moved = ConcurrentHashMap.newKeySet();
  private final Set<String> closed = ConcurrentHashMap.newKeySet();
  private final Set<String> takenDown = ConcurrentHashMap.newKeySet();
  private final AtomicInteger disabledAnswers = new AtomicInteger();
  private volatile TokenAnswer tokenAnswer = TokenAnswer.ORDINARY;
  private volatile boolean testing;
  private volatile boolean pushesLost;
  private final Set<String> withoutMonetaryScope = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refreshesToFail = new AtomicInteger();
  private volatile boolean revocationsRefused;
  private volatile boolean hubAway;
  private volatile boolean feedsAway;
  private volatile boolean videosByDay = true;
  private volatile boolean percentagesBlank;
  private volatile Duration delay = Duration.ZERO;
  private volatile Consumer<Duration> passing = Faults::sleep;
  private final Map<Kind, Integer> oneIn = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile CountDownLatch held = new CountDownLatch(0);
  private final AtomicInteger waiting = new AtomicInteger();

  /** Makes the next {@code calls} API calls go wrong. */
  public void next(Kind kind, int calls) {
    if (kind == Kind.SLOW) {
      held = new CountDownLatch(1);
    }
    next.computeIfAbsent(kind, k -> new AtomicInteger()).set(calls);
  }

  /**
   * From now on one in so many API calls goes wrong.
   *
   * @param kind {@link Kind#SERVER_ERROR} or {@link Kind#RATE_LIMIT}
   * @param every 1: each of them; 0: none any more
   */
  public void oneIn(Kind kind, int every) {
    if (every == 0) {
      oneIn.remove(kind);
    } else {
      oneIn.put(kind, every);
    }
  }

  /** How many API calls there have been. */
  public int calls() {
    return calls.get();
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

  /** An answer of the token endpoint to a request for a fresh access token. */
  public enum TokenAnswer {
    ORDINARY,
    /** 400 with the body {@code {}}. */
    EMPTY,
    /** 200 with the body {@code {}}. */
    EMPTY_SUCCESS,
    /** 200 with a page of HTML. */
    HTML,
    /** {@code invalid_grant} of subtype {@code invalid_rapt}: a policy demands a new login. */
    INVALID_RAPT,
    /** {@code org_internal}: the client is for one organization's accounts alone. */
    ORG_INTERNAL
  }

  /**
   * From now on fresh access tokens are asked for with this result
   * (developers.google.com/identity/protocols/oauth2/web-server, errors).
   */
  public void answerTokens(TokenAnswer answer) {
    tokenAnswer = answer;
  }

  TokenAnswer tokenAnswer() {
    return tokenAnswer;
  }

  /**
   * While set, the app's consent screen is in Testing: refresh tokens given then live for 7 days
   * and say so in {@code refresh_token_expires_in}.
   */
  public void testing(boolean inTesting) {
    testing = inTesting;
  }

  boolean isTesting() {
    return testing;
  }

  /**
   * From now on the channel belongs to another Google account: its old grants no longer own it, and
   * Analytics and Reporting answer them a bare 403 (youtube/api-samples#362).
   */
  public void changeOwner(String channelId) {
    moved.add(channelId);
  }

  boolean isMoved(String channelId) {
    return moved.contains(channelId);
  }

  /**
   * From now on the account of this channel is closed, or suspended: 403 to every call with its
   * grant. That nobody is shown the channel then is inferred from deleted videos.
   */
  public void closeAccount(String channelId) {
    closed.add(channelId);
  }

  boolean isClosed(String channelId) {
    return closed.contains(channelId);
  }

  /**
   * From now on YouTube shows nobody this channel or its videos, while its grant still works, as
   * while a takedown is appealed against. That lists then leave them out is inferred from deleted
   * videos, of which that is documented.
   */
  public void takeDown(String channelId) {
    takenDown.add(channelId);
  }

  boolean isTakenDown(String channelId) {
    return takenDown.contains(channelId) || closed.contains(channelId);
  }

  /** While set, the hub keeps its subscriptions and pushes nothing, as in September 2026. */
  public void losePushes(boolean lost) {
    pushesLost = lost;
  }

  boolean arePushesLost() {
    return pushesLost;
  }

  /** Makes the next {@code calls} refreshes of access tokens answer 503. */
  public void failRefreshes(int calls) {
    refreshesToFail.set(calls);
  }

  boolean failsRefresh() {
    return refreshesToFail.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  /** While set, the revocation endpoint answers 503. */
  public void refuseRevocations(boolean refuse) {
    revocationsRefused = refuse;
  }

  /**
   * From now on every batch with this video, and every Analytics query of this channel, is answered
   * 400, as with some deleted videos.
   */
  public void poison(String videoOrChannelId) {
    poisoned.add(videoOrChannelId);
  }

  /** From now on files of the Reporting API about this day are no such files. */
  public void spoilFiles(LocalDate day) {
    spoiled.add(day);
  }

  /** From now on files of the Reporting API about this day break off in the middle of a line. */
  public void breakFiles(LocalDate day) {
    brokenFiles.add(day);
  }

  /**
   * A file of the Reporting API that is far larger than its channel would make it.
   *
   * @param lines videos in it
   * @param beforeEnd runs when all lines but the last were sent
   */
  record LargeFile(int lines, Runnable beforeEnd) {}

  /**
   * From now on files of the Reporting API on the reach of thumbnails have so many videos on this
   * day, of about 50 bytes each, of which the n-th has n impressions.
   *
   * @param beforeEnd runs when all lines but the last were sent
   */
  public void enlargeFiles(LocalDate day, int lines, Runnable beforeEnd) {
    largeFiles.put(day, new LargeFile(lines, beforeEnd));
  }

  Optional<LargeFile> largeFile(LocalDate day) {
    return Optional.ofNullable(largeFiles.get(day));
  }

  /** Ends what {@link #breakFiles} began. */
  public void repairFiles(LocalDate day) {
    brokenFiles.remove(day);
  }

  boolean isBroken(LocalDate day) {
    return brokenFiles.contains(day);
  }

  boolean isSpoiled(LocalDate day) {
    return spoiled.contains(day);
  }

  /** Ends what {@link #poison} began. */
  public void heal(String videoOrChannelId) {
    poisoned.remove(videoOrChannelId);
  }

  boolean isPoisoned(String videoOrChannelId) {
    return poisoned.contains(videoOrChannelId);
  }

  /**
   * From now on Analytics answers revenue of this channel as to a grant without the monetary scope,
   * though the grant was given with it.
   */
  public void dropMonetaryScope(String channelId) {
    withoutMonetaryScope.add(channelId);
  }

  boolean lacksMonetaryScope(String channelId) {
    return withoutMonetaryScope.contains(channelId);
  }

  /** While set, the hub answers 503, as it did in September 2026. */
  public void hubAway(boolean away) {
    hubAway = away;
  }

  boolean isHubAway() {
    return hubAway;
  }

  /** While set, the feeds of new videos answer 500. */
  public void feedsAway(boolean away) {
    feedsAway = away;
  }

  boolean areFeedsAway() {
    return feedsAway;
  }

  /** While not set, Analytics refuses {@code day,video} with a filter; it is set at first. */
  public void videosByDay(boolean taken) {
    videosByDay = taken;
  }

  boolean takesVideosByDay() {
    return videosByDay;
  }

  /**
   * While set, Analytics answers engaged views together with percentages without a row
   * (issuetracker.google.com/issues/552694602).
   */
  public void blankPercentages(boolean blank) {
    percentagesBlank = blank;
  }

  boolean arePercentagesBlank() {
    return percentagesBlank;
  }

  boolean refusesRevocations() {
    return revocationsRefused;
  }

  boolean isDead(String channelId) {
    return deadGrants.contains(channelId);
  }

  void revive(String channelId) {
    deadGrants.remove(channelId);
    closed.remove(channelId);
    moved.remove(channelId);
  }

  /** From now on every API call is answered so much later, as over a network. */
  public void delay(Duration later) {
    delay(later, Faults::sleep);
  }

  /**
   * As {@link #delay(Duration)}, where time passes in another way: a moved clock is moved, so that
   * nobody really waits.
   */
  public void delay(Duration later, Consumer<Duration> passing) {
    this.passing = passing;
    delay = later;
  }

  private static void sleep(Duration later) {
    try {
      Thread.sleep(later);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many calls are being held. */
  public int waiting() {
    return waiting.get();
  }

  void strike() {
    int call = calls.incrementAndGet();
    if (!delay.isZero()) {
      passing.accept(delay);
    }
    oneIn.forEach((kind, every) -> {
      if (call % every == 0) {
        throw kind == Kind.RATE_LIMIT ? GoogleError.rateLimited() : GoogleError.backend();
      }
    });
    for (Kind kind : Kind.values()) {
      AtomicInteger left = next.get(kind);
      if (left == null || left.getAndUpdate(n -> Math.max(0, n - 1)) <= 0) {
        continue;
      }
      switch (kind) {
        case SERVER_ERROR -> throw GoogleError.backend();
        case RATE_LIMIT -> throw GoogleError.rateLimited();
        case UNAUTHENTICATED -> throw GoogleError.invalidCredentials();
        case API_DISABLED ->
            throw GoogleError.apiDisabled(disabledAnswers.getAndIncrement() % 2 == 0);
        case FORBIDDEN -> throw GoogleError.forbidden();
        case HTML -> throw GoogleError.html();
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
