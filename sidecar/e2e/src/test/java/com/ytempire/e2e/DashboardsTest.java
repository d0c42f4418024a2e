package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Dashboards;
import com.ytempire.platform.PictureProgram;
import com.ytempire.platform.Platform;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One user's dashboards, drawn with that user's own database login. */
@EndToEnd
@Order(9)
@Tag(EndToEnd.ANY_HOUR)
@Tag(EditorPanelsTest.PANELS)
final class DashboardsTest {
  @Test
  void every_panel_is_drawn_and_shows_something(SyncedPlatform synced) throws Exception {
    Platform platform = synced.platform();
    assumeTrue(
        Dashboards.isInstalled(platform.settings().root()),
        "skipped: the dashboards, because grafana/preview is not installed");
    Customer customer = synced.customers().getFirst();
    Dashboards dashboards = new Dashboards(platform, customer, _ -> {});
    dashboards.requestThumbnails();
    List<String> unused = dashboards.fetchHistory();
    dashboards.fetchThumbnails(true);
    assertTrue(dashboards.bookCosts() > 0, "no costs were booked");
    List<String> found = dashboards.draw(synced.checks().createLogin(customer));
    assertEquals(
        List.of(), found.stream().filter(line -> line.startsWith(PictureProgram.FAULT)).toList());
    assumeTrue(found.isEmpty(), () -> "skipped in part: " + String.join("; ", found));
  }
}
