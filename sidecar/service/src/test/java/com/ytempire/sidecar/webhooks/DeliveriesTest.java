package com.ytempire.sidecar.webhooks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.config.AllowedTarget;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.testing.Engines;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What one who may subscribe can have the sidecar do at once. */
final class DeliveriesTest {
  /** Samples are sent with a secret that is not stored. */
  private static final SecretCipher NO_CIPHER =
      new SecretCipher() {
        @Override
        public String encrypt(String secret, String boundTo) {
          throw new UnsupportedOperationException();
        }

        @Override
        public Optional<String> decrypt(String stored, String boundTo) {
          throw new UnsupportedOperationException();
        }

        @Override
        public boolean isCurrent(String stored) {
          throw new UnsupportedOperationException();
        }
      };

  @Test
  void a_bounded_number_of_samples_is_on_its_way() throws IOException {
    // Takes connections and answers none.
    try (ServerSocket silent = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Database database = Engines.openDatabase();
        Deliveries deliveries =
            new Deliveries(
                database,
                outcome -> {},
                List.of(AllowedTarget.parse("127.0.0.0/8")),
                NO_CIPHER,
                Clock.systemUTC())) {
      String url = "http://127.0.0.1:" + silent.getLocalPort();
      for (int i = 0; i < Deliveries.MAX_SAMPLES + 20; i++) {
        deliveries.sendSample(url, "whsec_AAAA", "new-video", Samples.Subject.INVENTED);
      }
      assertTrue(
          deliveries.samplesUnderWay() <= Deliveries.MAX_SAMPLES,
          deliveries.samplesUnderWay() + " samples");
    }
  }
}
