package com.ytempire.demo;

import com.ytempire.platform.Http;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;

/** What to do when a demo cannot go on with what an earlier one stored. */
final class FreshHint {
  static final String TEXT = "./ytempire demo --fresh begins with an empty store.";

  private FreshHint() {}

  /**
   * Calls; returns the result.
   *
   * @throws IllegalStateException with the reason and the hint, whatever failed
   * @throws InterruptedException if the demo is to end
   */
  static <T> T addedTo(Callable<T> act) throws InterruptedException {
    try {
      return act.call();
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(reason(e) + "\n" + TEXT, e);
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
