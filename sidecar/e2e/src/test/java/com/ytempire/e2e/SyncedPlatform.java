package com.ytempire.e2e;

import com.ytempire.platform.Checks;
import com.ytempire.platform.Customers;
import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Fault;
import com.ytempire.platform.Platform;
import com.ytempire.platform.Progress;
import com.ytempire.platform.Sync;
import com.ytempire.platform.SyncRun;
import com.ytempire.simulator.World;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A platform with four users of two channels each, all connected and synced once, which the
 * end-to-end tests of this JVM share. Used by one thread.
 */
final class SyncedPlatform {
  private static final int USERS = 4;
  private static final int CHANNELS = 2;
  private static final int STEPS = 7;

  private static @Nullable SyncedPlatform shared;
  private static @Nullable Exception failure;

  private final Platform platform;
  private final List<Customer> customers;
  private final Sync sync;
  private final List<Fault> unitFaults;
  private final Workflows workflows;
  private final Map<String, Long> settledForOwnCalls = new HashMap<>();

  /** Resolves parameters of this type, and starts the platform at the first. */
  static final class Resolver implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext extension) {
      return parameter.getParameter().getType() == SyncedPlatform.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext extension) {
      return shared();
    }
  }

  /** Returns the shared platform; one that did not start once is not started again. */
  private static synchronized SyncedPlatform shared() {
    Exception known = failure;
    if (known != null) {
      throw new IllegalStateException("the platform did not start: " + known.getMessage(), known);
    }
    SyncedPlatform started = shared;
    if (started == null) {
      try {
        started = new SyncedPlatform();
        shared = started;
      } catch (Exception e) {
        failure = e;
        throw new IllegalStateException("the platform did not start: " + e.getMessage(), e);
      }
    }
    return started;
  }

  private SyncedPlatform() throws Exception {
    Progress progress = new Progress(System.out, STEPS);
    platform = start("e2e", USERS, CHANNELS, progress);
    progress.step("Users");
    customers = Customers.createAll(platform.operator(), platform.world(), progress::at);
    progress.done(customers.size() + " users");
    progress.step("Consent of each channel's owner");
    Customers.connectAll(platform.operator(), customers, progress::at);
    progress.done(platform.settings().allChannels() + " channels connected");
    progress.step("Sync by n8n");
    sync = new SyncRun(platform).run();
    progress.done(sync.description());
    unitFaults = checks().units(Map.of());
    workflows = new Workflows(platform);
  }

  /**
   * Starts a platform without users from what the launcher has prepared, at the moment that {@code
   * -Dytempire.at} says.
   *
   * @param home the name of its folder
   */
  static Platform start(String home, int users, int channels, Progress progress) throws Exception {
    return start(home, users, channels, moment(), progress);
  }

  /**
   * As {@link #start(String, int, int, Progress)}, at another moment.
   *
   * @param at null: the machine's time
   */
  static Platform start(
      String home, int users, int channels, @Nullable Instant at, Progress progress)
      throws Exception {
    return Platform.start(settings(home, users, channels, at), progress);
  }

  /** As {@link #start(String, int, int, Instant, Progress)}, to be started. */
  static Platform.Settings settings(String home, int users, int channels, @Nullable Instant at) {
    Path state = folder("ytempire.state");
    return new Platform.Settings(
        folder("ytempire.root"),
        state,
        state.resolve(home),
        folder("ytempire.node"),
        folder("ytempire.pack"),
        users,
        channels,
        1,
        null,
        at,
        null,
        null);
  }

  private static Path folder(String property) {
    return Path.of(System.getProperty(property));
  }

  private static @Nullable Instant moment() {
    String at = System.getProperty("ytempire.at", "");
    return at.isEmpty() ? null : OffsetDateTime.parse(at).toInstant();
  }

  Platform platform() {
    return platform;
  }

  Checks checks() {
    return new Checks(platform);
  }

  List<Customer> customers() {
    return customers;
  }

  /** The first sync of all channels. */
  Sync sync() {
    return sync;
  }

  /** Differences of our units and YouTube's right after the first sync. */
  List<Fault> unitFaults() {
    return unitFaults;
  }

  Workflows workflows() {
    return workflows;
  }

  /** Units by bucket that workflows settled for calls that they made to Google themselves. */
  Map<String, Long> settledForOwnCalls() {
    return settledForOwnCalls;
  }

  /** The number of all channels. */
  int channels() {
    return platform.settings().allChannels();
  }

  /**
   * The number of channels with days: of one that never had a video, or whose account was closed,
   * YouTube has none.
   */
  int channelsWithDays() {
    World world = platform.world();
    return (int)
        customers.stream()
            .flatMap(customer -> customer.account().channels().stream())
            .filter(channel -> !world.publishedVideos(channel).isEmpty())
            .filter(channel -> !world.closesAfterConnecting(channel))
            .count();
  }
}
