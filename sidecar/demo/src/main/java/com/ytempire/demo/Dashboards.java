package com.ytempire.demo;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * The dashboards of one user of the demo, drawn without a Grafana by {@code grafana/preview}: what
 * they show beyond the first sync is fetched and booked here, then they are photographed or served.
 * Used by one thread.
 */
final class Dashboards {
  /** The plan looks back 90 days of channels and 28 of videos. */
  private static final int CHANNEL_DAYS = 90;

  private static final int VIDEO_DAYS = 28;

  /** Videos of one request; by name, so that all their days are one query. */
  private static final int VIDEOS = 50;

  /** Most days of videos of one request. */
  private static final int SPAN = 31;

  /** Days of thumbnails of one request, each a file. */
  private static final int FILES = 5;

  /** The newest videos of a channel whose viewers' retention is fetched, one query each. */
  private static final int CURVES = 12;

  private static final Duration PAUSE = Duration.ofSeconds(3);
  private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

  private final LocalPostgres postgres;
  private final Http operator;
  private final Path root;
  private final Path state;
  private final Path node;
  private final Consumer<String> progress;

  Dashboards(
      LocalPostgres postgres,
      Http operator,
      Path root,
      Path state,
      Path node,
      Consumer<String> progress) {
    this.postgres = postgres;
    this.operator = operator;
    this.root = root;
    this.state = state;
    this.node = node;
    this.progress = progress;
  }

  /**
   * Has YouTube make files of a user's thumbnails, which come a minute later; the sync asks for
   * each channel's at a time of its own.
   */
  void requestThumbnails(String userId, World.Account account) {
    operator.post("/v1/metrics/fetch", Http.map("requests", thumbnails(userId, account)));
  }

  private static List<Map<String, Object>> thumbnails(String userId, World.Account account) {
    return account.channels().stream()
        .map(channel ->
            Http.map("userId", userId, "channelId", channel.id(), "report", "thumbnail-day"))
        .toList();
  }

  /**
   * Fetches and stores the thumbnails' files.
   *
   * @param wait how long to ask again while there is none
   */
  void fetchThumbnails(String userId, World world, World.Account account, Duration wait)
      throws InterruptedException {
    long until = System.nanoTime() + wait.toNanos();
    List<Map<String, Object>> requests = new ArrayList<>();
    for (int age = 0; age < VIDEO_DAYS; age += FILES) {
      LocalDate last = world.today().minusDays(age);
      thumbnails(userId, account)
          .forEach(request -> {
            request.put("startDate", last.minusDays(FILES - 1L).toString());
            request.put("endDate", last.toString());
            requests.add(request);
          });
    }
    while (store(userId, fetch(requests, 0)) == 0 && System.nanoTime() < until) {
      progress.accept("waiting for the first files of thumbnails");
      Thread.sleep(PAUSE);
    }
  }

  private JsonNode fetch(List<Map<String, Object>> requests, int maxAgeMinutes) {
    return operator.post(
        "/v1/metrics/fetch",
        Http.map(
            "requests",
            requests,
            "output",
            "references",
            "maxAgeMinutes",
            maxAgeMinutes,
            "waitSeconds",
            300));
  }

  /** Stores what was fetched; answers how many batches that were. */
  private int store(String userId, JsonNode fetched) {
    List<Map<String, Object>> references = new ArrayList<>();
    for (JsonNode result : fetched.get("results")) {
      JsonNode reference = result.get("reference");
      if (reference != null) {
        references.add(
            Http.map("userId", userId, "batchId", reference.get("batchId").stringValue()));
      }
    }
    if (!references.isEmpty()) {
      progress.accept("storing %d batches".formatted(references.size()));
      operator.post("/v1/metrics/store", Http.map("references", references));
    }
    return references.size();
  }

  /**
   * Fetches and stores what a user's dashboards show beyond the first sync: the days before it, as
   * far as the simulated YouTube has any, and retention of the newest videos.
   *
   * @return the reasons of what was not fetched
   */
  List<String> fetchHistory(String userId, World world, World.Account account) {
    LocalDate today = world.today();
    List<Map<String, Object>> requests = new ArrayList<>();
    for (World.Channel channel : account.channels()) {
      for (String report : List.of("channel-day", "channel-revenue-day")) {
        requests.add(
            days(userId, channel, report, world.firstDay(), today.minusDays(CHANNEL_DAYS)));
      }
      List<World.Video> videos = world.publicVideos(channel);
      for (int i = 0; i < videos.size(); i += VIDEOS) {
        List<World.Video> some = videos.subList(i, Math.min(i + VIDEOS, videos.size()));
        List<String> ids = some.stream().map(World.Video::id).toList();
        // Without its publication a video has no age.
        Map<String, Object> details =
            Http.map("userId", userId, "channelId", channel.id(), "report", "video-details");
        details.put("videoIds", ids);
        requests.add(details);
        LocalDate published = LocalDate.ofInstant(some.getLast().publishedAt(), World.PACIFIC);
        LocalDate last = today.minusDays(VIDEO_DAYS);
        while (!last.isBefore(published)) {
          LocalDate first = last.minusDays(SPAN - 1L);
          for (String report : List.of("video-day", "video-revenue-day")) {
            Map<String, Object> days = days(userId, channel, report, first, last);
            days.put("videoIds", ids);
            requests.add(days);
          }
          last = first.minusDays(1);
        }
      }
      world.publicVideos(channel).stream()
          .filter(video -> video.publishedAt().isBefore(world.now().minus(Duration.ofDays(7))))
          .limit(CURVES)
          .forEach(video ->
              requests.add(
                  Http.map(
                      "userId",
                      userId,
                      "channelId",
                      channel.id(),
                      "report",
                      "retention",
                      "videoIds",
                      List.of(video.id()))));
    }
    progress.accept("history of %s, %d queries".formatted(account.email(), requests.size()));
    JsonNode fetched = fetch(requests, 60);
    store(userId, fetched);
    return fetched
        .get("notFetched")
        .valueStream()
        .map(missed ->
            missed.get("report").stringValue() + ": " + missed.get("reason").stringValue())
        .distinct()
        .toList();
  }

  private static Map<String, Object> days(
      String userId, World.Channel channel, String report, LocalDate first, LocalDate last) {
    return Http.map(
        "userId",
        userId,
        "channelId",
        channel.id(),
        "report",
        report,
        "startDate",
        first.toString(),
        "endDate",
        last.toString());
  }

  /**
   * Books what users' videos cost, by SQL as the administrator, because the API has no costs: three
   * bills a video, as its services would have sent them, and each month's share of the platform.
   *
   * @return how many were booked
   */
  long bookCosts() throws SQLException {
    try (Connection admin = postgres.connect("ytempire", LocalPostgres.ADMIN, postgres.password());
        Statement statement = admin.createStatement()) {
      return statement.executeLargeUpdate(
              """
              insert into core.costs (user_id, at, channel_id, video_id, category, provider, model, amount_usd, basis, external_id)
              select v.user_id, v.published_at, v.channel_id, v.video_id, b.category, b.provider, b.model,
                     (b.usd * (0.6 + (hashtext(v.video_id || b.category) & 1023) / 1024.0 * 0.8))::numeric(14, 6), 'metered', v.video_id || ' ' || b.category
                from core.videos v
               cross join (values ('text', 'openai', 'gpt-5.4-mini', 0.35), ('voice', 'elevenlabs', null, 0.80),
                                  ('video-processing', 'renderer', null, 0.60)) b (category, provider, model, usd)
               where v.published_at is not null
              on conflict do nothing
              """)
          + statement.executeLargeUpdate(
              """
              insert into core.costs (user_id, at, category, provider, amount_usd, basis, external_id)
              select v.user_id, v.month + interval '14 days', 'infrastructure', 'platform', (0.65 * count(*))::numeric(14, 6), 'allocated', to_char(v.month, 'YYYY-MM')
                from (select user_id, date_trunc('month', published_at at time zone 'America/Los_Angeles') at time zone 'America/Los_Angeles' as month
                        from core.videos where published_at is not null) v
               group by v.user_id, v.month
              on conflict do nothing
              """);
    }
  }

  /** Whether what draws the dashboards is installed. */
  boolean isInstalled() {
    return Files.isDirectory(root.resolve("grafana/preview/node_modules"));
  }

  /** What {@code ./ytempire dashboards preview} needs to know of this demo. */
  void describe(Demo.Login login, String sidecarUrl, String operatorToken) throws IOException {
    Files.writeString(
        state.resolve("demo/preview.json"),
        Http.JSON.writeValueAsString(
            Http.map(
                "sidecar",
                sidecarUrl,
                "token",
                operatorToken,
                "host",
                "127.0.0.1",
                "port",
                postgres.port(),
                "database",
                "ytempire",
                "user",
                login.email(),
                "login",
                login.name(),
                "password",
                login.password())));
  }

  /**
   * Draws the dashboards of the demo that is described.
   *
   * @param log where its output goes
   * @return faults, and what was left out, as the preview says them; empty: all was drawn
   */
  List<String> draw(Path log) throws IOException, InterruptedException {
    progress.accept("the dashboards, photographed");
    ProcessBuilder builder =
        new ProcessBuilder(
                node.toString(), root.resolve("grafana/preview/main.mjs").toString(), "preview")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("YTEMPIRE_STATE", state.toString());
    int status = builder.start().waitFor();
    List<String> lines = Files.readAllLines(log);
    List<String> found =
        new ArrayList<>(
            lines.stream()
                .filter(line -> line.startsWith("FAULT ") || line.startsWith("Skipped: "))
                .toList());
    if (status != 0 && found.isEmpty()) {
      found.add("FAULT the preview ended with %d: %s".formatted(status, String.join(" ", lines)));
    }
    return found;
  }

  /** Serves the dashboards with fresh figures on a port of the loopback address. */
  HttpService serve(int port, Demo.Login login, Path log) throws InterruptedException {
    return HttpService.start(
        () ->
            Child.start(
                "the preview of the dashboards",
                log,
                state.resolve("demo"),
                Map.of(
                    "YTEMPIRE_STATE",
                    state.toString(),
                    "PGHOST",
                    "127.0.0.1",
                    "PGPORT",
                    String.valueOf(postgres.port()),
                    "PGDATABASE",
                    "ytempire",
                    "PGUSER",
                    login.name(),
                    "PGPASSWORD",
                    login.password()),
                List.of(
                    node.toString(),
                    root.resolve("grafana/preview/main.mjs").toString(),
                    "--serve",
                    String.valueOf(port))),
        "http://127.0.0.1:%d/health".formatted(port),
        START_TIMEOUT);
  }
}
