package com.ytempire.sidecar.reports;

import jakarta.mail.MessagingException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the time of a part of a dialog with a mail server, such as one mail. The timeouts of its
 * connection are those of single reads, which a server never reaches that says a little now and
 * then.
 */
final class MailDialog {
  private MailDialog() {}

  /** A part of a dialog. */
  @FunctionalInterface
  interface Part {
    void run() throws MessagingException;
  }

  /**
   * Runs a part, on a virtual thread of its own.
   *
   * @throws MessagingException of the part, or when it took longer than it may; its connection is
   *     closed then
   */
  static void run(Duration timeout, Part part) throws MessagingException {
    FutureTask<@Nullable Void> task =
        new FutureTask<>(() -> {
          part.run();
          return null;
        });
    Thread thread = Thread.ofVirtual().start(task);
    try {
      task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // An interrupt closes the socket that a virtual thread reads (JEP 444).
      thread.interrupt();
      throw new MessagingException(
          "it did not come to an end in %d seconds".formatted(timeout.toSeconds()), e);
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw new MessagingException("the sidecar stops", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case MessagingException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
