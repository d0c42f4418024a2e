package com.ytempire.sidecar.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is not the Grafana that it should be, each with a sentence that says so. */
final class GrafanaTest {
  private static GrafanaException refusal(int status, byte[] body) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try (Grafana grafana =
        new Grafana(
            "http://127.0.0.1:" + server.getAddress().getPort(), "admin", "a-secret-password")) {
      return assertThrows(GrafanaException.class, () -> grafana.organizations().create("x"));
    } finally {
      server.stop(0);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void one_that_never_answers_is_given_up() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Grafana grafana =
            new Grafana(
                new GrafanaHttp(
                    "http://127.0.0.1:" + silent.getLocalPort(),
                    "admin",
                    "a-secret-password",
                    Duration.ofMillis(100)))) {
      GrafanaException e = assertThrows(GrafanaException.class, grafana::version);
      assertTrue(e.isOfGrafana());
      assertTrue(String.valueOf(e.getMessage()).startsWith("Grafana does not answer at "));
    }
  }

  @Test
  void each_wrong_answer_has_its_sentence_and_no_secret() throws IOException {
    for (var wrong :
        Map.of(
                refusal(200, bytes("<html>")), "is no Grafana",
                refusal(200, bytes("{}")), "is it a Grafana?",
                refusal(401, bytes("{}")), "does not know our administrator",
                refusal(403, bytes("{}")), "is no server administrator",
                refusal(502, bytes("<html>")), "answered POST /api/orgs with 502",
                refusal(400, bytes("{\"message\":\"bad name\"}")), "with 400: bad name",
                refusal(200, new byte[5 * 1024 * 1024]), "more than 4 MiB")
            .entrySet()) {
      String message = String.valueOf(wrong.getKey().getMessage());
      assertTrue(message.contains(wrong.getValue()), message);
      assertFalse(message.contains("a-secret-password"), message);
    }
  }

  @Test
  void the_operators_organization_is_never_deleted() {
    try (Grafana grafana = new Grafana("http://127.0.0.1:1", "admin", "a-secret-password")) {
      GrafanaException e =
          assertThrows(GrafanaException.class, () -> grafana.organizations().delete(1));
      assertEquals("the operators' organization is never deleted", e.getMessage());
    }
  }
}
