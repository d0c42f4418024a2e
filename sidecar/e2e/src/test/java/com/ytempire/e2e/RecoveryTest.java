package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.platform.Kills;
import com.ytempire.platform.Platform;
import com.ytempire.platform.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Parts that are killed, or stopped for 20 seconds, while the platform fetches, stores, settles or
 * delivers. {@code -Dytempire.kills} says how many times.
 */
@Tag("kills")
@EnabledIfSystemProperty(
    named = "ytempire.pack",
    matches = ".+",
    disabledReason =
        "end-to-end tests need an n8n and the node pack, which ./ytempire test prepares")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RecoveryTest {
  private static final int KILLS = Integer.getInteger("ytempire.kills", 8);
  private static final int CHANNELS = 2;
  private static final int STEPS = 5;

  private final Platform platform;
  private final Kills kills;

  RecoveryTest() throws Exception {
    Progress progress = new Progress(System.out, STEPS);
    // One more user is synced undisturbed.
    platform = SyncedPlatform.start("kills", KILLS + 1, CHANNELS, progress);
    progress.step("Kills");
    kills = new Kills(platform, KILLS, progress);
  }

  @BeforeAll
  void a_sync_that_nothing_disturbs_succeeds() throws Exception {
    assertEquals(List.of(), kills.syncUndisturbed());
  }

  @AfterAll
  void close() {
    kills.close();
    platform.close();
  }

  @TestFactory
  Stream<DynamicTest> each_kill_is_healed_and_loses_nothing() {
    List<DynamicTest> tests = new ArrayList<>();
    for (int kill = 0; kill < KILLS; kill++) {
      int number = kill;
      tests.add(
          DynamicTest.dynamicTest(
              "kill %d of %d: %s".formatted(number + 1, KILLS, kills.strike(number)),
              () -> assertEquals(List.of(), kills.apply(number))));
    }
    tests.add(
        DynamicTest.dynamicTest(
            "rows, events and units hold after all kills",
            () -> assertEquals(List.of(), kills.check())));
    return tests.stream();
  }
}
