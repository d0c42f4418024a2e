package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.ytempire.platform.N8n;
import com.ytempire.platform.PictureProgram;
import com.ytempire.platform.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

  /** Many times what it takes: all processors may be busy. */
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  @Test
  void every_nodes_panel_shows_what_it_has_to_show(SyncedPlatform synced) throws Exception {
    Platform platform = synced.platform();
    Path pictures = Files.createDirectories(platform.settings().state().resolve("pictures"));
    List<String> found =
        new PictureProgram(
                "the program that opens the panels",
                pictures.resolve("photograph.log"),
                pictures,
                Map.of(),
                List.of(
                    platform.settings().node().toString(),
                    platform
                        .settings()
                        .root()
                        .resolve("n8n-nodes/scripts/photograph.mjs")
                        .toString(),
                    platform.n8n().url(),
                    N8n.EMAIL,
                    N8n.PASSWORD,
                    pictures.toString()))
            .run(TIMEOUT);
    assertEquals(
        List.of(), found.stream().filter(line -> line.startsWith(PictureProgram.FAULT)).toList());
    assumeTrue(found.isEmpty(), () -> "skipped: " + String.join("; ", found));
  }
}
