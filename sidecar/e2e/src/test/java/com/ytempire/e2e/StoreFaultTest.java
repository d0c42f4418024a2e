package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.N8n;
import com.ytempire.platform.Platform;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The sync and the backfill while the database refuses whatever is stored by reference. Comes
 * before any backfill: the history of all channels is still to be read.
 */
@EndToEnd
@Order(3)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StoreFaultTest {
  /** Days, revenue and traffic sources of each channel. */
  private static final int BACKFILLED_REPORTS = 3;

  private static final String HELD =
      "select count(*) from core.held_batches where stored_at is null";

  /** Why an execution of the sync is said to have failed when nothing could be stored. */
  private static final String NOT_STORED =
      "%d of %d channels were not fetched and stored whole; channels by reason: not-stored: %d. ";

  private final SyncedPlatform synced;
  private final Platform platform;
  private final N8n n8n;
  private final Workflows workflows;

  StoreFaultTest(SyncedPlatform synced) {
    this.synced = synced;
    this.platform = synced.platform();
    this.n8n = platform.n8n();
    this.workflows = synced.workflows();
  }

  /**
   * Leaves no report due or held, also when a test failed: what nobody stored would be stored by
   * the sync of another test, which then asks YouTube for nothing.
   */
  @AfterEach
  void storeWhatIsHeld() throws Exception {
    refuseToStore(false);
    workflows.endLeases();
    if (platform.number(HELD + " and is_due") > 0) {
      assertEquals("success", workflows.run(Workflows.SYNC));
    }
  }

  @Test
  @Order(1)
  void a_sync_waits_until_rows_can_be_stored() throws Exception {
    String workflow = workflows.importSync("minutes: 10", 5);
    workflows.makeDue();
    refuseToStore(true);
    String execution = n8n.run(workflow, "Run Now");
    assertTrue(awaitRefusal(), "the sync stored nothing by reference, so that nothing was refused");
    refuseToStore(false);
    assertEquals("success", workflows.awaitEnd(workflow, execution));
    Map<String, List<Integer>> outputs = n8n.outputs(execution);
    assertTrue(outputs.containsKey("Wait to Store"), outputs::toString);
    assertFalse(outputs.containsKey("Not Stored"), outputs::toString);
    assertEquals(0, held(), "batches that are left");
  }

  @Test
  @Order(2)
  void a_sync_that_cannot_store_fails_and_the_next_one_heals_it() throws Exception {
    String workflow = workflows.importSync("seconds: 20", 1);
    workflows.makeDue();
    refuseToStore(true);
    String failing = n8n.run(workflow, "Run Now");
    String status = workflows.awaitEnd(workflow, failing);
    refuseToStore(false);
    assertEquals("error", status);
    int channels = synced.channelsWithDays();
    String message = String.valueOf(n8n.errorMessage(failing));
    assertTrue(
        message.startsWith(NOT_STORED.formatted(channels, synced.channels(), channels)), message);
    assertTrue(held() > 0, "the failed sync left no batches for the next");
    workflows.endLeases();
    assertEquals("success", workflows.awaitEnd(workflow, n8n.run(workflow, "Run Now")));
    assertEquals(0, held(), "batches that are left");
  }

  @Test
  @Order(3)
  void a_backfill_that_cannot_store_fails_with_the_reports_by_reason() throws Exception {
    String id = workflows.importWorkflow(hastyBackfill());
    refuseToStore(true);
    String execution = n8n.run(id, "Run Now");
    String status = workflows.awaitEnd(id, execution);
    refuseToStore(false);
    assertEquals("error", status);
    int reports = synced.channelsWithDays() * BACKFILLED_REPORTS;
    String message = String.valueOf(n8n.errorMessage(execution));
    assertTrue(
        message.startsWith(
            "%d reports of new channels were not stored whole; reports by reason: unavailable: %d"
                .formatted(reports, reports)),
        message);
  }

  /** The backfill, which tries to store again soon and twice. */
  private ObjectNode hastyBackfill() {
    ObjectNode workflow = workflows.read(Workflows.BACKFILL);
    workflow.put("name", "Backfill of the test");
    for (JsonNode node : workflow.get("nodes")) {
      String name = node.get("name").stringValue();
      if (name.equals("Wait to Store")) {
        ((ObjectNode) node.get("parameters")).put("amount", 1);
      } else if (name.equals("Store Again?")) {
        ObjectNode condition = (ObjectNode) node.at("/parameters/conditions/conditions/0");
        String tries = condition.get("leftValue").stringValue();
        condition.put("leftValue", tries.replace("$runIndex < 20", "$runIndex < 2"));
      }
    }
    return workflow;
  }

  /** Makes a switch in the database for {@link #refuseToStore}. */
  @BeforeAll
  void createRefusal() throws SQLException {
    platform.execute(
        """
        create schema refusal;
        create sequence refusal.count;
        create table refusal.switch as select false as is_on;
        create function refusal.refuse() returns trigger language plpgsql security definer as $$
        begin
          if (select is_on from refusal.switch) then
            perform nextval('refusal.count');
            raise exception 'nothing can be stored, as a test wants it';
          end if;
          return null;
        end $$;
        create trigger refuse before update on core.held_batches execute function refusal.refuse();
        """);
  }

  @AfterAll
  void dropRefusal() throws SQLException {
    platform.execute("drop trigger refuse on core.held_batches; drop schema refusal cascade");
  }

  /** Lets the database refuse from now on whatever is stored by reference, or no longer. */
  private void refuseToStore(boolean isOn) throws SQLException {
    platform.execute("update refusal.switch set is_on = " + isOn);
  }

  /** Returns whether the database has refused to store before long. */
  private boolean awaitRefusal() throws InterruptedException {
    return Workflows.within(() -> {
      try {
        return platform.number("select is_called::int from refusal.count") == 1;
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  /** Batches that wait to be stored. */
  private long held() throws SQLException {
    return platform.number(HELD);
  }
}
