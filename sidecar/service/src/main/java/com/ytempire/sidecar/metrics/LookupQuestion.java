package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.Lookup.Key;
import com.ytempire.sidecar.youtube.YouTube;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A question to the Data API about channels or videos.
 *
 * @param method asks for up to 50 ids; what YouTube does not show is missing from its answer
 * @param idOf the id of a value
 */
record LookupQuestion<T>(
    BiFunction<YouTube.Call, List<String>, List<T>> method, Function<T, String> idOf) {
  /**
   * Asks for all keys in one call.
   *
   * @param asker the channel whose grant the call is made by; null: none
   */
  Map<Key, Lookup<T>> ask(YouTube.Call call, List<Key> keys, @Nullable String asker, Clock clock) {
    Map<String, T> byId = new HashMap<>();
    method.apply(call, ids(keys)).forEach(value -> byId.put(idOf.apply(value), value));
    Instant at = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Map<Key, Lookup<T>> lookups = new HashMap<>();
    for (Key key : keys) {
      T value = byId.get(key.id());
      lookups.put(
          key,
          value == null
              ? new Lookup.Absence<>(key.channelId().equals(asker), false)
              : new Lookup.Hit<>(value, at, true));
    }
    return lookups;
  }

  /** The ids of keys, each once. */
  static List<String> ids(List<Key> keys) {
    return keys.stream().map(Key::id).distinct().toList();
  }
}
