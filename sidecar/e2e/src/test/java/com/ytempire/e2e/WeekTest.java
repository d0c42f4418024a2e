package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Customers;
import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Platform;
import com.ytempire.platform.Progress;
import com.ytempire.platform.SyncRun;
import com.ytempire.platform.week.Week;
import com.ytempire.simulator.ReceivedMail;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A week of two users by a moved clock, on a platform of its own: minutes, so {@code ./ytempire
 * test --week} alone runs it.
 */
@Tag("week")
@EnabledIfSystemProperty(
    named = "ytempire.pack",
    matches = ".+",
    disabledReason =
        "end-to-end tests need an n8n and the node pack, which ./ytempire test prepares")
final class WeekTest {
  private static final int USERS = 2;
  private static final int CHANNELS = 2;
  private static final int STEPS = 8;

  @Test
  void a_week_brings_reports_an_outage_with_its_mails_tiers_and_costs() throws Exception {
    Progress progress = new Progress(System.out, STEPS);
    try (Platform platform =
        SyncedPlatform.start("week", USERS, CHANNELS, Week.startFor(Instant.now()), progress)) {
      progress.step("Users");
      List<Customer> customers =
          Customers.createAll(platform.operator(), platform.world(), progress::at);
      progress.step("Consent of each channel's owner");
      Customers.connectAll(platform.operator(), customers, progress::at);
      progress.step("Sync by n8n");
      assertTrue(new SyncRun(platform).run().isSuccess());
      progress.step("A week");
      Week week = new Week(platform, customers, progress::note);
      Week.Result result = week.run();
      progress.done(String.join("\n", result.lines()));
      assertEquals(List.of(), result.faults());
      List<ReceivedMail> reports = week.weeklyReports();
      assertEquals(USERS, reports.size());
      for (ReceivedMail report : reports) {
        assertTrue(
            report.text().contains("This week shows "), "the model's sentences: " + report.text());
      }
    }
  }
}
