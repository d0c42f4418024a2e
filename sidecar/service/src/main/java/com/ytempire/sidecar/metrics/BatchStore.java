package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.web.Contract;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * Stores batches of one user's rows without HTTP and without admission: for a program that embeds
 * the service, such as a benchmark. Safe to share between threads.
 */
public final class BatchStore {
  private final Database database;
  private final RowReader reader = new RowReader(Contract.load());

  public BatchStore(Database database) {
    this.database = database;
  }

  /** A batch that has been read. */
  public static final class Batch {
    private final List<TypedRow> rows;

    private Batch(List<TypedRow> rows) {
      this.rows = rows;
    }
  }

  /** Reads a JSON array of rows of one kind, as the store reads them. */
  public Batch read(byte[] rows) {
    return new Batch(
        reader.readArray(rows).stream().map(read -> Objects.requireNonNull(read.row())).toList());
  }

  /** Stores a batch of one user's rows in one transaction; returns how many rows it has. */
  public int store(UUID userId, Batch batch, Instant now) {
    return database.acrossTenants(handle -> {
      Database.enter(handle, userId);
      new StoreDao(handle)
          .lockChannels(batch.rows.stream().map(TypedRow::channelId).distinct().toList());
      return new RowDao(handle).store(batch.rows.getFirst().kind(), batch.rows, now).size();
    });
  }
}
