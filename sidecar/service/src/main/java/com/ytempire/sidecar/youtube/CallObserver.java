package com.ytempire.sidecar.youtube;

import java.time.Duration;

/** Receives each call that went out to Google. */
@FunctionalInterface
public interface CallObserver {
  /**
   * Records a call.
   *
   * @param method of Google's API, such as {@code videos.list}
   * @param outcome {@code ok}, {@code unchanged}, {@code unreachable}, or a kind of failure
   */
  void called(String method, String outcome, Duration took);
}
