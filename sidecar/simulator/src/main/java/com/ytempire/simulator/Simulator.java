package com.ytempire.simulator;

import io.javalin.Javalin;
import io.javalin.json.JavalinJackson3;
import java.time.Clock;
import java.util.Map;
import java.util.Set;

/**
 * The stand-in's HTTP server on the loopback address. Beside Google's own paths it has {@code
 * /_simulator/usage}: units counted today.
 *
 * <p>Safe to share between threads.
 */
public final class Simulator implements AutoCloseable {
  /** The OAuth client that the stand-in knows. */
  public static final String CLIENT_ID = "simulated-client.apps.googleusercontent.com";

  /** Its secret; worth nothing anywhere else. */
  public static final String CLIENT_SECRET = "simulated-client-secret";

  /** The API key that the stand-in knows. */
  public static final String API_KEY = DataApi.API_KEY;

  private final Javalin server;
  private final OAuthServer oauth;
  private final ReportingApi reporting;
  private final Feeds feeds;
  private final World world;
  private final Usage usage;
  private final Faults faults;

  private Simulator(
      Javalin server,
      OAuthServer oauth,
      ReportingApi reporting,
      Feeds feeds,
      World world,
      Usage usage,
      Faults faults) {
    this.server = server;
    this.oauth = oauth;
    this.reporting = reporting;
    this.feeds = feeds;
    this.world = world;
    this.usage = usage;
    this.faults = faults;
  }

  /**
   * Starts the server on the loopback address.
   *
   * @param world whose numbers it shows
   * @param clock the same that the world goes by
   * @param port 0 for any free one
   */
  public static Simulator start(World world, Clock clock, int port) {
    return start(world, clock, "127.0.0.1", port);
  }

  /**
   * As {@link #start(World, Clock, int)}, on another address.
   *
   * @param host where to listen, such as 0.0.0.0 in a container
   */
  public static Simulator start(World world, Clock clock, String host, int port) {
    Usage usage = new Usage(clock);
    Faults faults = new Faults();
    OAuthServer oauth = new OAuthServer(world, clock, faults, CLIENT_ID, CLIENT_SECRET);
    DataApi data = new DataApi(world, oauth, usage, faults);
    AnalyticsApi analytics = new AnalyticsApi(world, oauth, usage, faults);
    ReportingApi reporting = new ReportingApi(world, oauth, usage, faults);
    Feeds feeds = new Feeds(world, usage, faults);
    Javalin server =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          config.concurrency.useVirtualThreads = true;
          config.jetty.host = host;
          // A filter of 500 videos makes an address of 7 KiB, which Google takes.
          config.jetty.modifyHttpConfiguration(http -> http.setRequestHeaderSize(16 * 1024));
          config.jsonMapper(new JavalinJackson3());
          config.routes.get("/o/oauth2/v2/auth", oauth::consentPage);
          config.routes.post("/o/oauth2/v2/auth", oauth::consent);
          config.routes.post("/token", oauth::token);
          config.routes.post("/revoke", oauth::revoke);
          config.routes.get("/youtube/v3/channels", data::channels);
          config.routes.get("/youtube/v3/playlistItems", data::playlistItems);
          config.routes.get("/youtube/v3/search", data::search);
          config.routes.get("/youtube/v3/videos", data::videos);
          config.routes.get("/youtube/v3/videos:batchGetStats", data::batchGetStats);
          config.routes.get("/v2/reports", analytics::query);
          config.routes.post("/v2/reports", analytics::query);
          config.routes.get("/v1/jobs", reporting::jobs);
          config.routes.post("/v1/jobs", reporting::create);
          config.routes.get("/v1/jobs/{job}/reports", reporting::reports);
          config.routes.get("/v1/media/{job}/{report}", reporting::download);
          config.routes.get("/feeds/videos.xml", feeds::feed);
          config.routes.post("/subscribe", feeds::subscribe);
          config.routes.get("/_simulator/usage", ctx -> ctx.json(usage.today()));
          config.routes.exception(GoogleError.class, (error, ctx) -> error.answer(ctx));
          config.routes.exception(
              NumberFormatException.class,
              (error, ctx) ->
                  ctx.status(400)
                      .json(
                          Map.of(
                              "error",
                              Map.of(
                                  "code",
                                  400,
                                  "message",
                                  "Invalid number: " + error.getMessage()))));
        });
    server.start(port);
    return new Simulator(server, oauth, reporting, feeds, world, usage, faults);
  }

  /** Where it listens; what Google's root addresses are replaced by. */
  public String url() {
    return "http://127.0.0.1:" + server.port();
  }

  /** What points a sidecar here instead of at Google; nothing else about it changes. */
  public Map<String, String> settings() {
    return settings(url());
  }

  /** As {@link #settings()}, for a stand-in at another address, or for none at all. */
  public static Map<String, String> settings(String url) {
    return Map.of(
        "YTEMPIRE_GOOGLE_CLIENT_ID", CLIENT_ID,
        "YTEMPIRE_GOOGLE_CLIENT_SECRET", CLIENT_SECRET,
        "YTEMPIRE_GOOGLE_ACCOUNTS_URL", url,
        "YTEMPIRE_GOOGLE_OAUTH_URL", url,
        "YTEMPIRE_GOOGLE_DATA_URL", url,
        "YTEMPIRE_GOOGLE_ANALYTICS_URL", url,
        "YTEMPIRE_GOOGLE_REPORTING_URL", url,
        "YTEMPIRE_GOOGLE_FEED_URL", url,
        "YTEMPIRE_GOOGLE_HUB_URL", url + "/subscribe");
  }

  /**
   * Grants lasting access to a channel, as its owner does on the consent page.
   *
   * @return the refresh token
   */
  public String grant(Catalog.Channel channel, Set<String> scopes) {
    return oauth.refreshToken(new OAuthServer.Grant(channel, scopes));
  }

  /** The current state without access tokens, which callers get anew with their refresh tokens. */
  public SimulatorState state() {
    return new SimulatorState(oauth.tokens(), reporting.jobs(), feeds.subscriptions());
  }

  /**
   * Adds the state of another simulator of the same world.
   *
   * @throws IllegalStateException if it is of another world; then nothing is added
   */
  public void restore(SimulatorState state) {
    for (String channel : state.channels()) {
      if (world.channel(channel).isEmpty()) {
        throw new IllegalStateException(
            "the simulated YouTube has no channel %s, to which the stored state belongs."
                .formatted(channel));
      }
    }
    oauth.restore(state.tokens());
    reporting.restore(state.jobs());
    feeds.restore(state.subscriptions());
  }

  /**
   * Lets the hub push all videos that were published since it did so last; returns when all
   * subscribers have answered.
   *
   * @return how many pushes were taken
   */
  public int push() {
    return feeds.push();
  }

  public World world() {
    return world;
  }

  public Usage usage() {
    return usage;
  }

  public Faults faults() {
    return faults;
  }

  @Override
  public void close() {
    faults.release();
    server.stop();
    feeds.close();
  }
}
