package com.ytempire.sidecar.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jdbi.v3.core.mapper.ColumnMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Reads a column of type {@code timestamptz} as an {@link Instant}. Immutable. */
public final class InstantColumn implements ColumnMapper<Instant> {
  InstantColumn() {}

  @Override
  public @Nullable Instant map(ResultSet row, int column, StatementContext context)
      throws SQLException {
    return read(row, column);
  }

  /**
   * Reads a column of a row that no mapper of Jdbi reads.
   *
   * @param column from 1
   * @return null where the column is null
   */
  public static @Nullable Instant read(ResultSet row, int column) throws SQLException {
    OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }
}
