package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.simulator.SimulatorState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
        new SimulatorState(
            List.of(
                new SimulatorState.GrantedToken("1//a", "UC1", Set.of("read"), null),
                new SimulatorState.GrantedToken("1//b", "UC2", Set.of("read"), NOW)),
            List.of(new SimulatorState.ReportingJob("UC1", "reach", NOW)),
            List.of(new SimulatorState.FeedSubscription("http://x/hook", "UC1", "s", NOW, NOW))));
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
  void the_owner_alone_may_read_its_secrets(@TempDir Path folder) throws IOException {
    Path home = folder.resolve("demo");
    Files.createDirectories(home);
    Files.writeString(home.resolve("state.json"), "readable by all");
    Files.writeString(home.resolve("state.json.new"), "left by a crash");
    state(Ports.choose(null)).write(home);
    assertEquals("rw-------", mode(home.resolve("state.json")));
    PlatformFolder.prepare(home);
    assertEquals("rwx------", mode(home));
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void another_sidecar_pack_workflow_or_world_is_another_build(@TempDir Path root)
      throws IOException {
    Path jar = SidecarCommand.jar(root);
    Path pack = root.resolve("pack.tgz");
    Path workflow = root.resolve("n8n-nodes/workflows/sync.json");
    Path simulator = root.resolve("lib/simulator.jar");
    Path classes = root.resolve("classes");
    Path world = classes.resolve("com/ytempire/Catalog.class");
    List<Path> code = List.of(simulator, classes);
    List<Path> files = List.of(jar, pack, workflow, simulator, world);
    for (Path file : files) {
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, "one");
    }
    String build = PlatformState.build(root, pack, code);
    assertEquals(build, PlatformState.build(root, pack, code));
    for (Path file : files) {
      Files.writeString(file, "other");
      assertNotEquals(build, PlatformState.build(root, pack, code), file.toString());
      Files.writeString(file, "one");
    }
    assertNotEquals(
        PlatformState.build(root, pack, List.of()),
        PlatformState.build(root, pack),
        "the simulated YouTube and the platform that run are of the build");
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
