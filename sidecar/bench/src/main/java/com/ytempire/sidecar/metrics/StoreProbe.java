package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.web.Contract;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** The store without HTTP: rows of JSON, read as the store reads them, through the DAO. */
public final class StoreProbe {
  private final Database database;
  private final RowReader reader = new RowReader(Contract.load());

  public StoreProbe(Database database) {
    this.database = database;
  }

  /** Stores a batch of one user's rows of one kind, in one transaction; answers how many. */
  public int store(UUID userId, String kind, byte[] rows, Instant now) {
    List<TypedRow> typed =
        reader.readArray(rows).stream().map(read -> Objects.requireNonNull(read.row())).toList();
    return database.acrossTenants(handle -> {
      Database.enter(handle, userId);
      StoreDao dao = new StoreDao(handle);
      dao.lockChannels(typed.stream().map(TypedRow::channelId).distinct().toList());
      return dao.store(RowKind.of(kind).orElseThrow(), typed, now).size();
    });
  }
}
