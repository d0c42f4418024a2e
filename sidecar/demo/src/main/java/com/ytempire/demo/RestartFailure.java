package com.ytempire.demo;

import com.ytempire.platform.Http;
import com.ytempire.platform.ResourceUnavailable;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;

/** Explains why a demo cannot go on with what an earlier one stored, and what to do then. */
final class RestartFailure {
  static final String HINT = "./ytempire demo --fresh begins with an empty store.";

  private RestartFailure() {}

  /**
   * Runs a part of a restart; returns its result.
   *
   * @throws ResourceUnavailable as the task did, without the hint: an empty store would not help
   * @throws IllegalStateException with the reason and the hint, whatever else failed
   * @throws InterruptedException if the demo is to end
   */
  static <T> T explain(Callable<T> task) throws InterruptedException {
    try {
      return task.call();
    } catch (InterruptedException | ResourceUnavailable e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(reason(e) + "\n" + HINT, e);
    }
  }

  /** The message, where it is a sentence of its own. */
  private static String reason(Exception e) {
    return switch (e) {
      case IllegalStateException _, UncheckedIOException _, Http.UnexpectedAnswer _ ->
          String.valueOf(e.getMessage());
      default -> e.toString();
    };
  }
}
