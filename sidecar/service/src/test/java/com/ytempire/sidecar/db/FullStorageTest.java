package com.ytempire.sidecar.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** PostgreSQL's disk or Redis' memory is full: what callers are answered, and that it recovers. */
final class FullStorageTest {
  private static final int BATCH = 500;

  /** A batch of daily metrics of videos that no other batch has. */
  private static Map<String, Object> batch(String userId, String channelId, int number) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      rows.add(
          Map.of(
              "kind",
              "video-day",
              "userId",
              userId,
              "channelId",
              channelId,
              "videoId",
              "v%05d%05d".formatted(number, i / 100),
              "day",
              LocalDate.of(2026, 1, 1).plusDays(i % 100).toString(),
              "views",
              i));
    }
    return Map.of("rows", rows);
  }

  @Test
  void a_full_disk_is_answered_as_unavailable_and_loses_nothing() throws Exception {
    Path folder = Engines.folder("full-disk");
    Path data = Files.createDirectories(folder.resolve("data"));
    try (Mount mount = Mount.of(data, "320m");
        LocalPostgres postgres = LocalPostgres.start(folder, 0)) {
      postgres.createDatabase("ytempire");
      // The log must not take all of the small disk by itself.
      postgres.execute("postgres", "alter system set max_wal_size = '64MB'");
      postgres.execute("postgres", "select pg_reload_conf()");
      try (Platform platform =
          new Platform(
              1,
              1,
              Map.of(
                  "YTEMPIRE_DATABASE_URL",
                  postgres.url("ytempire"),
                  "YTEMPIRE_DATABASE_ADMIN_PASSWORD",
                  postgres.password()))) {
        String ada = platform.createUser("ada@example.com");
        String channel = "UCaaaaaaaaaaaaaaaaaaaaaa";
        platform.addChannel(ada, channel);
        String service = platform.token("service", null);
        int stored = 0;
        mount.fill(data.resolve("filler"));
        Answer refused;
        do {
          refused = platform.post("/v1/metrics/store", service, batch(ada, channel, stored), 2);
          stored += refused.status() == 200 ? 1 : 0;
          assertTrue(stored < 2_000, "the disk is never full");
        } while (refused.status() == 200);

        refused.expectProblem(503, "unavailable");
        assertTrue(refused.text("detail").contains("Nothing was stored"), refused.text("detail"));
        assertTrue(refused.headers().containsKey("retry-after"), refused.headers().toString());
        String said =
            platform
                .get("/health/ready", null)
                .expect(503)
                .body()
                .get("checks")
                .get("postgresql")
                .stringValue();
        // A PostgreSQL whose log had no room has ended.
        assertEquals(isUp(postgres) ? "disk full" : "unavailable", said);

        Files.delete(data.resolve("filler"));
        if (!isUp(postgres)) {
          // As compose starts a PostgreSQL again that ended because its log had no room.
          postgres.restart();
        }
        Answer healed;
        do {
          healed = platform.post("/v1/metrics/store", service, batch(ada, channel, stored));
        } while (healed.status() == 503);
        JsonNode result = healed.expect(200).body();
        assertEquals(BATCH, result.get("stored").intValue(), "a refused batch was stored in part");
        try (Connection admin =
            postgres.connect("ytempire", LocalPostgres.ADMIN, postgres.password())) {
          assertEquals(
              (stored + 1L) * BATCH,
              Platform.rows(admin, "select count(*) as n from core.video_days")
                  .getFirst()
                  .get("n"));
        }
      }
    }
  }

  private static boolean isUp(LocalPostgres postgres) {
    try (Connection admin =
        postgres.connect("postgres", LocalPostgres.ADMIN, postgres.password())) {
      return admin.isValid(5);
    } catch (java.sql.SQLException e) {
      return false;
    }
  }

  @Test
  void a_full_redis_refuses_fetches_with_a_reason_and_heals() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      String service = platform.token("service", null);
      Map<String, Object> fetch =
          Map.of(
              "waitSeconds",
              1,
              "maxAgeMinutes",
              0,
              "requests",
              List.of(Map.of("userId", ada, "channelId", channel, "report", "channel-statistics")));
      RedisClient client = RedisClient.create(platform.redis.url());
      try {
        RedisCommands<String, String> redis = client.connect().sync();
        redis.configSet("maxmemory-policy", "noeviction");
        redis.configSet("maxmemory", "1");

        JsonNode missed =
            platform
                .post("/v1/metrics/fetch", service, fetch)
                .expect(200)
                .body()
                .get("notFetched")
                .get(0);
        assertEquals("unavailable", missed.get("reason").stringValue(), missed.toString());
        assertTrue(!missed.get("retryAt").isNull(), missed.toString());

        redis.configSet("maxmemory", "0");
        assertEquals(
            1,
            platform
                .post("/v1/metrics/fetch", service, fetch)
                .expect(200)
                .body()
                .get("results")
                .size());
      } finally {
        client.shutdown();
      }
    }
  }

  /** A small file system in memory, which only root may mount. */
  private record Mount(Path at) implements AutoCloseable {
    static Mount of(Path at, String size) throws IOException, InterruptedException {
      Process mount =
          new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", at.toString())
              .redirectErrorStream(true)
              .start();
      boolean mounted = mount.waitFor() == 0;
      if (!mounted) {
        System.out.println(
            "FullStorageTest: a full disk is skipped because a small file system can be mounted by root only");
      }
      assumeTrue(mounted, "skipped because a small file system can be mounted by root only");
      return new Mount(at);
    }

    /** Leaves room for no more than a few pages. */
    void fill(Path file) throws IOException {
      try (OutputStream out = Files.newOutputStream(file)) {
        byte[] block = new byte[1 << 16];
        while (Files.getFileStore(at).getUsableSpace() > 4L * block.length) {
          out.write(block);
        }
      }
    }

    @Override
    public void close() throws IOException, InterruptedException {
      new ProcessBuilder("umount", "-l", at.toString()).start().waitFor();
    }
  }
}
