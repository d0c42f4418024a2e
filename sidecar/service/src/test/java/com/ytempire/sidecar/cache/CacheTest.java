package com.ytempire.sidecar.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What somebody who can write to Redis can do to the answers: nothing but have them asked anew. */
final class CacheTest {
  private static final String PASSWORD = "theRedisOfTheTests1";

  private final LocalRedis redis = LocalRedis.start(Engines.folder("redis"), 0, PASSWORD);
  private final Platform platform =
      new Platform(
          2, 1, Map.of("YTEMPIRE_REDIS_URL", redis.url(), "YTEMPIRE_REDIS_PASSWORD", PASSWORD));
  private final RedisClient client =
      RedisClient.create(
          RedisURI.builder(RedisURI.create(redis.url()))
              .withPassword(PASSWORD.toCharArray())
              .build());
  private final RedisCommands<String, byte[]> intruder =
      client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE)).sync();
  private final List<String> users = new ArrayList<>();
  private String service = "";

  @BeforeEach
  void fill() {
    users.add(platform.connectedUser(0));
    users.add(platform.connectedUser(1));
    service = platform.token("service", null);
    assertEquals(List.of(false, false), fromCache());
    assertEquals(List.of(true, true), fromCache());
  }

  @AfterEach
  void close() {
    platform.close();
    client.shutdown();
    redis.close();
  }

  /** Whether each user's statistics came from the cache; fails unless they are the user's own. */
  private List<Boolean> fromCache() {
    List<Boolean> cached = new ArrayList<>();
    for (int i = 0; i < users.size(); i++) {
      String channel = platform.world.accounts().get(i).channels().getFirst().id();
      JsonNode result =
          platform
              .post(
                  "/v1/metrics/fetch",
                  service,
                  Map.of(
                      "requests",
                      List.of(
                          Map.of(
                              "userId",
                              users.get(i),
                              "channelId",
                              channel,
                              "report",
                              "channel-statistics"))))
              .expect(200)
              .body()
              .get("results")
              .get(0);
      JsonNode row = result.get("rows").get(0);
      assertEquals(users.get(i), row.get("userId").stringValue());
      assertEquals(channel, row.get("channelId").stringValue());
      assertTrue(row.get("views").longValue() != FORGED_VIEWS, "a forged number was answered");
      cached.add(result.get("fromCache").booleanValue());
    }
    return cached;
  }

  /** Statistics are answered from the cache for a quarter of an hour at most. */
  private static final Duration TOO_OLD = Duration.ofHours(1);

  private static final long FORGED_VIEWS = 987_654_321_987L;

  private Map<String, byte[]> entries() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    for (String key : intruder.keys("cache:*")) {
      entries.put(key, intruder.get(key));
    }
    assertFalse(entries.isEmpty(), "nothing is cached");
    return entries;
  }

  private double rejected() {
    return platform
        .get("/metrics", null)
        .body()
        .stringValue()
        .lines()
        .filter(line -> line.startsWith("ytempire_cache_rejected_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void an_entry_copied_from_another_user_is_a_miss() {
    Map<String, byte[]> entries = entries();
    List<String> keys = List.copyOf(entries.keySet());
    for (int i = 0; i < keys.size(); i++) {
      intruder.set(keys.get(i), entries.get(keys.get((i + 1) % keys.size())));
    }
    assertEquals(List.of(false, false), fromCache());
    assertTrue(rejected() >= 2, "no meter counted it");
    assertEquals(List.of(true, true), fromCache());
  }

  @Test
  void a_changed_entry_is_a_miss() {
    entries()
        .forEach((key, entry) -> {
          entry[entry.length / 2] ^= 1;
          intruder.set(key, entry);
        });
    assertEquals(List.of(false, false), fromCache());
  }

  @Test
  void an_entry_too_old_is_a_miss_without_being_decrypted() {
    entries()
        .forEach((key, entry) -> {
          entry[entry.length / 2] ^= 1;
          intruder.set(key, entry);
        });
    platform.clock.advance(TOO_OLD);
    assertEquals(List.of(false, false), fromCache());
    assertEquals(0, rejected(), "it was decrypted");
  }

  @Test
  void a_forged_time_is_not_believed() {
    Map<String, byte[]> old = entries();
    platform.clock.advance(TOO_OLD);
    old.forEach((key, entry) -> {
      ByteBuffer.wrap(entry).putLong(1, platform.clock.instant().getEpochSecond());
      intruder.set(key, entry);
    });
    assertEquals(List.of(false, false), fromCache());
    assertTrue(rejected() >= 2, "no meter counted it");
  }

  /** As versions before this one wrote it: no time, the ciphertext bound to its key alone. */
  @Test
  void an_entry_of_an_older_version_is_read() {
    GrantCipher cipher = new GrantCipher(platform.keyset);
    entries()
        .forEach((key, entry) -> {
          long second = ByteBuffer.wrap(entry).getLong(1);
          byte[] text =
              cipher
                  .decryptBytes(
                      Arrays.copyOfRange(entry, 1 + Long.BYTES, entry.length),
                      "at " + second + " " + key)
                  .flatMap(PackedContent::unpack)
                  .orElseThrow();
          intruder.set(key, cipher.encryptBytes(text, key));
        });
    assertEquals(List.of(true, true), fromCache());
    platform.clock.advance(TOO_OLD);
    assertEquals(List.of(false, false), fromCache());
  }

  @Test
  void an_entry_written_by_hand_is_a_miss() {
    entries()
        .keySet()
        .forEach(key -> {
          String forged =
              "{\"fetchedAt\":\"%s\",\"rows\":[{\"kind\":\"channel-statistics\",\"userId\":\"%s\",\"channelId\":\"%s\",\"observedAt\":\"%1$s\",\"views\":%d,\"videos\":1}],\"etag\":null}"
                  .formatted(
                      platform.clock.instant(),
                      key.split(":", -1)[1],
                      key.split(":", -1)[2],
                      FORGED_VIEWS);
          intruder.set(key, forged.getBytes(StandardCharsets.UTF_8));
        });
    assertEquals(List.of(false, false), fromCache());
  }

  @Test
  void redis_holds_no_figures_in_clear() {
    entries()
        .values()
        .forEach(entry ->
            assertFalse(
                new String(entry, StandardCharsets.ISO_8859_1).contains("views"),
                "an entry can be read"));
  }

  @Test
  void without_its_password_redis_serves_no_sidecar() {
    Map<String, String> settings =
        Platform.settings(
            platform.database, redis.url(), platform.simulator.url(), platform.keyset);
    assertThrows(
        RuntimeException.class, () -> App.start(Config.from(settings), platform.clock).close());
  }

  @Test
  void cached_answers_outlive_a_restart_of_redis() {
    redis.kill();
    redis.restart();
    assertEquals(List.of(true, true), awaitCached());
  }

  /** Until the sidecar has connected again, everything is a miss. */
  private List<Boolean> awaitCached() {
    List<Boolean> cached = fromCache();
    while (!cached.equals(List.of(true, true))) {
      cached = fromCache();
    }
    return cached;
  }
}
