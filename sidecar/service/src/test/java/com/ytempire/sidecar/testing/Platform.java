package com.ytempire.sidecar.testing;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.ConsentPage;
import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole platform on real engines, with the simulator for Google, and a client to talk to it.
 */
public final class Platform implements AutoCloseable {
  private static final int ROWS_AT_ONCE = 5_000;

  public static final String OPERATOR_TOKEN = "yte_operator_of_the_tests_0123456789abcdef";

  /** As the settings have it; it stands for whatever port a test has. */
  public static final String PUBLIC_URL = "http://127.0.0.1:8080";

  public static final JsonMapper JSON = JsonMapper.builder().build();

  public final MovedClock clock;
  public final World world;
  public final Simulator simulator;
  public final String database = Engines.migratedDatabase();
  public final String keyset = GrantCipher.newKeyset();
  public LocalRedis redis = Engines.redis();
  public App app;

  private final Map<String, String> settings;

  /** The execution of a workflow that the next calls come from. */
  public String execution = "42";

  private static @Nullable AnswerCheck answers;

  private final HttpClient http =
      HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

  public Platform(int users, int channelsEach) {
    this(users, channelsEach, Map.of());
  }

  /** With settings beside those that every test has. */
  public Platform(int users, int channelsEach, Map<String, String> more) {
    this(users, channelsEach, more, Instant.parse("2026-11-20T18:00:00Z"));
  }

  /** At another moment than that of most tests, ten in the morning in California. */
  public Platform(int users, int channelsEach, Map<String, String> more, Instant start) {
    this.clock = new MovedClock(start);
    this.world = new World(users, channelsEach, 3, clock);
    this.simulator = Simulator.start(world, clock, 0);
    this.settings = new HashMap<>(settings(database, redis.url(), simulator.url(), keyset));
    // The database is migrated, and the sidecar is not its administrator, as in production.
    settings.remove("YTEMPIRE_DATABASE_ADMIN_PASSWORD");
    settings.putAll(more);
    this.app = App.start(Config.from(settings), clock);
  }

  public static Map<String, String> settings(
      String database, String redisUrl, String googleUrl, String keyset) {
    LocalPostgres postgres = Engines.postgres();
    Map<String, String> settings = new HashMap<>();
    settings.put("YTEMPIRE_HTTP_PORT", "0");
    settings.put("YTEMPIRE_METRICS_PORT", "0");
    settings.put("YTEMPIRE_DATABASE_URL", postgres.url(database));
    settings.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    settings.put("YTEMPIRE_DATABASE_PASSWORD", "the-sidecar-of-the-tests");
    settings.put("YTEMPIRE_REDIS_URL", redisUrl);
    settings.putAll(Simulator.settings(googleUrl));
    settings.put("YTEMPIRE_UPLOADS_PUSH", "off");
    settings.put("YTEMPIRE_GRANT_KEYSET", keyset);
    settings.put("YTEMPIRE_OPERATOR_TOKEN", OPERATOR_TOKEN);
    settings.put("YTEMPIRE_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8");
    return settings;
  }

  /** An answer, whatever its status. */
  public record Answer(int status, JsonNode body, Map<String, List<String>> headers) {
    public String text(String field) {
      JsonNode value = body.get(field);
      if (value == null) {
        throw new AssertionError("no field " + field + " in " + body);
      }
      return value.asString();
    }

    public Answer expect(int wanted) {
      if (status != wanted) {
        throw new AssertionError("status " + status + " instead of " + wanted + ": " + body);
      }
      return this;
    }

    /** Fails unless this is the problem wanted. */
    public Answer expectProblem(int wanted, String type) {
      expect(wanted);
      if (!text("type").equals("/problems/" + type)) {
        throw new AssertionError("problem " + text("type") + " instead of " + type + ": " + body);
      }
      return this;
    }
  }

  public String url(String path) {
    return "http://127.0.0.1:" + app.port() + path;
  }

  /** The settings of the sidecar, to start another one with. */
  public Map<String, String> settings() {
    return Map.copyOf(settings);
  }

  /** A client of one of several replicas. */
  public Client at(App replica) {
    return (path, token, body) -> send(replica, "POST", path, token, JSON.writeValueAsString(body));
  }

  /** Posts to one replica. */
  public interface Client {
    Answer post(String path, String token, Object body);
  }

  /** Stops the sidecar and starts it anew on the same stores. */
  public void restart() {
    app.close();
    app = App.start(Config.from(settings), clock);
  }

  /** Restarts with the password of the database's administrator, by which it migrates. */
  public void restartAsAdministrator() {
    settings.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", Engines.postgres().password());
    restart();
  }

  /** Restarts with another keyset, made from the one at work. */
  public void restart(UnaryOperator<String> keysetStep) {
    settings.compute(
        "YTEMPIRE_GRANT_KEYSET", (name, was) -> keysetStep.apply(Objects.requireNonNull(was)));
    restart();
  }

  public Answer get(String path, @Nullable String token) {
    return send("GET", path, token, null);
  }

  /** As {@link #get(String, String)}, for a caller who waits so long. */
  public Answer get(String path, @Nullable String token, int waitSeconds) {
    return send(app, "GET", path, token, null, waitSeconds);
  }

  /** As {@link #post}, for a caller who waits so long. */
  public Answer post(String path, @Nullable String token, Object body, int waitSeconds) {
    return send(app, "POST", path, token, JSON.writeValueAsString(body), waitSeconds);
  }

  public Answer post(String path, @Nullable String token, Object body) {
    return send("POST", path, token, JSON.writeValueAsString(body));
  }

  public Answer patch(String path, @Nullable String token, Object body) {
    return send("PATCH", path, token, JSON.writeValueAsString(body));
  }

  public Answer delete(String path, @Nullable String token) {
    return send("DELETE", path, token, null);
  }

  public Answer send(String method, String path, @Nullable String token, @Nullable String body) {
    return send(app, method, path, token, body);
  }

  private Answer send(
      App replica, String method, String path, @Nullable String token, @Nullable String body) {
    return send(replica, method, path, token, body, null);
  }

  private Answer send(
      App replica,
      String method,
      String path,
      @Nullable String token,
      @Nullable String body,
      @Nullable Integer waitSeconds) {
    // The meters have a port of their own.
    int port = path.equals("/metrics") ? replica.metricsPort() : replica.port();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (waitSeconds != null) {
      request.header("Prefer", "wait=" + waitSeconds);
    }
    request.header("X-N8n-Workflow-Id", "wfTest").header("X-N8n-Execution-Id", execution);
    HttpResponse<String> response = exchange(request.build());
    String text = response.body();
    boolean json = response.headers().firstValue("content-type").orElse("").contains("json");
    JsonNode answer = json ? JSON.readTree(text) : JSON.getNodeFactory().stringNode(text);
    if (json && !path.equals("/openapi.json")) {
      answers().check(method, path, response.statusCode(), answer);
    }
    return new Answer(response.statusCode(), answer, response.headers().map());
  }

  /** The document is the same of every sidecar: the first of this JVM is asked for it. */
  private AnswerCheck answers() {
    synchronized (AnswerCheck.class) {
      AnswerCheck known = answers;
      if (known == null) {
        known = new AnswerCheck(get("/openapi.json", null).expect(200).body());
        answers = known;
      }
      return known;
    }
  }

  private HttpResponse<String> exchange(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A user with the account's email and all its channels, connected through the consent page. */
  public String connectedUser(int account) {
    Catalog.Account owner = world.accounts().get(account);
    String userId = createUser(owner.email());
    owner.channels().forEach(channel -> addChannel(userId, channel.id()));
    owner.channels().forEach(channel -> connect(userId, channel.id(), channel.id()));
    return userId;
  }

  /**
   * Users with the emails of the first accounts and all their channels, connected by grants that
   * are stored as the consent page has them stored. A test of hundreds spares itself most of its
   * time that way; what an owner goes through is {@link #connectedUser}.
   *
   * @return their ids, in the order of the accounts
   */
  public List<String> connectedUsers(int count) {
    GrantCipher cipher = new GrantCipher(keyset);
    Set<String> scopes = new TreeSet<>(GoogleOAuth.SCOPES);
    scopes.add(GoogleOAuth.REVENUE_SCOPE);
    List<String> users = new ArrayList<>();
    try (Connection admin = Engines.admin(database);
        PreparedStatement connect =
            admin.prepareStatement(
                """
                with connected as (
                  update core.channels
                     set connection = 'connected', channel_name = ?, youtube_title = ?,
                         uploads_playlist_id = ?, identity_verified_at = ?
                   where user_id = ?::uuid and channel_id = ?
                  returning user_id, channel_id, identity_verified_at)
                insert into core.oauth_grants (user_id, channel_id, refresh_token_encrypted, scopes, connected_at, verified_at)
                select user_id, channel_id, ?, ?, identity_verified_at, identity_verified_at from connected
                """)) {
      for (Catalog.Account owner : world.accounts().subList(0, count)) {
        String userId = createUser(owner.email());
        users.add(userId);
        for (Catalog.Channel channel : owner.channels()) {
          addChannel(userId, channel.id());
          connect.setString(1, channel.title());
          connect.setString(2, channel.title());
          connect.setString(3, channel.uploadsPlaylistId());
          connect.setObject(4, clock.instant().atOffset(ZoneOffset.UTC));
          connect.setString(5, userId);
          connect.setString(6, channel.id());
          connect.setBytes(
              7,
              cipher.encrypt(
                  simulator.grant(channel, scopes), "grant " + userId + " " + channel.id()));
          connect.setArray(8, admin.createArrayOf("text", scopes.toArray()));
          connect.addBatch();
        }
      }
      connect.executeBatch();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return users;
  }

  public String createUser(String email) {
    return post("/v1/users", OPERATOR_TOKEN, Map.of("email", email, "displayName", email))
        .expect(201)
        .text("userId");
  }

  public void addChannel(String userId, String channelId) {
    addChannel(userId, channelId, "to be connected");
  }

  public void addChannel(Object userId, String channelId, String name) {
    post(
            "/v1/users/" + userId + "/channels",
            OPERATOR_TOKEN,
            Map.of("channelId", channelId, "channelName", name))
        .expect(201);
  }

  /** The rows of a fetch, in the order of its requests. */
  public static List<JsonNode> fetchedRows(JsonNode fetched) {
    List<JsonNode> rows = new ArrayList<>();
    fetched.get("results").forEach(result -> result.get("rows").forEach(rows::add));
    return rows;
  }

  /** Stores the rows of a fetch, as many at once as the API takes; fails when one is rejected. */
  public void storeFetched(String token, JsonNode fetched) {
    List<JsonNode> rows = fetchedRows(fetched);
    for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
      List<JsonNode> some = rows.subList(from, Math.min(rows.size(), from + ROWS_AT_ONCE));
      JsonNode stored = post("/v1/metrics/store", token, Map.of("rows", some)).expect(200).body();
      if (stored.get("rejected").intValue() > 0) {
        throw new AssertionError("rows were rejected: " + stored);
      }
    }
  }

  public String token(String kind, @Nullable String userId) {
    Map<String, Object> body = new LinkedHashMap<>(Map.of("kind", kind, "name", "test"));
    if (userId != null) {
      body.put("userId", userId);
    }
    if (kind.equals("service")) {
      // A test of scopes makes tokens of its own.
      body.put("scopes", List.of("read", "sync", "administer", "erase"));
    }
    return post("/v1/tokens", OPERATOR_TOKEN, body).expect(201).text("token");
  }

  /** Does what an owner's browser does: opens the link, picks a channel, follows back. */
  public HttpResponse<String> connect(String userId, String channelId, String picked) {
    String link =
        post(
                "/v1/users/%s/channels/%s/connect".formatted(userId, channelId),
                OPERATOR_TOKEN,
                Map.of())
            .expect(200)
            .text("connectUrl")
            .replace(PUBLIC_URL, url(""));
    return consent(link, picked);
  }

  /** Goes on from a page of ours, or Google's: picks a channel and follows back. */
  public HttpResponse<String> consent(String link, String picked) {
    URI back;
    try {
      back = ConsentPage.pick(http, link, picked);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return exchange(
        HttpRequest.newBuilder(URI.create(back.toString().replace(PUBLIC_URL, url("")))).build());
  }

  /** A query as the database's administrator, whom no policy binds. */
  public List<Map<String, Object>> admin(String sql) {
    try (Connection connection =
        Engines.postgres().connect(database, LocalPostgres.ADMIN, Engines.postgres().password())) {
      return rows(connection, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A statement as the database's administrator. */
  public void execute(String sql) {
    try {
      Engines.postgres().execute(database, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public long count(String table) {
    return ((Number)
            Objects.requireNonNull(admin("select count(*) as n from " + table).getFirst().get("n")))
        .longValue();
  }

  public static List<Map<String, Object>> rows(Connection connection, String sql)
      throws SQLException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (var statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
          row.put(result.getMetaData().getColumnLabel(column), result.getObject(column));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  @Override
  public void close() {
    app.close();
    simulator.close();
    redis.close();
  }
}
