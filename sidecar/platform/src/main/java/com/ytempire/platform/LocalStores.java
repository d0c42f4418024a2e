package com.ytempire.platform;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** PostgreSQL and Redis, which keep the state of a platform. */
record LocalStores(LocalPostgres postgres, LocalRedis redis) {
  /**
   * Starts both with empty databases of the sidecar and of n8n, and has them supervised.
   *
   * @param earlierPassword of the administrator of the PostgreSQL that is started again with what
   *     it has; null: a new one
   */
  static LocalStores start(
      Path home,
      Ports ports,
      Secrets secrets,
      @Nullable String earlierPassword,
      PartStack parts,
      Supervisor supervisor)
      throws Exception {
    Path data = home.resolve("postgres");
    LocalPostgres postgres =
        parts.add(
            earlierPassword == null
                ? LocalPostgres.start(data, ports.postgres())
                : LocalPostgres.startAgain(data, ports.postgres(), earlierPassword));
    supervisor.supervise("postgresql", Engine.of(postgres));
    LocalRedis redis =
        parts.add(LocalRedis.start(home.resolve("redis"), ports.redis(), secrets.redis()));
    supervisor.supervise("redis", Engine.of(redis));
    if (earlierPassword == null) {
      postgres.createDatabase(SidecarCommand.DATABASE);
      postgres.execute(
          "postgres", "create role n8n login password '" + secrets.n8nDatabase() + "'");
      postgres.execute("postgres", "create database n8n owner n8n");
    }
    return new LocalStores(postgres, redis);
  }
}
