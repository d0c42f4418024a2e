package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Checks;
import com.ytempire.platform.Customers;
import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Platform;
import com.ytempire.platform.PlatformState;
import com.ytempire.platform.Progress;
import com.ytempire.platform.SyncRun;
import com.ytempire.platform.UserLogin;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

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
  private static final int STEPS = 11;

  @Test
  void users_grants_rows_and_workflows_are_there_again() throws Exception {
    Progress progress = new Progress(System.out, STEPS);
    Platform.Settings settings;
    Map<String, Long> rows;
    UserLogin login;
    try (Platform first = SyncedPlatform.start("later", 1, 2, null, progress)) {
      settings = first.settings();
      progress.step("Users");
      List<Customer> customers = Customers.createAll(first.operator(), first.world(), progress::at);
      Customers.connectAll(first.operator(), customers, progress::at);
      progress.step("Sync by n8n");
      assertTrue(new SyncRun(first).run().isSuccess());
      Checks checks = new Checks(first);
      login = checks.createLogin(customers.getFirst());
      first.keep(login);
      rows = checks.rows();
    }
    PlatformState earlier = PlatformState.read(settings.home()).orElseThrow();
    try (Platform again = Platform.start(again(settings, earlier), progress)) {
      assertTrue(again.credentialTest().startsWith("OK"), again.credentialTest());
      Checks checks = new Checks(again);
      assertEquals(rows, checks.rows());
      assertTrue(checks.isUsable(login));
      progress.step("Sync of what is new since");
      assertTrue(new SyncRun(again).run().isSuccess());
      assertEquals(List.of(), notFetched(again), "YouTube knows the grants that it gave");
      assertEquals(List.of(), checks.incompleteChannels());
    }
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

  private static Platform.Settings again(Platform.Settings settings, PlatformState earlier) {
    return new Platform.Settings(
        settings.root(),
        settings.state(),
        settings.home(),
        settings.node(),
        settings.pack(),
        settings.users(),
        settings.channels(),
        settings.seed(),
        settings.portBase(),
        settings.at(),
        settings.pool(),
        earlier);
  }
}
