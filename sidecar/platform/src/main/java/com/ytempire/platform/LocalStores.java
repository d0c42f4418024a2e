package com.ytempire.platform;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import java.nio.file.Path;

/**
 * PostgreSQL and Redis, which keep the state of a platform.
 *
 * @param n8nPassword of the role {@code n8n}, which owns n8n's database
 */
record LocalStores(
    LocalPostgres postgres, LocalRedis redis, String redisPassword, String n8nPassword) {
  /** Starts both with empty databases of the sidecar and of n8n, and has them supervised. */
  static LocalStores start(Path home, Ports ports, PartStack parts, Supervisor supervisor)
      throws Exception {
    LocalPostgres postgres =
        parts.add(LocalPostgres.start(home.resolve("postgres"), ports.postgres()));
    supervisor.supervise("postgresql", Engine.of(postgres));
    String redisPassword = Secrets.random();
    LocalRedis redis =
        parts.add(LocalRedis.start(home.resolve("redis"), ports.redis(), redisPassword));
    supervisor.supervise("redis", Engine.of(redis));
    String n8nPassword = Secrets.random();
    postgres.createDatabase(SidecarCommand.DATABASE);
    postgres.execute("postgres", "create role n8n login password '" + n8nPassword + "'");
    postgres.execute("postgres", "create database n8n owner n8n");
    return new LocalStores(postgres, redis, redisPassword, n8nPassword);
  }
}
