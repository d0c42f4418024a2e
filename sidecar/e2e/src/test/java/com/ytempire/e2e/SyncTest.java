package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The first sync of all channels by the shipped workflow. */
@EndToEnd
@Order(1)
final class SyncTest {
  private final SyncedPlatform synced;

  SyncTest(SyncedPlatform synced) {
    this.synced = synced;
  }

  @Test
  void n8n_reports_that_the_sync_succeeded() {
    assertTrue(synced.sync().isSuccess(), synced.sync().description());
  }

  @Test
  void every_channel_has_its_rows() throws Exception {
    assertEquals(Map.of(), synced.checks().incompleteChannels(synced.sync(), synced.customers()));
  }

  @Test
  void every_channel_is_connected() throws Exception {
    assertEquals(List.of(), synced.checks().connections());
  }

  @Test
  void n8n_keeps_references_and_no_figures_of_customers() throws Exception {
    assertEquals(List.of(), synced.checks().executionData(synced.sync()));
  }

  @Test
  void the_sync_counts_the_units_that_youtube_counts() {
    assertEquals(List.of(), synced.unitFaults());
  }

  @Test
  void nobody_else_may_enter_the_folder_with_the_platforms_secrets() throws Exception {
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(synced.platform().settings().home())));
  }

  @Test
  void the_credential_passes_its_own_test_in_n8n() {
    String said = synced.platform().credentialTest();
    assertTrue(said.startsWith("OK: "), said);
  }
}
