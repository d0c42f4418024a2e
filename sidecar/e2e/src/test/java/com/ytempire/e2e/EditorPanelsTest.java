package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.ytempire.platform.N8n;
import com.ytempire.platform.Platform;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every node's panel in n8n's editor. */
@EndToEnd
@Order(11)
@Tag(EndToEnd.ANY_HOUR)
@Tag(EditorPanelsTest.PANELS)
final class EditorPanelsTest {
  /** The tag of what takes minutes in a browser and is the same at each moment. */
  static final String PANELS = "panels";

  @Test
  void every_nodes_panel_shows_what_it_has_to_show(SyncedPlatform synced) throws Exception {
    Optional<Path> chromium = chromium();
    assumeTrue(
        chromium.isPresent(),
        "skipped: the panels in the editor, because no Chromium is installed");
    Platform platform = synced.platform();
    Path pictures = platform.settings().state().resolve("pictures");
    Files.createDirectories(pictures);
    Path log = pictures.resolve("photograph.log");
    int status =
        new ProcessBuilder(
                platform.settings().node().toString(),
                platform.settings().root().resolve("n8n-nodes/scripts/photograph.mjs").toString(),
                platform.n8n().url(),
                N8n.EMAIL,
                N8n.PASSWORD,
                chromium.get().toString(),
                pictures.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    assertEquals(0, status, () -> text(log));
  }

  private static String text(Path log) {
    try {
      return Files.readString(log).strip();
    } catch (IOException e) {
      return "no log: " + e.getMessage();
    }
  }

  private static Optional<Path> chromium() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
