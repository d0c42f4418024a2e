package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.BinaryArray;
import com.ytempire.sidecar.metrics.RowField.Type;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/** Stores rows of metrics for the tenant entered in the transaction. One object for each batch. */
final class RowDao {
  private static final Map<RowKind, String> STORE = new EnumMap<>(RowKind.class);
  private static final Map<RowKind, String> INSERT = new EnumMap<>(RowKind.class);
  private static final Map<RowKind, String> KNOWN = new EnumMap<>(RowKind.class);

  /** Rows that are looked up before a batch is stored. */
  private static final int SAMPLE = 16;

  static {
    for (RowKind kind : RowKind.STORED) {
      STORE.put(kind, StoreSql.of(kind));
      INSERT.put(kind, StoreSql.insertOf(kind));
      KNOWN.put(kind, StoreSql.knownOf(kind));
    }
  }

  /**
   * Rows of a batch that are looked for when the database refuses them; each costs some dozen
   * statements. Those that come after are not tried.
   */
  static final int MAX_REFUSED = 50;

  private final Handle handle;
  private int refused;

  RowDao(Handle handle) {
    this.handle = handle;
  }

  /**
   * Stores rows of one kind whose keys all differ; answers in their order. A row that the database
   * refuses is {@link RowResult#refused}, and the others are stored; after {@link #MAX_REFUSED} of
   * this object's batch, those that are left are refused untried.
   */
  List<RowResult> store(RowKind kind, List<TypedRow> rows, Instant now) {
    try {
      return storeGroup(kind, rows, now, false);
    } catch (SQLException e) {
      throw new UnableToExecuteStatementException(e, null);
    }
  }

  /**
   * Rows have been checked, so that hardly ever one is refused. Then halves of the group are tried,
   * and halves of these, until it is found.
   */
  private List<RowResult> storeGroup(RowKind kind, List<TypedRow> rows, Instant now, boolean isPart)
      throws SQLException {
    if (refused >= MAX_REFUSED) {
      return Collections.nCopies(rows.size(), RowResult.refused(RowResult.NOT_TRIED));
    }
    Connection connection = handle.getConnection();
    Savepoint before = connection.setSavepoint();
    try {
      List<RowResult> outcomes = storeAll(kind, rows, now, before, isPart);
      connection.releaseSavepoint(before);
      return outcomes;
    } catch (SQLException e) {
      if (!isOfValues(e)) {
        throw e;
      }
      connection.rollback(before);
      connection.releaseSavepoint(before);
      if (rows.size() == 1) {
        refused++;
        return List.of(RowResult.refused(String.valueOf(e.getSQLState())));
      }
      int half = rows.size() / 2;
      List<RowResult> outcomes =
          new ArrayList<>(storeGroup(kind, rows.subList(0, half), now, true));
      outcomes.addAll(storeGroup(kind, rows.subList(half, rows.size()), now, true));
      return outcomes;
    }
  }

  /** Class 22: data exception; 23: a constraint does not hold; 54: a limit of PostgreSQL's. */
  private static boolean isOfValues(SQLException failure) {
    String state = failure.getSQLState();
    return state != null
        && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
  }

  private List<RowResult> storeAll(
      RowKind kind, List<TypedRow> rows, Instant now, Savepoint before, boolean isPart)
      throws SQLException {
    if (!isPart && noneIsKnown(kind, rows)) {
      if (insertedAll(kind, rows, now)) {
        return Collections.nCopies(rows.size(), RowResult.NEW);
      }
      handle.getConnection().rollback(before);
    }
    return judged(kind, rows, now);
  }

  /**
   * Looks a few of the rows up, to choose between the two statements; either is right for any rows.
   * Rows that all are new, as in a backfill, go in faster where none is looked up.
   */
  private boolean noneIsKnown(RowKind kind, List<TypedRow> rows) throws SQLException {
    List<TypedRow> sample = new ArrayList<>();
    int step = Math.max(1, rows.size() / SAMPLE);
    for (int i = 0; i < rows.size() && sample.size() < SAMPLE; i += step) {
      sample.add(rows.get(i));
    }
    try (PreparedStatement statement = handle.getConnection().prepareStatement(of(KNOWN, kind))) {
      setColumns(statement, 1, sample, kind.keyIndexes());
      try (ResultSet result = statement.executeQuery()) {
        return !result.next();
      }
    }
  }

  /** Inserts the rows if all of them are new; otherwise what it did is to be rolled back. */
  private boolean insertedAll(RowKind kind, List<TypedRow> rows, Instant now) throws SQLException {
    try (PreparedStatement statement = handle.getConnection().prepareStatement(of(INSERT, kind))) {
      int next = setColumns(statement, 1, rows, kind.indexes());
      if (!kind.stamps().isEmpty()) {
        statement.setObject(next, now.atOffset(ZoneOffset.UTC));
      }
      if (!statement.execute()) {
        return statement.getUpdateCount() == rows.size();
      }
      try (ResultSet inserted = statement.getResultSet()) {
        return inserted.next() && inserted.getInt(1) == rows.size();
      }
    }
  }

  private List<RowResult> judged(RowKind kind, List<TypedRow> rows, Instant now)
      throws SQLException {
    try (PreparedStatement statement = handle.getConnection().prepareStatement(of(STORE, kind))) {
      statement.setObject(1, now.atOffset(ZoneOffset.UTC));
      setColumns(statement, 2, rows, kind.indexes());
      List<RowResult> outcomes = new ArrayList<>(rows.size());
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          outcomes.add(RowResult.judged(result.getString(1)));
        }
      }
      return outcomes;
    }
  }

  private static String of(Map<RowKind, String> statements, RowKind kind) {
    return Objects.requireNonNull(statements.get(kind));
  }

  /** Each field of all rows is one parameter, an array; answers which parameter is next. */
  private static int setColumns(
      PreparedStatement statement, int parameter, List<TypedRow> rows, int[] fields)
      throws SQLException {
    for (int field : fields) {
      statement.setArray(
          parameter++,
          BinaryArray.of(
              statement.getConnection(),
              element(rows.getFirst().kind().fields().get(field).type()),
              rows.size(),
              i -> rows.get(i).value(field)));
    }
    return parameter;
  }

  private static BinaryArray.Element element(Type type) {
    return switch (type) {
      case TEXT -> BinaryArray.Element.TEXT;
      case DAY -> BinaryArray.Element.DATE;
      case INSTANT -> BinaryArray.Element.TIMESTAMPTZ;
      case COUNT -> BinaryArray.Element.INT8;
      case FLAG -> BinaryArray.Element.BOOL;
      case LIST -> BinaryArray.Element.JSONB;
      case PERCENT, RATE, MONEY -> BinaryArray.Element.NUMERIC;
    };
  }
}
