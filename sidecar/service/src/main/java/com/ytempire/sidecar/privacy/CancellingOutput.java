package com.ytempire.sidecar.privacy;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The output of a {@code COPY} that cancels the statement when it fails, and takes and drops what
 * the server has sent until then: the driver (pgjdbc 42.7) loses its place in the protocol when the
 * output throws. For one thread.
 */
final class CancellingOutput extends OutputStream {
  private final OutputStream out;
  private final PGConnection connection;
  private @Nullable Exception failure;

  CancellingOutput(OutputStream out, PGConnection connection) {
    this.out = out;
    this.connection = connection;
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
  void throwFailure(@Nullable SQLException consequence) throws IOException {
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
