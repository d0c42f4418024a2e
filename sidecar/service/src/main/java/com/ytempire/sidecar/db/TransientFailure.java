package com.ytempire.sidecar.db;

import com.ytempire.sidecar.fairness.Deadline;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The causes of transactions that failed and may well succeed when they are run again: by SQLSTATE,
 * PostgreSQL's appendix A.
 */
enum TransientFailure {
  /** Class 08: the connection could not be made, or broke. */
  CONNECTION,
  /** Class 57P: the server is going down, or not yet up. */
  SHUTDOWN,
  /** 53300: the server has no connection left. */
  TOO_MANY_CONNECTIONS,
  /** The pool could not open a connection in time. */
  POOL,
  /** 40001: PostgreSQL undid the transaction because of a concurrent one. */
  SERIALIZATION,
  /** 40P01: as {@link #SERIALIZATION}, to resolve a deadlock. */
  DEADLOCK,
  /** 53100: the server's disk is full; a PostgreSQL whose log had no room restarts by itself. */
  DISK_FULL,
  /** 53200: the server has no memory left for this. */
  OUT_OF_MEMORY,
  /** 57014: a statement ran until its caller's deadline, and the server cancelled it. */
  TIMED_OUT;

  /** As a meter's label has it. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the connection was lost, so that the outcome of a commit under way is not known. */
  boolean isConnectionLost() {
    return switch (this) {
      case CONNECTION, SHUTDOWN, TOO_MANY_CONNECTIONS, POOL -> true;
      case SERIALIZATION, DEADLOCK, DISK_FULL, OUT_OF_MEMORY, TIMED_OUT -> false;
    };
  }

  /**
   * Reads a failure and its causes; empty: running it again would not help.
   *
   * @param deadline until which statements might run
   */
  static Optional<TransientFailure> of(Throwable failure, Deadline deadline) {
    if (deadline.hasPassed() && isCancelled(failure)) {
      return Optional.of(TIMED_OUT);
    }
    boolean isOfPool = false;
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException e) {
        // The pool wraps what the server said.
        isOfPool |= t instanceof SQLTransientConnectionException;
        Optional<TransientFailure> read = ofState(e.getSQLState());
        if (read.isPresent()) {
          return read;
        }
      }
    }
    return isOfPool ? Optional.of(POOL) : Optional.empty();
  }

  /** Whether the server cancelled a statement (57014), because it ran too long for instance. */
  private static boolean isCancelled(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException e && "57014".equals(e.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  private static Optional<TransientFailure> ofState(@Nullable String state) {
    if (state == null) {
      return Optional.empty();
    }
    return switch (state) {
      case "53300" -> Optional.of(TOO_MANY_CONNECTIONS);
      case "40001" -> Optional.of(SERIALIZATION);
      case "40P01" -> Optional.of(DEADLOCK);
      case "53100" -> Optional.of(DISK_FULL);
      case "53200" -> Optional.of(OUT_OF_MEMORY);
      default ->
          state.startsWith("08")
              ? Optional.of(CONNECTION)
              : state.startsWith("57P") ? Optional.of(SHUTDOWN) : Optional.empty();
    };
  }
}
