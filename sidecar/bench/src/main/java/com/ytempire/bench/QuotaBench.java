package com.ytempire.bench;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.platform.Customers;
import com.ytempire.platform.Http;
import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.Usage;
import com.ytempire.simulator.World;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Measures what a day costs: 96 ticks of a moved clock, all users and channels, through the
 * sidecar's HTTP API against the simulator, which counts as Google does. The day counted is one in
 * the middle of the work: before it the sidecar has taken over the channels and caught up with
 * their history.
 */
final class QuotaBench {
  private static final String TOKEN = "yte_operator_of_the_benchmark_0123456789";
  private static final int TICKS = 96;

  /** Four hours: history takes a few ticks, the rest makes sure that the day begins in step. */
  private static final int WARM_UP_TICKS = 16;

  private static final LocalDate DAY = LocalDate.of(2026, 11, 20);

  private final Path state;
  private final PrintStream out;
  private final int users;
  private final int channelsEach;
  private final int scenarios;

  QuotaBench(Path state, PrintStream out, int users, int channelsEach, int scenarios) {
    this.state = state;
    this.out = out;
    this.users = users;
    this.channelsEach = channelsEach;
    this.scenarios = scenarios;
  }

  /** The circumstances of a day. */
  private record Scenario(String name, boolean pooled, boolean hub, Aims aims) {}

  /** Units at most. */
  private record Aims(long general, long batchGetStats) {}

  /**
   * Analytics queries of a channel in a day, without retention curves, and in the first tick: two
   * minutes' quota of 250.
   */
  private static final double QUERIES_A_CHANNEL = 6;

  private static final double FIRST_QUERIES_A_CHANNEL = 2 * 720 / 250.0;

  /** Queries for retention curves of a channel in a day: those of 20 videos in a week. */
  private static final double CURVES_A_CHANNEL = 20 / 7.0;

  /** How the simulator names a query for a retention curve. */
  private static final String CURVE = "reports.query: elapsedVideoTimeRatio, chosen videos";

  /** The costs of a day; ages in minutes. */
  private record Bill(
      Map<String, Long> buckets,
      Map<String, Long> methods,
      Map<String, Long> ages,
      Map<String, Long> rows,
      long firstSync,
      long notFetched,
      double seconds) {
    long curves() {
      return methods.getOrDefault(CURVE, 0L);
    }

    long queriesWithoutCurves() {
      return buckets.getOrDefault("analytics.day", 0L) - curves();
    }
  }

  /** Runs the days and prints their bills; answers whether all aims were met. */
  boolean run() throws Exception {
    List<Scenario> all =
        List.of(
            new Scenario("pooled, hub pushes", true, true, new Aims(1_000, 7_500)),
            new Scenario("by owner, hub pushes", false, true, new Aims(5_500, 7_500)),
            new Scenario("pooled, hub away", true, false, new Aims(1_000, 7_500)),
            new Scenario("by owner, hub away", false, false, new Aims(5_500, 7_500)));
    Map<Scenario, Bill> bills = new LinkedHashMap<>();
    for (Scenario scenario : all.subList(0, scenarios)) {
      bills.put(scenario, day(scenario));
    }
    return print(bills);
  }

  private Bill day(Scenario scenario) throws Exception {
    Files.createDirectories(state);
    Path folder = Files.createTempDirectory(state.toAbsolutePath(), "bench");
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      out.printf("%n%s: connecting %d channels …%n", scenario.name(), users * channelsEach);
      long began = System.nanoTime();
      MovedClock clock =
          new MovedClock(
              DAY.atStartOfDay(World.PACIFIC)
                  .toInstant()
                  .minus(Ticker.LENGTH.multipliedBy(WARM_UP_TICKS)));
      World world = new World(users, channelsEach, 1, clock);
      Simulator simulator = Simulator.start(world, clock, 0);
      parts.push(simulator);
      // A standing clock would wait for its minute for ever.
      simulator.usage().limit(Usage.Bucket.ANALYTICS_MINUTE, 1_000_000);
      simulator.usage().limit(Usage.Bucket.REPORTING_MINUTE, 1_000_000);
      simulator.usage().limit(Usage.Bucket.DATA_GENERAL, 1_000_000);
      simulator.faults().hubAway(!scenario.hub());
      LocalPostgres postgres = LocalPostgres.start(folder.resolve("postgres"), 0);
      parts.push(postgres);
      postgres.createDatabase("bench");
      LocalRedis redis = LocalRedis.start(folder.resolve("redis"), 0);
      parts.push(redis);
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      App app =
          App.start(
              Config.from(settings(scenario, simulator, postgres, redis, port, folder)), clock);
      parts.push(app);
      Http api = new Http("http://127.0.0.1:" + port, TOKEN);
      List<Map<String, Object>> requests = Ticker.requests(Customers.onboardAll(api, world));
      Ticker ticker = new Ticker(api, clock::advance, simulator, requests);
      long firstSync = 0;
      for (int tick = 0; tick < WARM_UP_TICKS; tick++) {
        ticker.tick();
        if (tick == 0) {
          firstSync = simulator.usage().methods().getOrDefault("reports.query", 0L);
        }
        progress("catching up", tick + 1, WARM_UP_TICKS);
      }
      simulator.usage().forgetMethods();
      ticker.notFetched = 0;
      for (int tick = 0; tick < TICKS; tick++) {
        ticker.tick();
        progress("the day", tick + 1, TICKS);
      }
      // The last tick moved the clock to the next midnight; the bill is of the day before it.
      clock.advance(Duration.ofSeconds(-1));
      Map<String, Long> buckets = new TreeMap<>(simulator.usage().today());
      buckets.keySet().removeIf(name -> !Usage.Bucket.isOfDay(name));
      Map<String, Long> methods = simulator.usage().methods();
      simulator
          .usage()
          .queries()
          .forEach((shape, queries) -> methods.put("reports.query: " + shape, queries));
      try (Connection admin = postgres.connect("bench", LocalPostgres.ADMIN, postgres.password())) {
        Map<String, Long> rows = rows(admin);
        rows.put("channels without videos, or of a closed account", idleChannels(world));
        return new Bill(
            buckets,
            methods,
            ages(admin),
            rows,
            firstSync,
            ticker.notFetched,
            (System.nanoTime() - began) / 1e9);
      }
    } finally {
      while (!parts.isEmpty()) {
        parts.pop().close();
      }
    }
  }

  /** Channels that cost next to nothing; three in every world, so that few channels cost less. */
  private static long idleChannels(World world) {
    return world.accounts().stream()
        .flatMap(account -> account.channels().stream())
        .filter(channel -> world.isWithoutVideos(channel) || world.closesAfterConnecting(channel))
        .count();
  }

  private void progress(String what, int done, int of) {
    if (done % 8 == 0) {
      out.printf("  %s: %d of %d ticks%n", what, done, of);
    }
  }

  private static Map<String, String> settings(
      Scenario scenario,
      Simulator simulator,
      LocalPostgres postgres,
      LocalRedis redis,
      int port,
      Path folder) {
    Map<String, String> settings = new HashMap<>();
    settings.put("YTEMPIRE_HTTP_PORT", String.valueOf(port));
    settings.put("YTEMPIRE_METRICS_PORT", "0");
    settings.put("YTEMPIRE_PUBLIC_URL", "http://127.0.0.1:" + port);
    settings.put("YTEMPIRE_DATABASE_URL", postgres.url("bench"));
    settings.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    settings.put("YTEMPIRE_DATABASE_PASSWORD", "the-sidecar-of-the-benchmark");
    settings.put("YTEMPIRE_REDIS_URL", redis.url());
    settings.put("YTEMPIRE_GOOGLE_API_KEY", Simulator.API_KEY);
    settings.put("YTEMPIRE_PUBLIC_STATISTICS", scenario.pooled() ? "pooled" : "by-owner");
    settings.put("YTEMPIRE_QUOTA_DATA_GENERAL", "1000000");
    settings.put("YTEMPIRE_QUOTA_ANALYTICS_MINUTE", "1000000");
    settings.put("YTEMPIRE_QUOTA_ANALYTICS_USER_MINUTE", "1000000");
    settings.put("YTEMPIRE_QUOTA_REPORTING_MINUTE", "1000000");
    settings.putAll(simulator.settings());
    settings.put("YTEMPIRE_GRANT_KEYSET", GrantCipher.newKeyset());
    settings.put("YTEMPIRE_OPERATOR_TOKEN", TOKEN);
    settings.put("YTEMPIRE_LOG_FOLDER", folder.toString());
    return settings;
  }

  /** The oldest that each kind of number became before a newer one came, in the day counted. */
  private static Map<String, Long> ages(Connection admin) throws SQLException {
    String day = "timestamptz '" + DAY.atStartOfDay(World.PACIFIC).toInstant() + "'";
    Map<String, Long> ages = new LinkedHashMap<>();
    ages.put(
        "channels, statistics",
        whole(
            admin,
            """
            select max(extract(epoch from observed_at - was)) / 60
              from (select observed_at, videos, lag(observed_at) over (partition by user_id, channel_id order by observed_at) as was
                      from core.channel_statistics) o
             where observed_at >= %s and videos > 0
            """
                .formatted(day)));
    String[][] tiers = {
      {"videos up to 48 hours old, statistics", "0", "48"},
      {"videos up to 7 days old, statistics", "49", "168"},
      {"videos up to 30 days old, statistics", "169", "720"}
    };
    for (String[] tier : tiers) {
      ages.put(
          tier[0],
          whole(
              admin,
              """
              select max(extract(epoch from s.observed_at - s.was)) / 60
                from (select *, lag(observed_at) over (partition by user_id, video_id order by observed_at) as was
                        from core.video_statistics) s
                join core.videos v using (user_id, video_id)
               where s.observed_at >= %s
                 and s.was - v.published_at between interval '%s hours' and interval '%s hours'
                 and s.observed_at - v.published_at <= interval '%s hours'
              """
                  .formatted(day, tier[1], tier[2], tier[2])));
    }
    ages.put(
        "new videos, until first counted",
        whole(
            admin,
            """
            select max(extract(epoch from s.first - v.published_at)) / 60
              from core.videos v
              join (select user_id, video_id, min(observed_at) as first from core.video_statistics group by 1, 2) s
             using (user_id, video_id)
             where v.published_at >= %s
            """
                .formatted(day)));
    ages.put(
        "days of Analytics, after YouTube had them",
        whole(
            admin,
            """
            select max(extract(epoch from created_at - %1$s)) / 60 from core.channel_days
             where created_at >= %1$s and day >= date '%2$s' - 3 and engaged_views is not null
            """
                .formatted(day, DAY)));
    return ages;
  }

  private static Map<String, Long> rows(Connection admin) throws SQLException {
    Map<String, Long> rows = new LinkedHashMap<>();
    rows.put("videos known", whole(admin, "select count(*) from core.videos"));
    rows.put(
        "  of them at most 30 days old",
        whole(
            admin,
            "select count(*) from core.videos where published_at > timestamptz '%s' - interval '30 days'"
                .formatted(DAY.plusDays(1).atStartOfDay(World.PACIFIC).toInstant())));
    rows.put(
        "videos published on the day",
        whole(
            admin,
            "select count(*) from core.videos where published_at >= timestamptz '%s'"
                .formatted(DAY.atStartOfDay(World.PACIFIC).toInstant())));
    rows.put(
        "restated days kept as revisions",
        whole(admin, "select count(*) from core.metric_revisions"));
    return rows;
  }

  private static long whole(Connection admin, String sql) throws SQLException {
    try (var statement = admin.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return Math.round(result.getDouble(1));
    }
  }

  private boolean print(Map<Scenario, Bill> bills) {
    int calls = users * channelsEach * TICKS;
    out.printf(
        Locale.ROOT,
        "%nA day of %d users, %d channels, %d ticks, as the simulated YouTube counted it (units; a call is a unit)%n%n",
        users,
        users * channelsEach,
        TICKS);
    line("", bills, Scenario::name, "naive workflow");
    TreeSet<String> buckets = new TreeSet<>();
    TreeSet<String> methods = new TreeSet<>();
    bills
        .values()
        .forEach(bill -> {
          buckets.addAll(bill.buckets().keySet());
          methods.addAll(bill.methods().keySet());
        });
    for (String bucket : buckets) {
      line(
          bucket,
          bills,
          scenario -> number(bills, scenario, bill -> bill.buckets().getOrDefault(bucket, 0L)),
          switch (bucket) {
            case "data.general" -> number(2L * calls);
            case "analytics.day" -> number(calls);
            default -> "-";
          });
    }
    line("data.search", bills, scenario -> "0", number(calls) + " of 100");
    out.println();
    for (String method : methods) {
      line(
          "  " + method,
          bills,
          scenario -> number(bills, scenario, bill -> bill.methods().getOrDefault(method, 0L)),
          switch (method) {
            case "channels.list", "videos.list", "reports.query" -> number(calls);
            default -> "-";
          });
    }
    line("  search.list", bills, scenario -> "0", number(calls));
    out.printf("%nOldest that a number became, minutes%n");
    for (String kind : bills.values().iterator().next().ages().keySet()) {
      line(
          "  " + kind,
          bills,
          scenario -> number(bills, scenario, bill -> bill.ages().getOrDefault(kind, 0L)),
          "");
    }
    out.println();
    for (String kind : bills.values().iterator().next().rows().keySet()) {
      line(
          "  " + kind,
          bills,
          scenario -> number(bills, scenario, bill -> bill.rows().getOrDefault(kind, 0L)),
          "");
    }
    line(
        "  Analytics queries, without curves",
        bills,
        s -> number(bills, s, Bill::queriesWithoutCurves),
        "");
    line("  Analytics queries, curves", bills, s -> number(bills, s, Bill::curves), "");
    line("  Analytics queries, first sync", bills, s -> number(bills, s, Bill::firstSync), "");
    line("  not fetched", bills, s -> number(bills, s, Bill::notFetched), "");
    line("  seconds this took", bills, s -> number(bills, s, bill -> (long) bill.seconds()), "");
    out.println();
    boolean met = true;
    for (Map.Entry<Scenario, Bill> each : bills.entrySet()) {
      met &= printAims(each.getKey(), each.getValue());
    }
    out.printf(
        Locale.ROOT,
        "%nThe naive workflow asks search.list, channels.list, videos.list and Analytics for each channel at each tick: %,d searches against a bucket of 100 a day (%,d units by the old price of 100).%n",
        calls,
        100L * calls);
    return met;
  }

  /** Prints the figures of a scenario that have an aim; returns whether all are met. */
  private boolean printAims(Scenario scenario, Bill bill) {
    Aims aims = scenario.aims();
    long general = bill.buckets().getOrDefault("data.general", 0L);
    long stats = bill.buckets().getOrDefault("data.batchGetStats", 0L);
    int channels = users * channelsEach;
    long queries = bill.queriesWithoutCurves();
    long live =
        Math.max(
            bill.ages().getOrDefault("channels, statistics", 0L),
            bill.ages().getOrDefault("videos up to 48 hours old, statistics", 0L));
    boolean holds =
        general <= aims.general()
            && stats < aims.batchGetStats()
            && live <= Ticker.LENGTH.toMinutes()
            && queries <= QUERIES_A_CHANNEL * channels
            && bill.curves() <= CURVES_A_CHANNEL * channels
            && bill.firstSync() <= FIRST_QUERIES_A_CHANNEL * channels;
    out.printf(
        Locale.ROOT,
        "%-22s data.general %,d (aim %,d), batchGetStats %,d (aim below %,d), current statistics at most %d minutes old (aim 15), Analytics %,d queries (aim %,.0f) and %,d for retention curves (aim %,.0f), first sync %,d (aim %,.0f): %s%n",
        scenario.name(),
        general,
        aims.general(),
        stats,
        aims.batchGetStats(),
        live,
        queries,
        QUERIES_A_CHANNEL * channels,
        bill.curves(),
        CURVES_A_CHANNEL * channels,
        bill.firstSync(),
        FIRST_QUERIES_A_CHANNEL * channels,
        holds ? "met" : "NOT MET");
    return holds;
  }

  @FunctionalInterface
  private interface Cell {
    String of(Scenario scenario);
  }

  @FunctionalInterface
  private interface Figure {
    long of(Bill bill);
  }

  private static String number(Map<Scenario, Bill> bills, Scenario scenario, Figure figure) {
    return number(figure.of(Objects.requireNonNull(bills.get(scenario))));
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private void line(String title, Map<Scenario, Bill> bills, Cell cell, String naive) {
    StringBuilder line = new StringBuilder(String.format("%-44s", title));
    bills.keySet().forEach(scenario -> line.append(String.format("%22s", cell.of(scenario))));
    out.println(line.append(String.format("%22s", naive)));
  }
}
