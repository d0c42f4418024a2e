package com.ytempire.platform;

import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.SimulatorState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;

/**
 * The state with which a closed platform can be started again on its stored data: the simulated
 * world, ports, secrets, and the state of n8n and of the simulated YouTube. It is stored as a file
 * in the platform's private folder, first when the first sync of all customers has ended.
 *
 * @param build a hash of the build that stored the data: see {@link #build}
 * @param world the world that the simulated YouTube shows
 * @param ports the ports on which the parts listened
 * @param postgresPassword the password of PostgreSQL's administrator
 * @param secrets the secrets of the other parts
 * @param n8n the token and the ids of what was set up in n8n
 * @param login the database login of the user whose dashboards are shown
 * @param youTube the state of the simulated YouTube when the file was written
 */
public record PlatformState(
    String build,
    SimulatedWorld world,
    Ports ports,
    String postgresPassword,
    Secrets secrets,
    N8nSetup n8n,
    UserLogin login,
    SimulatorState youTube) {
  private static final String FILE = "state.json";

  /** Refuses null, which stands for a field that the file of another version does not have. */
  public PlatformState {
    Stream.of(build, world, ports, postgresPassword, secrets, n8n, login, youTube)
        .forEach(Objects::requireNonNull);
  }

  /** A simulated world: its number of users, of channels of each user, its seed and its start. */
  public record SimulatedWorld(int users, int channels, long seed, Instant madeAt) {}

  /** The node pack's service token, and the ids in n8n of its credential and the sync workflow. */
  record N8nSetup(String serviceToken, String credential, String syncWorkflow) {}

  /**
   * Reads the state of a platform.
   *
   * @param home the platform's folder
   * @return empty if none was stored there, or it cannot be used by this version
   */
  public static Optional<PlatformState> read(Path home) throws IOException {
    Path file = home.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Http.JSON.readValue(Files.readString(file), PlatformState.class));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** Writes the state into a platform's folder, all or nothing. */
  void write(Path home) throws IOException {
    Path next = PrivateFolder.createFile(home.resolve(FILE + ".new"));
    Files.writeString(next, Http.JSON.writeValueAsString(this));
    Files.move(
        next,
        home.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Whether the data is of so many users and channels and of this seed. */
  public boolean isOf(int users, int channels, long seed) {
    return world.users() == users && world.channels() == channels && world.seed() == seed;
  }

  /**
   * Returns a hash of what is built: the sidecar with its migrations and dashboards, the node pack,
   * the workflows, the simulated YouTube and this module. Data that another build stored is not
   * used: its workflows are in n8n, a migration that is being written may have changed, and so may
   * the figures that the simulated YouTube shows.
   */
  public static String build(Path root, Path pack) throws IOException {
    return build(root, pack, List.of(codeOf(Simulator.class), codeOf(PlatformState.class)));
  }

  /**
   * As {@link #build(Path, Path)}.
   *
   * @param code jars, or folders of classes
   */
  static String build(Path root, Path pack, List<Path> code) throws IOException {
    MessageDigest hash = sha256();
    hash.update(Files.readAllBytes(SidecarCommand.jar(root)));
    hash.update(Files.readAllBytes(pack));
    try (Stream<Path> workflows = Files.list(root.resolve("n8n-nodes/workflows"))) {
      for (Path file :
          workflows.filter(each -> each.toString().endsWith(".json")).sorted().toList()) {
        hash.update(Files.readAllBytes(file));
      }
    }
    for (Path place : code) {
      try (Stream<Path> files = Files.walk(place)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          hash.update(Files.readAllBytes(file));
        }
      }
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private static Path codeOf(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
