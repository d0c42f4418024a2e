package com.ytempire.sidecar.reports;

import jakarta.mail.MessagingException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Limits the total time of an exchange with a mail server, such as sending one mail. The timeouts
 * of the connection apply to single reads; a server that sends a few bytes now and then never
 * reaches them.
 */
final class MailDialog {
  private MailDialog() {}

  /** Commands to a mail server and its answers, such as those that send one mail. */
  @FunctionalInterface
  interface Exchange {
    void run() throws MessagingException;
  }

  /**
   * Runs an exchange, on a virtual thread of its own.
   *
   * @throws MessagingException as the exchange did, or when it took longer than the timeout, which
   *     closes its connection
   */
  static void run(Duration timeout, Exchange exchange) throws MessagingException {
    FutureTask<@Nullable Void> task =
        new FutureTask<>(() -> {
          exchange.run();
          return null;
        });
    Thread thread = Thread.ofVirtual().start(task);
    try {
      task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // An interrupt closes the socket that a virtual thread reads (JEP 444).
      thread.interrupt();
      throw new MessagingException(
          "the mail server took longer than %d seconds".formatted(timeout.toSeconds()), e);
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
