package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Checks;
import com.ytempire.platform.Customers;
import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Dashboards;
import com.ytempire.platform.Platform;
import com.ytempire.platform.PlatformState;
import com.ytempire.platform.Progress;
import com.ytempire.platform.SyncRun;
import com.ytempire.platform.UserLogin;
import com.ytempire.simulator.SimulatorState;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A platform that is started again on what it stored, as a later {@code ./ytempire demo} is. */
@Order(11)
@Tag(EndToEnd.ANY_HOUR)
@Tag(EditorPanelsTest.PANELS)
@EnabledIfSystemProperty(
    named = "ytempire.pack",
    matches = ".+",
    disabledReason =
        "end-to-end tests need an n8n and the node pack, which ./ytempire test prepares")
final class LaterStartTest {
  private static final int STEPS = 15;

  private final Progress progress = new Progress(System.out, STEPS);

  @Test
  void users_grants_rows_and_workflows_are_there_again(@TempDir Path folder) throws Exception {
    Platform.Settings made = SyncedPlatform.settings("later", 1, 2, null);
    Path pack = Files.copy(made.pack(), folder.resolve("pack.tgz"));
    Platform.Settings settings = with(made, pack, null);
    String build = PlatformState.build(settings.root(), pack);
    Map<String, Long> rows;
    UserLogin login;
    try (Platform first = Platform.start(settings, progress)) {
      progress.step("Users");
      List<Customer> customers = Customers.createAll(first.operator(), first.world(), progress::at);
      Customers.connectAll(first.operator(), customers, progress::at);
      progress.step("Sync by n8n");
      assertTrue(new SyncRun(first).run().isSuccess());
      // Makes jobs of the Reporting API.
      new Dashboards(first, customers.getFirst(), progress::at).fetchThumbnails(false);
      Checks checks = new Checks(first);
      login = checks.createLogin(customers.getFirst());
      first.keep(login);
      rows = checks.rows();
      // The project is built anew meanwhile.
      Files.writeString(pack, "another build");
    }
    Files.copy(made.pack(), pack, StandardCopyOption.REPLACE_EXISTING);
    PlatformState earlier = PlatformState.read(settings.home()).orElseThrow();
    assertEquals(build, earlier.build(), "the state is of the build that stored it");
    String sidecarUrl;
    try (Platform again = Platform.start(with(settings, pack, earlier), progress)) {
      assertTrue(again.credentialTest().startsWith("OK"), again.credentialTest());
      Checks checks = new Checks(again);
      assertEquals(rows, checks.rows());
      assertTrue(checks.isUsable(login));
      assertRemembered(earlier.youTube(), again);
      progress.step("Sync of what is new since");
      assertTrue(new SyncRun(again).run().isSuccess());
      assertEquals(List.of(), notFetched(again), "YouTube knows the grants that it gave");
      assertEquals(List.of(), checks.incompleteChannels());
      again.keep(login);
      sidecarUrl = again.sidecarUrl();
    }
    assertMoves(
        with(settings, pack, PlatformState.read(settings.home()).orElseThrow()), sidecarUrl);
  }

  /** Starts it once more while another program has a port that the sidecar had. */
  private void assertMoves(Platform.Settings settings, String sidecarUrl) throws Exception {
    int port = URI.create(sidecarUrl).getPort();
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        Platform moved = Platform.start(settings, progress)) {
      assertTrue(taken.isBound());
      assertNotEquals(sidecarUrl, moved.sidecarUrl());
      assertTrue(moved.credentialTest().startsWith("OK"), moved.credentialTest());
      assertRemembered(Objects.requireNonNull(settings.earlier()).youTube(), moved);
    }
  }

  /**
   * Checks that the simulated YouTube has the jobs that it had, and pushes the videos of every
   * channel whose feed is not read, because it is taken to be pushed, to the sidecar.
   */
  private static void assertRemembered(SimulatorState earlier, Platform platform) throws Exception {
    SimulatorState state = platform.simulator().state();
    assertFalse(state.jobs().isEmpty());
    assertEquals(Set.copyOf(earlier.jobs()), Set.copyOf(state.jobs()));
    List<String> pushed =
        platform.strings(
            "select subscription_id::text from core.upload_watches where lease_until > now()");
    assertFalse(pushed.isEmpty());
    assertEquals(
        pushed.stream()
            .map(id -> platform.sidecarUrl() + "/v1/uploads/push/" + id)
            .collect(Collectors.toSet()),
        state.subscriptions().stream()
            .map(SimulatorState.FeedSubscription::callback)
            .collect(Collectors.toSet()));
  }

  /** Asks YouTube for each channel's statistics now; returns the reasons of what did not come. */
  private static List<String> notFetched(Platform platform) throws Exception {
    Customer customer = platform.customer(platform.world().accounts().getFirst().email());
    return platform
        .operator()
        .post(
            "/v1/metrics/fetch",
            Map.of(
                "requests",
                customer.account().channels().stream()
                    .map(channel ->
                        Map.of(
                            "userId",
                            customer.userId(),
                            "channelId",
                            channel.id(),
                            "report",
                            "channel-statistics"))
                    .toList(),
                "maxAgeMinutes",
                0))
        .get("notFetched")
        .valueStream()
        .map(missed -> missed.get("reason").asString())
        .toList();
  }

  private static Platform.Settings with(
      Platform.Settings settings, Path pack, @Nullable PlatformState earlier) {
    return new Platform.Settings(
        settings.root(),
        settings.state(),
        settings.home(),
        settings.node(),
        pack,
        settings.users(),
        settings.channels(),
        settings.seed(),
        settings.portBase(),
        settings.at(),
        settings.pool(),
        earlier);
  }
}
