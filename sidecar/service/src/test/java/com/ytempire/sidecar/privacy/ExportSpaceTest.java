package com.ytempire.sidecar.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Exports of a sidecar that has little room for them. */
final class ExportSpaceTest {
  /** Files of exports that are open in this process; they have no name. */
  private static List<String> openFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files
          .map(ExportSpaceTest::target)
          .filter(each -> each.contains("ytempire-export"))
          .toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  @Test
  void an_export_that_is_too_large_is_refused_and_leaves_nothing() throws Exception {
    try (Platform platform = new Platform(1, 1, Map.of("YTEMPIRE_EXPORT_MEGABYTES", "4"))) {
      String ada = platform.createUser("ada@example.com");
      String bob = platform.createUser("bob@example.com");
      String path = "/v1/users/%s/export";
      String token = platform.token("user", ada);
      // Five megabytes of which compression leaves more than two.
      try (var admin = Engines.admin(platform.database);
          var statement = admin.createStatement()) {
        statement.execute(
            "insert into core.audit_log (user_id, at, token_id, token_kind, action, details) select '%s', now(), gen_random_uuid(), 'user', 'test', jsonb_build_object('noise', (select string_agg(md5(n || '/' || m), '') from generate_series(1, 100) m)) from generate_series(1, 1500) n"
                .formatted(ada));
      }
      for (int i = 0; i < 3; i++) {
        var refusal =
            platform.get(path.formatted(ada), token).expectProblem(409, "export-too-large");
        assertTrue(
            refusal.body().path("detail").asString("").contains("YTEMPIRE_EXPORT_MEGABYTES"),
            refusal.toString());
        assertEquals(List.of(), openFiles());
      }
      assertEquals(200, status(platform, path.formatted(bob), platform.token("user", bob)));
    }
  }

  private static int status(Platform platform, String path, String token)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(platform.url(path)))
                  .header("Authorization", "Bearer " + token)
                  .build(),
              BodyHandlers.ofByteArray())
          .statusCode();
    }
  }
}
