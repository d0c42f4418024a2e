package com.ytempire.sidecar.db;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The output of a {@code COPY … TO STDOUT} that cancels the statement when it fails, and takes and
 * drops what the server has sent until then: the driver (pgjdbc 42.7) loses its place in the
 * protocol when the output throws. For one thread.
 */
public final class CopyOutput extends OutputStream {
  private final OutputStream out;
  private final PGConnection connection;
  private @Nullable Exception failure;

  private CopyOutput(OutputStream out, PGConnection connection) {
    this.out = out;
    this.connection = connection;
  }

  /**
   * Runs a {@code COPY … TO STDOUT} and writes what it answers.
   *
   * @throws IOException as the output threw it; the statement has ended then
   */
  public static void write(Handle handle, String sql, OutputStream out) throws IOException {
    try {
      PGConnection connection = handle.getConnection().unwrap(PGConnection.class);
      CopyOutput rows = new CopyOutput(out, connection);
      try {
        connection.getCopyAPI().copyOut(sql, rows);
      } catch (SQLException e) {
        rows.throwFailure(e);
        throw e;
      }
      rows.throwFailure(null);
    } catch (SQLException e) {
      throw new UnableToExecuteStatementException(e, null);
    }
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    if (failure != null) {
      return;
    }
    try {
      out.write(bytes, from, length);
    } catch (IOException | RuntimeException e) {
      failure = e;
      cancel(e);
    }
  }

  private void cancel(Exception cause) {
    try {
      connection.cancelQuery();
    } catch (SQLException e) {
      // Then the statement ends by itself, at its timeout at the latest.
      cause.addSuppressed(e);
    }
  }

  /**
   * Throws what the output threw, if it did.
   *
   * @param consequence what the driver threw after that; null: nothing
   */
  private void throwFailure(@Nullable SQLException consequence) throws IOException {
    if (failure != null && consequence != null) {
      failure.addSuppressed(consequence);
    }
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }
}
