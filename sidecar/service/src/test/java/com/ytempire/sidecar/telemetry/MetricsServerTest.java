package com.ytempire.sidecar.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class MetricsServerTest {
  @Test
  void a_half_sent_request_stops_no_scrape() throws Exception {
    try (MetricsServer server = MetricsServer.start("127.0.0.1", 0, () -> "up 1\n");
        Socket half = new Socket("127.0.0.1", server.port());
        HttpClient http = HttpClient.newHttpClient()) {
      half.getOutputStream()
          .write("GET /metrics HTTP/1.1\r\nHost: a".getBytes(StandardCharsets.US_ASCII));
      half.getOutputStream().flush();
      HttpRequest scrape =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/metrics".formatted(server.port())))
              .timeout(Duration.ofSeconds(5))
              .build();
      assertEquals("up 1\n", http.send(scrape, HttpResponse.BodyHandlers.ofString()).body());
    }
  }
}
