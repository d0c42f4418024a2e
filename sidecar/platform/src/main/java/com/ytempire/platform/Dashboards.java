package com.ytempire.platform;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * The dashboards of one customer of a platform, drawn without a Grafana by {@code grafana/preview}:
 * what they show beyond the first sync is fetched and booked here, then they are photographed or
 * served. Used by one thread.
 */
public final class Dashboards {
  /** The plan looks back 90 days of channels and 28 of videos. */
  private static final int COSTS_A_REQUEST = 1000;

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

  /** Bundling and twelve pictures, with all processors busy. */
  private static final Duration DRAW_TIMEOUT = Duration.ofMinutes(10);

  /** A file of the Reporting API comes a minute after its job was made. */
  private static final Duration THUMBNAILS_TIMEOUT = Duration.ofSeconds(90);

  private final Platform platform;
  private final Http operator;
  private final World world;
  private final Customer customer;
  private final Path state;
  private final Consumer<String> progress;

  /**
   * Makes the dashboards of a customer; nothing is fetched or drawn yet.
   *
   * @param progress takes what is being done
   */
  public Dashboards(Platform platform, Customer customer, Consumer<String> progress) {
    this.platform = platform;
    this.operator = platform.operator();
    this.world = platform.world();
    this.customer = customer;
    this.state = platform.settings().state();
    this.progress = progress;
  }

  /**
   * Has YouTube make files of the customer's thumbnails, which come a minute later; the sync asks
   * for each channel's at a time of its own.
   */
  public void requestThumbnails() {
    operator.post("/v1/metrics/fetch", Http.map("requests", thumbnails()));
  }

  private List<Map<String, Object>> thumbnails() {
    return customer.account().channels().stream()
        .map(channel -> request(channel, "thumbnail-day"))
        .toList();
  }

  private Map<String, Object> request(Catalog.Channel channel, String report) {
    return Http.map("userId", customer.userId(), "channelId", channel.id(), "report", report);
  }

  /**
   * Fetches and stores the thumbnails' files that there are.
   *
   * @param isAwaited whether to ask again for 90 seconds while there is none
   */
  public void fetchThumbnails(boolean isAwaited) throws InterruptedException {
    long until = System.nanoTime() + (isAwaited ? THUMBNAILS_TIMEOUT.toNanos() : 0);
    List<Map<String, Object>> requests = new ArrayList<>();
    for (int age = 0; age < VIDEO_DAYS; age += FILES) {
      LocalDate last = world.today().minusDays(age);
      thumbnails()
          .forEach(request -> {
            request.put("startDate", last.minusDays(FILES - 1L).toString());
            request.put("endDate", last.toString());
            requests.add(request);
          });
    }
    while (store(fetch(requests, 0)) == 0 && System.nanoTime() < until) {
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
  private int store(JsonNode fetched) {
    List<Map<String, Object>> references = new ArrayList<>();
    for (JsonNode result : fetched.get("results")) {
      JsonNode reference = result.get("reference");
      if (reference != null) {
        references.add(
            Http.map(
                "userId", customer.userId(), "batchId", reference.get("batchId").stringValue()));
      }
    }
    if (!references.isEmpty()) {
      progress.accept("storing %d batches".formatted(references.size()));
      operator.post("/v1/metrics/store", Http.map("references", references));
    }
    return references.size();
  }

  /**
   * Fetches and stores what the dashboards show beyond the first sync: the days before it, as far
   * as the simulated YouTube has any, and retention of the newest videos.
   *
   * @return the reasons of what was not fetched
   */
  public List<String> fetchHistory() {
    LocalDate today = world.today();
    List<Map<String, Object>> requests = new ArrayList<>();
    for (Catalog.Channel channel : customer.account().channels()) {
      for (String report : List.of("channel-day", "channel-revenue-day")) {
        requests.add(days(channel, report, world.firstDay(), today.minusDays(CHANNEL_DAYS)));
      }
      List<Catalog.Video> videos = world.publicVideos(channel);
      for (int i = 0; i < videos.size(); i += VIDEOS) {
        List<Catalog.Video> some = videos.subList(i, Math.min(i + VIDEOS, videos.size()));
        List<String> ids = some.stream().map(Catalog.Video::id).toList();
        // Without its publication a video has no age.
        Map<String, Object> details = request(channel, "video-details");
        details.put("videoIds", ids);
        requests.add(details);
        LocalDate published = LocalDate.ofInstant(some.getLast().publishedAt(), World.PACIFIC);
        LocalDate last = today.minusDays(VIDEO_DAYS);
        while (!last.isBefore(published)) {
          LocalDate first = last.minusDays(SPAN - 1L);
          for (String report : List.of("video-day", "video-revenue-day")) {
            Map<String, Object> days = days(channel, report, first, last);
            days.put("videoIds", ids);
            requests.add(days);
          }
          last = first.minusDays(1);
        }
      }
      world.publicVideos(channel).stream()
          .filter(video -> video.publishedAt().isBefore(world.now().minus(Duration.ofDays(7))))
          .limit(CURVES)
          .forEach(video -> {
            Map<String, Object> retention = request(channel, "retention");
            retention.put("videoIds", List.of(video.id()));
            requests.add(retention);
          });
    }
    progress.accept(
        "history of %s, %d queries".formatted(customer.account().email(), requests.size()));
    JsonNode fetched = fetch(requests, 60);
    store(fetched);
    return fetched
        .get("notFetched")
        .valueStream()
        .map(missed ->
            missed.get("report").stringValue() + ": " + missed.get("reason").stringValue())
        .distinct()
        .toList();
  }

  private Map<String, Object> days(
      Catalog.Channel channel, String report, LocalDate first, LocalDate last) {
    Map<String, Object> days = request(channel, report);
    days.put("startDate", first.toString());
    days.put("endDate", last.toString());
    return days;
  }

  /**
   * Books what the customer's videos cost, three bills a video as its services would have sent
   * them, and what the platform cost in the months that have ended, which is shared by all users.
   *
   * @return how many were booked
   */
  public long bookCosts() throws SQLException {
    price("openai", "output-token", "4.50", 1_000_000);
    price("elevenlabs", "credit", "0.18", 1_000);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String video :
        platform.strings(
            "select video_id || ' ' || to_char(published_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from core.videos where published_at is not null and user_id = '%s'"
                .formatted(customer.userId()))) {
      rows.addAll(
          bills(video.substring(0, video.indexOf(' ')), video.substring(video.indexOf(' ') + 1)));
    }
    long booked = 0;
    for (int i = 0; i < rows.size(); i += COSTS_A_REQUEST) {
      booked +=
          operator
              .post(
                  "/v1/users/%s/costs".formatted(customer.userId()),
                  Http.map("rows", rows.subList(i, Math.min(rows.size(), i + COSTS_A_REQUEST))))
              .get("booked")
              .longValue();
    }
    for (String month :
        platform.strings(
            "select to_char(published_at at time zone 'America/Los_Angeles', 'YYYY-MM') || ' ' || (0.65 * count(*))::numeric(14, 2) from core.videos where published_at is not null group by to_char(published_at at time zone 'America/Los_Angeles', 'YYYY-MM')")) {
      operator.post(
          "/v1/platform-costs",
          Http.map(
              "month",
              month.substring(0, month.indexOf(' ')),
              "category",
              "infrastructure",
              "usd",
              month.substring(month.indexOf(' ') + 1)));
    }
    return booked;
  }

  private void price(String provider, String unit, String usd, int per) {
    operator.post(
        "/v1/prices",
        Http.map(
            "provider", provider, "unit", unit, "validFrom", "2005-01-01", "usd", usd, "per", per));
  }

  /** What making a video cost; longer videos, by the number in their id, cost more. */
  private static List<Map<String, Object>> bills(String videoId, String publishedAt) {
    double size = 0.6 + Math.floorMod(videoId.hashCode(), 1024) / 1280.0;
    return List.of(
        bill(
            videoId,
            publishedAt,
            "openai",
            "text",
            "unit",
            "output-token",
            "quantity",
            Math.round(78_000 * size)),
        bill(
            videoId,
            publishedAt,
            "elevenlabs",
            "voice",
            "unit",
            "credit",
            "quantity",
            Math.round(4_400 * size)),
        bill(
            videoId,
            publishedAt,
            "renderer",
            "video-processing",
            "amountUsd",
            "%.2f".formatted(0.40 * size)));
  }

  private static Map<String, Object> bill(
      String videoId, String at, String provider, String category, Object... more) {
    Map<String, Object> bill =
        new LinkedHashMap<>(
            Map.of(
                "externalId", videoId + "/" + category,
                "provider", provider,
                "category", category,
                "videoId", videoId,
                "at", at));
    bill.putAll(Http.map(more));
    return bill;
  }

  /** Whether what draws the dashboards is installed; false when that was interrupted. */
  public static boolean isInstalled(Path root) {
    return Files.exists(root.resolve("grafana/preview/node_modules/.installed"));
  }

  /**
   * Writes down what {@code ./ytempire dashboards preview} needs to know of this platform, a token
   * and a password among it; the file is deleted when the platform is closed.
   */
  public void describe(UserLogin login) throws IOException {
    Path file = platform.settings().home().resolve("preview.json");
    platform.closeAtEnd(() -> Files.deleteIfExists(file));
    Files.writeString(
        file,
        Http.JSON.writeValueAsString(
            Http.map(
                "sidecar",
                platform.sidecarUrl(),
                "token",
                platform.operatorToken(),
                "host",
                "127.0.0.1",
                "port",
                platform.postgres().port(),
                "database",
                Platform.DATABASE,
                "user",
                login.email(),
                "login",
                login.name(),
                "password",
                login.password())));
  }

  /**
   * Draws the dashboards with a customer's login: a page and pictures of it in {@code preview} of
   * the folder of state.
   *
   * @return faults, and what was left out, as the preview says them; empty: all was drawn
   */
  public List<String> draw(UserLogin login) throws IOException, InterruptedException {
    progress.accept("the dashboards, photographed");
    String database =
        "postgresql://%s@127.0.0.1:%d/%s"
            .formatted(login.name(), platform.postgres().port(), Platform.DATABASE);
    return new PictureProgram(
            "the preview",
            log(),
            platform.settings().home(),
            Map.of("YTEMPIRE_STATE", state.toString(), "PGPASSWORD", login.password()),
            command("preview", "--database", database))
        .run(DRAW_TIMEOUT);
  }

  private Path log() {
    return platform.settings().home().resolve("logs/dashboards.log");
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(platform.settings().node().toString());
    command.add(platform.settings().root().resolve("grafana/preview/main.mjs").toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Serves the dashboards with fresh figures on a port of the loopback address, until the platform
   * is closed; returns the address.
   */
  public String serve(UserLogin login) throws InterruptedException {
    int port = platform.dashboardsPort();
    String url = "http://127.0.0.1:" + port;
    platform.add(
        "dashboards",
        HttpService.start(
            () ->
                Child.start(
                    "the preview of the dashboards",
                    log(),
                    platform.settings().home(),
                    Map.of(
                        "YTEMPIRE_STATE",
                        state.toString(),
                        "PGHOST",
                        "127.0.0.1",
                        "PGPORT",
                        String.valueOf(platform.postgres().port()),
                        "PGDATABASE",
                        Platform.DATABASE,
                        "PGUSER",
                        login.name(),
                        "PGPASSWORD",
                        login.password()),
                    command("--serve", String.valueOf(port))),
            url + "/health",
            START_TIMEOUT));
    return url;
  }
}
