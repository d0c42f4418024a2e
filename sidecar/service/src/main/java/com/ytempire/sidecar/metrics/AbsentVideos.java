package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.KnownChannel.KnownVideo;
import com.ytempire.sidecar.metrics.Lookup.Key;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out of stored videos that are missing from an answer whether they are private or deleted.
 * Safe to share between threads.
 */
final class AbsentVideos {
  private static final Logger log = LoggerFactory.getLogger(AbsentVideos.class);

  private final YouTube youTube;
  private final Clock clock;

  AbsentVideos(YouTube youTube, Clock clock) {
    this.youTube = youTube;
    this.clock = clock;
  }

  /**
   * Returns the lookups, with what their owners were shown of stored videos that were missing.
   *
   * @param known the stored videos by their ids
   */
  <T> Map<Key, Lookup<T>> resolve(
      FetchContext context,
      Map<Key, Lookup<T>> lookups,
      LookupQuestion<T> question,
      Map<String, KnownVideo> known) {
    Map<Key, Lookup<T>> resolved = new HashMap<>(lookups);
    askOwners(context, resolved, question);
    confirmAbsences(
        context,
        resolved,
        key -> {
          @Nullable KnownVideo video = known.get(key.id());
          return video != null && VideoPlan.isYoung(video, context.now());
        });
    return resolved;
  }

  /**
   * Asks for stored videos that another grant was not shown by the grant of their own channel: a
   * private video is shown to its owner, a deleted one to nobody.
   */
  private <T> void askOwners(
      FetchContext context, Map<Key, Lookup<T>> lookups, LookupQuestion<T> question) {
    absences(lookups, absence -> !absence.isByOwner())
        .forEach((channel, keys) ->
            inCalls(
                channel,
                keys,
                some ->
                    question
                        .ask(context.call(channel), some, channel, clock)
                        .forEach((key, lookup) ->
                            lookups.put(
                                key,
                                lookup instanceof Lookup.Hit<T> hit
                                    ? new Lookup.Hit<>(hit.value(), hit.at(), false)
                                    : lookup))));
  }

  /**
   * Asks YouTube whether stored videos that are missing from answers are there for their owner.
   * Only that is a miss: figures or details may also lack what makes no sense or was refused.
   */
  private <T> void confirmAbsences(
      FetchContext context, Map<Key, Lookup<T>> lookups, Predicate<Key> isYoung) {
    absences(lookups, Lookup.Absence::isByOwner)
        .forEach((channel, keys) ->
            inCalls(
                channel,
                keys.stream().filter(isYoung.negate()).toList(),
                some -> {
                  Set<String> missed = Set.copyOf(missed(context, channel, some));
                  some.forEach(key ->
                      lookups.put(
                          key,
                          missed.contains(key.id())
                              ? new Lookup.Absence<>(true, true)
                              : new Lookup.Uncertainty<>()));
                }));
  }

  private List<String> missed(FetchContext context, String channel, List<Key> keys) {
    List<String> absent = youTube.absentVideos(context.call(channel), LookupQuestion.ids(keys));
    // Of a channel that YouTube does not show, this says nothing of the videos.
    return absent.size() == keys.size()
            && youTube.channelTotals(context.call(channel), List.of(channel)).isEmpty()
        ? List.of()
        : absent;
  }

  /** The stored videos that are missing from an answer, by their channels. */
  private static <T> Map<String, List<Key>> absences(
      Map<Key, Lookup<T>> lookups, Predicate<Lookup.Absence<T>> filter) {
    return lookups.entrySet().stream()
        .filter(entry ->
            entry.getKey().isStored()
                && entry.getValue() instanceof Lookup.Absence<T> absence
                && filter.test(absence))
        .map(Map.Entry::getKey)
        .collect(Collectors.groupingBy(Key::channelId));
  }

  private static void inCalls(String channel, List<Key> keys, Consumer<List<Key>> call) {
    for (int from = 0; from < keys.size(); from += YouTube.IDS_PER_CALL) {
      try {
        call.accept(keys.subList(from, Math.min(keys.size(), from + YouTube.IDS_PER_CALL)));
      } catch (YouTubeException e) {
        log.info("whether videos of channel {} are gone is not known: {}", channel, e.getMessage());
      }
    }
  }
}
