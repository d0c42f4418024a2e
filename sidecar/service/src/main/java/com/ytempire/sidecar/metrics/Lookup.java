package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.Failure;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/** The result of looking a channel or a video up at YouTube. */
sealed interface Lookup<T> {
  /**
   * A channel, or a video of it.
   *
   * @param isStored whether it is a video that we have
   */
  record Key(String channelId, String id, boolean isStored) {}

  /**
   * YouTube showed it.
   *
   * @param isPublic false: to its owner alone
   */
  record Hit<T>(T value, Instant at, boolean isPublic) implements Lookup<T> {}

  /**
   * It is not in the answer.
   *
   * @param isByOwner whether the grant of its own channel asked
   * @param isConfirmed whether YouTube says that it is not there for its owner either
   */
  record Absence<T>(boolean isByOwner, boolean isConfirmed) implements Lookup<T> {}

  /** It is there, or YouTube refuses to say; what it says of it makes no sense. */
  record Uncertainty<T>() implements Lookup<T> {}

  record Error<T>(Failure failure) implements Lookup<T> {}

  /** Returns the result for a key that was looked up. */
  static <T> Lookup<T> of(Map<Key, Lookup<T>> lookups, Key key) {
    return Objects.requireNonNull(lookups.get(key), "a channel or video was forgotten");
  }
}
