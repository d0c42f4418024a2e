package com.ytempire.sidecar.web;

import java.time.Duration;

/** Receives a record of each request after its answer, for metrics. Called by many threads. */
@FunctionalInterface
public interface RequestObserver {
  /** The label of methods and paths that are not the API's: a caller cannot choose a label. */
  String OTHER = "other";

  /**
   * Records one answered request.
   *
   * @param method of HTTP, or {@link #OTHER}
   * @param path template of the path, or {@link #OTHER}
   */
  void answered(String method, String path, int status, Duration took);
}
