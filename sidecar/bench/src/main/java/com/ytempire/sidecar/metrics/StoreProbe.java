package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** The store's DAO, as the store itself calls it, for the benchmark. */
public final class StoreProbe {
  private final Database database;

  public StoreProbe(Database database) {
    this.database = database;
  }

  /** Stores a batch of one user's rows of one kind, in one transaction; answers how many. */
  public int store(UUID userId, String kind, List<JsonNode> rows, Instant now) {
    return database.acrossTenants(handle -> {
      Database.enter(handle, userId);
      StoreDao dao = new StoreDao(handle);
      dao.lockChannels(
          rows.stream().map(row -> row.get("channelId").stringValue()).distinct().toList());
      return dao.store(RowKind.of(kind).orElseThrow(), rows, now).size();
    });
  }
}
