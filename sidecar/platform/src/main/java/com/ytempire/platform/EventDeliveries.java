package com.ytempire.platform;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** Checks that the events of syncs reach a subscriber. */
final class EventDeliveries {
  /** The lease of a delivery whose sidecar died, and a minute. */
  private static final Duration REDELIVERY_LIMIT = Duration.ofMinutes(3);

  private static final Duration POLL = Duration.ofMillis(200);

  private final Platform platform;
  private final EventReceiver receiver;
  private final FaultLog faults;

  EventDeliveries(Platform platform, EventReceiver receiver, FaultLog faults) {
    this.platform = platform;
    this.receiver = receiver;
    this.faults = faults;
  }

  /** Waits until no event is left to be delivered. */
  void awaitNone(String label) throws Exception {
    long until = System.nanoTime() + REDELIVERY_LIMIT.toNanos();
    while (true) {
      long left =
          platform.whileAway(() ->
              platform.number(
                  "select count(*) from core.webhook_deliveries where due_at is not null"));
      if (left == 0) {
        return;
      }
      if (System.nanoTime() > until) {
        faults.add(
            Fault.Kind.EVENTS,
            "%s left %d events undelivered for 3 minutes".formatted(label, left));
        return;
      }
      Thread.sleep(POLL);
    }
  }

  /** Compares what was noted as delivered with what arrived; returns the number that is lost. */
  int check(Set<String> users) throws SQLException {
    Set<String> silent = new TreeSet<>(users);
    silent.removeAll(receiver.users());
    Set<String> lost = sent();
    lost.removeAll(receiver.events());
    if (!silent.isEmpty() || !lost.isEmpty()) {
      faults.add(
          Fault.Kind.EVENTS,
          "%d events are noted as delivered and did not arrive; %d users have no event of a sync"
              .formatted(lost.size(), silent.size()));
    }
    return lost.size() + silent.size();
  }

  /** Ids of the events that the sidecar noted as delivered. */
  private Set<String> sent() throws SQLException {
    Set<String> sent = new TreeSet<>();
    try (Connection admin = platform.admin();
        var statement = admin.createStatement();
        ResultSet result =
            statement.executeQuery(
                "select event_id::text from core.webhook_deliveries where delivered_at is not null")) {
      while (result.next()) {
        sent.add(result.getString(1));
      }
    }
    return sent;
  }
}
