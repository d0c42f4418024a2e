package com.ytempire.sidecar.youtube;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Receives each call that went out to Google. */
@FunctionalInterface
public interface CallObserver {
  /**
   * Records a call.
   *
   * @param userId on whose share of the quota; null: on nobody's
   * @param method of Google's API, such as {@code videos.list}
   * @param outcome {@code ok}, {@code unchanged}, {@code unreachable}, or a kind of failure
   */
  void called(@Nullable UUID userId, String method, String outcome, Duration took);
}
