package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that takes pictures, in place of which small scripts run. */
final class PictureProgramTest {
  @TempDir Path folder;

  private List<String> run(String script, Duration timeout) throws Exception {
    return new PictureProgram(
            "the preview", folder.resolve("log"), folder, Map.of(), List.of("bash", "-c", script))
        .run(timeout);
  }

  @Test
  void an_interrupted_installation_is_no_installation() throws Exception {
    Path modules = Files.createDirectories(folder.resolve("grafana/preview/node_modules"));
    assertFalse(Dashboards.isInstalled(folder));
    Files.writeString(modules.resolve(".installed"), "1");
    assertTrue(Dashboards.isInstalled(folder));
  }

  @Test
  void a_program_that_hangs_is_ended_with_its_children() throws Exception {
    List<String> found = run("echo started; sleep 600 & echo $!; wait", Duration.ofSeconds(5));
    String prefix = "FAULT the preview did not end within 5 s. The last line of log: ";
    assertEquals(1, found.size());
    assertTrue(found.getFirst().startsWith(prefix), found.getFirst());
    ProcessHandle.of(Long.parseLong(found.getFirst().substring(prefix.length())))
        .ifPresent(child -> child.onExit().orTimeout(1, TimeUnit.MINUTES).join());
  }

  @Test
  void a_failing_program_is_a_fault_with_its_output() throws Exception {
    assertEquals(
        List.of("FAULT the preview ended with 3: no demo runs"),
        run("echo no demo runs; exit 3", Duration.ofMinutes(1)));
    assertEquals(
        List.of("Skipped: a part", "FAULT the preview ended with 3: Skipped: a part"),
        run("echo 'Skipped: a part'; exit 3", Duration.ofMinutes(1)));
    assertEquals(
        List.of("Skipped: pictures, because no Chromium is installed"),
        run("echo 'Skipped: pictures, because no Chromium is installed'", Duration.ofMinutes(1)));
  }
}
