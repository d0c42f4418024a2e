package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.sidecar.testing.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** How a sidecar stops while it is used. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ShutdownTest {
  private static final String BODY = "{\"bucket\":\"data.general\",\"units\":1}";

  private final Platform platform = new Platform(1, 1);

  @AfterAll
  void close() {
    platform.close();
  }

  private static int status(App app, String path) {
    try (RawHttp connection = new RawHttp(app.port())) {
      return connection
          .exchange(
              "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n"
                  .formatted(path, Platform.OPERATOR_TOKEN))
          .status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isListening(int port) {
    try (RawHttp _ = new RawHttp(port)) {
      return true;
    } catch (ConnectException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void a_stopping_sidecar_is_not_ready_and_serves_until_its_proxy_has_noticed() throws Exception {
    Map<String, String> settings = new HashMap<>(platform.settings());
    settings.put("YTEMPIRE_SHUTDOWN_DELAY_SECONDS", "60");
    App replica = App.start(Config.from(settings), platform.clock);
    int port = replica.port();
    assertEquals(200, status(replica, "/health/ready"));
    Thread stopping = Thread.ofPlatform().start(replica::close);
    try {
      Polling.until("a sidecar that is not ready", () -> status(replica, "/health/ready") == 503);
      assertEquals(200, status(replica, "/health/live"));
      assertEquals(200, status(replica, "/v1/quota"));
    } finally {
      // The rest of the delay.
      stopping.interrupt();
      stopping.join();
    }
    assertFalse(isListening(port));
  }

  @Test
  void a_request_under_way_is_answered_after_the_sidecar_has_stopped_to_listen() throws Exception {
    App replica = App.start(Config.from(platform.settings()), platform.clock);
    int port = replica.port();
    try (RawHttp caller = new RawHttp(port)) {
      caller.send(
          "POST /v1/quota/check HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n"
              .formatted(Platform.OPERATOR_TOKEN, BODY.length()));
      // It is read, thus under way.
      assertEquals(100, caller.readInterim().status());
      Thread stopping = Thread.ofPlatform().start(replica::close);
      Polling.until("a port that is closed", () -> !isListening(port));
      caller.send(BODY);
      assertEquals(200, caller.read(false).status());
      stopping.join();
    }
  }
}
