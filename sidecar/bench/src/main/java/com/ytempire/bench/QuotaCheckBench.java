package com.ytempire.bench;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.Payer;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.web.Json;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures how long it takes to ask whether units are left: inside the sidecar and over HTTP,
 * beside one raw round trip to the same Redis by the same client, each in turn in one run.
 */
final class QuotaCheckBench {
  private static final String TOKEN = "yte_operator_of_the_benchmark_0123456789";
  private static final int ROUNDS = 20_000;
  private static final int WARM_UP = 10_000;
  private static final int CALLERS = 8;
  private static final double MOST = 2;
  private static final int TAKERS = 64;
  private static final int TAKES_EACH = 25;
  private static final int TAKE_ROUNDS = 3;

  private final Path state;
  private final PrintStream out;

  QuotaCheckBench(Path state, PrintStream out) {
    this.state = state;
    this.out = out;
  }

  @FunctionalInterface
  private interface Question {
    void ask() throws Exception;
  }

  /** Measures and prints; answers whether a check inside took at most twice a raw round trip. */
  boolean run() throws Exception {
    Files.createDirectories(state);
    Path folder = Files.createTempDirectory(state.toAbsolutePath(), "bench");
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      LocalPostgres postgres = LocalPostgres.start(folder.resolve("postgres"), 0);
      parts.push(postgres);
      postgres.createDatabase("bench");
      LocalRedis redis = LocalRedis.start(folder.resolve("redis"), 0);
      parts.push(redis);
      Config config = Config.from(settings(postgres, redis));
      App app = App.start(config, Clock.systemUTC());
      parts.push(app);
      HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      UUID user = createUser(http, app);
      Database database = Database.open(config.storage().database(), Clock.systemUTC());
      parts.push(database);
      RedisClient client = RedisClient.create(redis.url());
      parts.push(client::shutdown);
      Quota quota =
          new Quota(
              client,
              database,
              config.quotas().limits(),
              config.quotas().sharing(),
              () -> Map.of(user, 1),
              false,
              Clock.systemUTC());
      parts.push(quota);
      var connection = client.connect();
      parts.push(connection);
      RedisCommands<String, String> raw = connection.sync();
      raw.set("raw", "x".repeat(100));
      Payer payer = Payer.user(user, true);
      HttpRequest check =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.port() + "/v1/quota/check"))
              .header("Authorization", "Bearer " + TOKEN)
              .POST(
                  BodyPublishers.ofString(
                      "{\"bucket\": \"data.general\", \"units\": 1, \"userId\": \"" + user + "\"}"))
              .build();

      Map<String, Question> questions = new LinkedHashMap<>();
      questions.put("a raw GET in Redis", () -> raw.get("raw"));
      questions.put(
          "check, a bucket of the minute",
          () -> quota.report().available(Bucket.ANALYTICS_MINUTE, payer));
      questions.put(
          "check, a user's share of a day",
          () -> quota.report().available(Bucket.DATA_GENERAL, payer));
      questions.put(
          "take a unit (Redis, then the ledger)",
          () -> quota.refund(quota.charge(List.of(Bucket.DATA_GENERAL), 1, payer)));
      questions.put(
          "check over HTTP",
          () -> {
            if (http.send(check, BodyHandlers.ofString()).statusCode() != 200) {
              throw new IllegalStateException("the check failed");
            }
          });
      boolean isMet = measure("one caller", questions, 1);
      isMet &= measure(CALLERS + " callers at once", questions, CALLERS);
      measureTakes(database, quota, payer);
      return isMet;
    } finally {
      while (!parts.isEmpty()) {
        parts.pop().close();
      }
    }
  }

  private boolean measure(String name, Map<String, Question> questions, int callers)
      throws InterruptedException {
    out.printf("%n%s, %,d of each, in turn; microseconds%n", name, ROUNDS);
    out.printf("  %-40s %10s %10s %12s %12s%n", "", "p50", "p99", "p50 / raw", "p99 / raw");
    List<long[]> took = new ArrayList<>();
    questions.forEach((question, any) -> took.add(new long[ROUNDS]));
    List<Question> all = List.copyOf(questions.values());
    CountDownLatch done = new CountDownLatch(callers);
    for (int caller = 0; caller < callers; caller++) {
      int first = caller;
      Thread.ofPlatform()
          .start(() -> {
            try {
              for (int round = first - WARM_UP / callers * callers;
                  round < ROUNDS;
                  round += callers) {
                for (int i = 0; i < all.size(); i++) {
                  // Of what takes milliseconds, a tenth is enough.
                  if (i >= 3 && Math.floorMod(round / callers, 10) != 0) {
                    continue;
                  }
                  long began = System.nanoTime();
                  all.get(i).ask();
                  if (round >= 0) {
                    took.get(i)[round] = System.nanoTime() - began;
                  }
                }
              }
            } catch (Exception e) {
              throw new IllegalStateException(e);
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    double rawP50 = 0;
    double rawP99 = 0;
    double worst = 0;
    int row = 0;
    for (String question : questions.keySet()) {
      long[] sorted = Arrays.stream(took.get(row)).filter(nanos -> nanos > 0).sorted().toArray();
      double p50 = sorted[sorted.length / 2] / 1e3;
      double p99 = sorted[sorted.length * 99 / 100] / 1e3;
      if (row == 0) {
        rawP50 = p50;
        rawP99 = p99;
      } else if (row <= 2) {
        worst = Math.max(worst, p99 / rawP99);
      }
      out.printf(
          Locale.ROOT,
          "  %-40s %10.0f %10.0f %12.2f %12.2f%n",
          question,
          p50,
          p99,
          p50 / rawP50,
          p99 / rawP99);
      row++;
    }
    return worst <= MOST;
  }

  /**
   * Prints how many units a second many callers take of one bucket: in groups that share a
   * transaction, beside a transaction for each take. Both in turn, several times.
   */
  private void measureTakes(Database database, Quota quota, Payer payer) throws Exception {
    List<Bucket> day = List.of(Bucket.DATA_GENERAL);
    quota.refund(quota.charge(day, 1, payer));
    String parts =
        database.directory(handle ->
            handle
                .createQuery(
                    """
                    select jsonb_build_array(jsonb_build_object('bucket', bucket, 'starts_at', starts_at, 'account', account, 'units', 1))
                      from app.quota_standings(array['data.general'], array[:start]::timestamptz[]) where account = 'common'
                    """)
                .bind("start", pacificMidnight())
                .mapTo(String.class)
                .one());
    Question alone =
        () ->
            database.directory(handle ->
                handle
                    .createQuery("select app.quota_take(:payer, :parts::jsonb, now(), null, null)")
                    .bind("payer", payer.account())
                    .bind("parts", parts)
                    .mapTo(Integer.class)
                    .one());
    Question grouped = () -> quota.charge(day, 1, payer);
    out.printf("%n%d callers that take units of one bucket, takes a second%n", TAKERS);
    out.printf(
        "  %-12s %24s %24s %8s%n",
        "round", "a transaction for each", "Redis, then groups", "ratio");
    for (int round = 0; round <= TAKE_ROUNDS; round++) {
      double before = perSecond(alone);
      double after = perSecond(grouped);
      out.printf(
          Locale.ROOT,
          "  %-12s %,24.0f %,24.0f %8.1f%n",
          round == 0 ? "warm-up" : round,
          before,
          after,
          after / before);
    }
  }

  private static String pacificMidnight() {
    return LocalDate.now(Bucket.PACIFIC).atStartOfDay(Bucket.PACIFIC).toInstant().toString();
  }

  private static double perSecond(Question take) throws Exception {
    long began = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int taker = 0; taker < TAKERS; taker++) {
        all.add(
            threads.submit(() -> {
              for (int i = 0; i < TAKES_EACH; i++) {
                take.ask();
              }
              return null;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    return TAKERS * TAKES_EACH / ((System.nanoTime() - began) / 1e9);
  }

  private static UUID createUser(HttpClient http, App app) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.port() + "/v1/users"))
                .header("Authorization", "Bearer " + TOKEN)
                .POST(
                    BodyPublishers.ofString(
                        "{\"email\": \"ada@example.com\", \"displayName\": \"Ada\"}"))
                .build(),
            BodyHandlers.ofString());
    return UUID.fromString(Json.MAPPER.readTree(answer.body()).get("userId").stringValue());
  }

  private static Map<String, String> settings(LocalPostgres postgres, LocalRedis redis) {
    Map<String, String> settings = new HashMap<>();
    settings.put("YTEMPIRE_HTTP_PORT", "0");
    settings.put("YTEMPIRE_METRICS_PORT", "0");
    settings.put("YTEMPIRE_DATABASE_URL", postgres.url("bench"));
    settings.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    settings.put("YTEMPIRE_DATABASE_PASSWORD", "the-sidecar-of-the-benchmark");
    settings.put("YTEMPIRE_REDIS_URL", redis.url());
    settings.put("YTEMPIRE_GOOGLE_CLIENT_ID", "none");
    settings.put("YTEMPIRE_GOOGLE_CLIENT_SECRET", "none");
    settings.put("YTEMPIRE_GRANT_KEYSET", GrantCipher.newKeyset());
    settings.put("YTEMPIRE_OPERATOR_TOKEN", TOKEN);
    settings.put("YTEMPIRE_QUOTA_DATA_GENERAL", "10000000");
    return settings;
  }
}
