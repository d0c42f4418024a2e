package com.ytempire.sidecar.db;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.trace.RequestTrace;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/**
 * The settings that a transaction makes before its first statement: its tenant, its limits and its
 * name.
 */
final class TransactionSettings {
  /**
   * Longest that a statement outlives the deadline: what ends a request, such as the settlement of
   * its units, is short and begins just before it.
   */
  private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);

  /**
   * How much longer than a statement may run its answer is waited for: a connection that is half
   * dead carries neither the answer nor that the statement was cancelled. Not shorter, because a
   * commit may have to wait for a slow disk, and one whose answer is not heard is in doubt.
   */
  private static final Duration ANSWER_MARGIN = Duration.ofSeconds(5);

  /**
   * Longest that an answer to a job over many rows is waited for. Cut off, such a job would begin
   * anew the next time, and be cut off again.
   */
  private static final Duration LONG_READ_TIMEOUT = Duration.ofMinutes(30);

  /** The setting that says whose the rows are. */
  static final String TENANT = "app.tenant_id";

  private TransactionSettings() {}

  /**
   * Says whose the rows are and how long each statement may run, in one round trip: as long as was
   * left when the transaction began, since PostgreSQL 15 cannot limit a transaction as a whole.
   * Jobs of our own, which have bound no deadline, take the time that they need.
   */
  static void begin(Handle handle, TransactionOptions options, Deadline deadline) {
    long millis = 0;
    if (Deadline.isBound()) {
      // Rounded up, so that what it cancels is cancelled after the deadline.
      millis = Math.max(SHORTEST_TIMEOUT.toMillis(), deadline.remaining().toMillis() + 1);
      Duration longest = Duration.ofMillis(millis).plus(ANSWER_MARGIN);
      if (longest.compareTo(PoolSettings.READ_TIMEOUT) < 0) {
        limitReads(handle, longest);
      }
    } else if (options.isLong()) {
      limitReads(handle, LONG_READ_TIMEOUT);
    }
    Map<String, String> settings = new LinkedHashMap<>();
    if (millis > 0) {
      settings.put("statement_timeout", String.valueOf(millis));
    }
    if (options.isEntered()) {
      settings.put(TENANT, TenantProofs.prove(handle, options.tenant())[0]);
      TenantSwitches.record(handle, options.tenant());
    }
    // What PostgreSQL logs of these statements says which request they are of.
    RequestTrace.current()
        .ifPresent(trace -> settings.put("application_name", trace.applicationName()));
    if (!settings.isEmpty()) {
      set(handle, settings);
    }
  }

  /**
   * Makes settings for the rest of the transaction. Every transaction does so, and the driver alone
   * takes a fraction of the processor time of a query by Jdbi.
   *
   * @param settings values by names; the names are our own
   */
  static void set(Handle handle, Map<String, String> settings) {
    String sql =
        settings.keySet().stream()
            .map(name -> "set_config('" + name + "', ?, true)")
            .collect(Collectors.joining(", ", "select ", ""));
    try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
      int parameter = 1;
      for (String value : settings.values()) {
        statement.setString(parameter++, value);
      }
      var _ = statement.execute();
    } catch (SQLException e) {
      throw new UnableToExecuteStatementException(e, null);
    }
  }

  /** The pool gives the connection its own limit back when the transaction has ended. */
  private static void limitReads(Handle handle, Duration longest) {
    try {
      // The driver sets it at once and needs no thread.
      handle.getConnection().setNetworkTimeout(Runnable::run, (int) longest.toMillis());
    } catch (SQLException e) {
      throw new ConnectionException(e);
    }
  }
}
