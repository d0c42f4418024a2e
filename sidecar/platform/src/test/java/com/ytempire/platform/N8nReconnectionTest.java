package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was changed in the editor between two demos is said in a sentence. */
final class N8nReconnectionTest {
  private static final String SIDECAR = "http://127.0.0.1:8080";
  private static final PlatformState.N8nSetup SETUP =
      new PlatformState.N8nSetup("token", "c1", "w1");

  private record Answer(int status, String body) {}

  /** By path; what is not here does not exist. */
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();

  private final Map<String, String> received = new ConcurrentHashMap<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    answers.put("/rest/login", new Answer(200, "{}"));
    answers.put("/rest/credentials/c1", new Answer(200, "{}"));
    answers.put("/rest/workflows/w1", new Answer(200, "{\"data\": {\"isArchived\": false}}"));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          byte[] request = exchange.getRequestBody().readAllBytes();
          received.put(path, new String(request, StandardCharsets.UTF_8));
          Answer answer = answers.getOrDefault(path, new Answer(404, "{}"));
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.status(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void reconnect() throws InterruptedException {
    N8nReconnection.reconnect(
        N8n.at("http://127.0.0.1:" + server.getAddress().getPort()), SETUP, SIDECAR);
  }

  private void assertRefused(String sentence) {
    String message =
        String.valueOf(assertThrows(IllegalStateException.class, this::reconnect).getMessage());
    assertTrue(message.contains(sentence), message);
  }

  @Test
  void the_credential_leads_to_the_sidecar_that_runs_now() throws InterruptedException {
    reconnect();
    assertEquals(
        SIDECAR,
        Http.JSON.readTree(received.get("/rest/credentials/c1")).at("/data/baseUrl").asString());
  }

  @Test
  void another_password_of_the_owner_is_reported() {
    answers.put("/rest/login", new Answer(401, "{\"message\": \"Wrong username or password\"}"));
    assertRefused("with the demo's password");
  }

  @Test
  void a_deleted_credential_is_reported() {
    answers.remove("/rest/credentials/c1");
    assertRefused("the credential YTEMPIRE");
  }

  @Test
  void a_deleted_or_archived_sync_workflow_is_reported() {
    answers.put("/rest/workflows/w1", new Answer(200, "{\"data\": {\"isArchived\": true}}"));
    assertRefused("no sync workflow w1");
    answers.remove("/rest/workflows/w1");
    assertRefused("no sync workflow w1");
  }
}
