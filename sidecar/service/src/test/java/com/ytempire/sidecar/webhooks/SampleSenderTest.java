package com.ytempire.sidecar.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.config.AllowedTarget;
import com.ytempire.sidecar.web.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one who may subscribe can have the sidecar do at once. */
final class SampleSenderTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-20T18:00:00Z"), ZoneOffset.UTC);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final WebhookClient client =
      new WebhookClient(List.of(AllowedTarget.parse("127.0.0.0/8")), CLOCK);
  private final SampleSender sender = new SampleSender(client, threads, CLOCK);

  @AfterEach
  void close() {
    threads.shutdownNow();
    client.close();
  }

  private void assertBusy() {
    Problem busy = assertThrows(Problem.class, () -> sender.reserve(1));
    assertEquals(Problem.Type.BUSY, busy.type());
    assertEquals(CLOCK.instant().plusSeconds(30), busy.retryAt());
  }

  @Test
  void a_sample_beyond_the_64_under_way_is_refused() throws IOException {
    // Takes connections and answers none.
    try (ServerSocket silent = new ServerSocket(0, 200, InetAddress.getLoopbackAddress())) {
      silent.setSoTimeout(60_000);
      String url = "http://127.0.0.1:" + silent.getLocalPort();
      List<Socket> underWay = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        try (SampleSender.Reservation room = sender.reserve(1)) {
          room.send(url, "whsec_AAAA", "new-video", Samples.Subject.INVENTED);
        }
        underWay.add(silent.accept());
      }
      assertBusy();
      for (Socket each : underWay) {
        each.close();
      }
    }
  }

  @Test
  void room_of_samples_that_are_not_sent_is_given_back() {
    sender.reserve(64).close();
    try (SampleSender.Reservation all = sender.reserve(64)) {
      threads.shutdown();
      assertThrows(
          RejectedExecutionException.class,
          () ->
              all.send("http://127.0.0.1:1", "whsec_AAAA", "new-video", Samples.Subject.INVENTED));
      assertBusy();
    }
    sender.reserve(64).close();
  }
}
