package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.Lookup.Key;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Looks channels or videos up, fifty in a call: of one user, by any of its grants that lives; or,
 * where the platform pools public statistics, of all users, by the API key. Safe to share between
 * threads.
 */
final class BatchedLookups<T> {
  /** Long enough for jobs of one fetch to meet, too short to be felt. */
  private static final Duration WINDOW = Duration.ofMillis(20);

  private static final String ALL_USERS = "all users";

  private final BiFunction<FetchContext, List<Key>, LookupQuestion<T>> questions;
  private final boolean isPooled;
  private final Clock clock;
  private final Batcher<Object, Key, FetchContext, Lookup<T>> batcher;

  /**
   * Makes the lookups of one question.
   *
   * @param questions the question to ask for some keys
   * @param isPooled whether those of all users travel together
   */
  BatchedLookups(
      BiFunction<FetchContext, List<Key>, LookupQuestion<T>> questions,
      boolean isPooled,
      Clock clock) {
    this.questions = questions;
    this.isPooled = isPooled;
    this.clock = clock;
    this.batcher =
        new Batcher<>(
            YouTube.IDS_PER_CALL,
            WINDOW,
            (contexts, keys) -> {
              // Whoever waits longest waits for all of them.
              FetchContext leader =
                  contexts.stream()
                      .max(Comparator.comparing(FetchContext::remaining))
                      .orElseThrow();
              return leader.runAsUser(() -> ask(leader, keys));
            });
  }

  /** Looks keys up, together with those of others. */
  Map<Key, Lookup<T>> get(FetchContext context, Collection<Key> keys) {
    try {
      return batcher.get(isPooled ? ALL_USERS : context.userId(), context, keys);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while fetching", e);
    }
  }

  private Map<Key, Lookup<T>> ask(FetchContext context, List<Key> keys) {
    LookupQuestion<T> question = questions.apply(context, keys);
    if (!isPooled) {
      return byAnyGrant(context, keys, question);
    }
    try {
      return question.ask(context.publicCall(), keys, null, clock);
    } catch (YouTubeException e) {
      Map<Key, Lookup<T>> lookups = new HashMap<>();
      keys.forEach(key -> lookups.put(key, new Lookup.Error<>(e.failure())));
      return lookups;
    }
  }

  /**
   * Tries the grants of the channels asked for, one after the other: any of them may read what is
   * public of the others. One that does not work is passed over with its channel.
   */
  private Map<Key, Lookup<T>> byAnyGrant(
      FetchContext context, List<Key> keys, LookupQuestion<T> question) {
    Map<Key, Lookup<T>> lookups = new HashMap<>();
    Set<String> channelsLeft = new LinkedHashSet<>(keys.stream().map(Key::channelId).toList());
    while (!channelsLeft.isEmpty()) {
      String channel = channelsLeft.iterator().next();
      List<Key> living =
          keys.stream().filter(key -> channelsLeft.contains(key.channelId())).toList();
      try {
        lookups.putAll(question.ask(context.call(channel), living, channel, clock));
        return lookups;
      } catch (YouTubeException e) {
        boolean isOfThisGrant = isOfGrant(e.failure());
        for (Key key : living) {
          if (!isOfThisGrant || key.channelId().equals(channel)) {
            lookups.put(key, new Lookup.Error<>(e.failure()));
          }
        }
        if (!isOfThisGrant) {
          return lookups;
        }
        channelsLeft.remove(channel);
      }
    }
    return lookups;
  }

  /** Whether another grant may succeed. */
  private static boolean isOfGrant(Failure failure) {
    return failure instanceof Failure.NotConnected
        || failure instanceof Failure.GrantDead
        || failure instanceof Failure.AccountClosed
        || failure instanceof Failure.Unauthenticated
        || failure instanceof Failure.ScopeMissing;
  }
}
