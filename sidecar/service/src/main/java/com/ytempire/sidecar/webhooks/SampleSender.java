package com.ytempire.sidecar.webhooks;

import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;

/**
 * Sends made-up events at once, for somebody who builds a workflow and wants to see one. They are
 * not kept: who misses one asks again. Safe to share between threads.
 */
final class SampleSender {
  /**
   * The number of samples, of all subscriptions, that are being sent at a time by this sidecar.
   * Each takes a connection and a thread for as long as its address is slow.
   */
  static final int MAX_SAMPLES = 64;

  private static final int ATTEMPTS = 3;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int RETRY_SECONDS = 30;

  private final WebhookClient client;
  private final ExecutorService threads;
  private final Clock clock;
  private final Semaphore permits = new Semaphore(MAX_SAMPLES);

  /**
   * Creates a sender.
   *
   * @param threads one for each sample
   */
  SampleSender(WebhookClient client, ExecutorService threads, Clock clock) {
    this.client = client;
    this.threads = threads;
    this.clock = clock;
  }

  /**
   * Reserves permits for samples, before the subscriptions that they are for are created.
   *
   * @throws Problem busy, when there are not permits for all of them
   */
  Reservation reserve(int count) {
    if (!permits.tryAcquire(count)) {
      throw Problem.until(
          Problem.Type.BUSY,
          "%d samples of subscriptions are being sent, as many as may be. Nothing was done; try again, or leave sendSample out."
              .formatted(MAX_SAMPLES - permits.availablePermits()),
          clock.instant().plusSeconds(RETRY_SECONDS));
    }
    return new Reservation(count);
  }

  /** Permits for samples; those not used are released on close. For one thread. */
  final class Reservation implements AutoCloseable {
    private int left;

    private Reservation(int count) {
      left = count;
    }

    /** Starts to send a sample, and does not wait for it. */
    void send(String url, String secret, String kind, Samples.Subject subject) {
      if (left == 0) {
        throw new IllegalStateException("no permit is reserved for another sample");
      }
      var sample = Samples.of(kind, clock.instant(), subject);
      String id = sample.get("eventId").stringValue();
      String body = Json.MAPPER.writeValueAsString(sample);
      var _ =
          threads.submit(() -> {
            try {
              attempt(url, secret, id, body);
            } finally {
              permits.release();
            }
            return null;
          });
      left--;
    }

    @Override
    public void close() {
      permits.release(left);
      left = 0;
    }
  }

  private void attempt(String url, String secret, String id, String body)
      throws InterruptedException {
    for (int attempts = 1; client.send(url, secret, id, body) != null; attempts++) {
      if (attempts == ATTEMPTS) {
        return;
      }
      Thread.sleep(PAUSE);
    }
  }
}
