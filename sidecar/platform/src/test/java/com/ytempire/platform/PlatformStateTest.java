package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.simulator.SimulatorMemory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlatformStateTest {
  private static final Instant NOW = Instant.parse("2026-11-20T18:00:00Z");

  private static PlatformState state(Ports ports) {
    return new PlatformState(
        "build",
        new PlatformState.SimulatedWorld(50, 5, 1, NOW),
        ports,
        "of postgres",
        new Secrets("a", "b", "c", "{\"key\": []}", "d"),
        new PlatformState.N8nSetup("token", "credential", "workflow"),
        new UserLogin("tenant_1", "secret", "owner001@example.com"),
        new SimulatorMemory(
            List.of(
                new SimulatorMemory.GrantedToken("1//a", "UC1", Set.of("read"), null),
                new SimulatorMemory.GrantedToken("1//b", "UC2", Set.of("read"), NOW)),
            List.of(new SimulatorMemory.ReportingJob("UC1", "reach", NOW)),
            List.of(new SimulatorMemory.FeedSubscription("http://x/hook", "UC1", "s", NOW, NOW))));
  }

  @Test
  void what_was_written_is_read_again(@TempDir Path home) throws IOException {
    assertEquals(Optional.empty(), PlatformState.read(home));
    PlatformState state = state(Ports.choose(null));
    state.write(home);
    assertEquals(Optional.of(state), PlatformState.read(home));
    assertTrue(state.isOf(50, 5, 1));
    assertFalse(state.isOf(50, 5, 2));
    assertFalse(state.isOf(4, 5, 1));
  }

  @Test
  void what_cannot_be_read_is_not_there(@TempDir Path home) throws IOException {
    for (String text : List.of("", "{", "[]", "{\"build\": \"x\"}", "{\"other\": 1}")) {
      Files.writeString(home.resolve("state.json"), text);
      assertEquals(Optional.empty(), PlatformState.read(home), text);
    }
  }

  @Test
  void another_sidecar_pack_or_workflow_is_another_build(@TempDir Path root) throws IOException {
    Path jar = SidecarCommand.jar(root);
    Path pack = root.resolve("pack.tgz");
    Path workflow = root.resolve("n8n-nodes/workflows/sync.json");
    for (Path file : List.of(jar, pack, workflow)) {
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, "one");
    }
    String build = PlatformState.build(root, pack);
    assertEquals(build, PlatformState.build(root, pack));
    for (Path file : List.of(jar, pack, workflow)) {
      Files.writeString(file, "other");
      assertNotEquals(build, PlatformState.build(root, pack), file.toString());
      Files.writeString(file, "one");
    }
  }

  @Test
  void earlier_ports_are_taken_again_while_all_are_free() throws IOException {
    Ports earlier = Ports.choose(null);
    assertEquals(earlier, earlier.again());
    try (ServerSocket taken =
        new ServerSocket(earlier.redis(), 1, InetAddress.getLoopbackAddress())) {
      assertNotEquals(earlier.redis(), earlier.again().redis());
      assertTrue(taken.isBound());
    }
    assertEquals(earlier, earlier.again());
  }
}
