package com.ytempire.sidecar;

import com.ytempire.sidecar.AttackCast.Person;
import com.ytempire.sidecar.testing.ApiRoute;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every route of the OpenAPI document, attacked with every kind of token on every other user.
 *
 * <p>A leak is: another user's canary in an answer; another user's rows changed; an answer other
 * than a refusal to somebody without a token that works; and, of a token that may act for
 * everybody, what one user's act tells or changes of another's ("a workflow drawn wrong").
 */
final class HttpAttack {
  private static final Pattern PARAMETER = Pattern.compile("\\{([a-zA-Z]+)}");

  /** What a path parameter may be made to say instead of an id. */
  private static final List<String> TWISTS =
      List.of(
          "%s",
          "%s'",
          "%s' or '1'='1",
          "%s%%00",
          "%s/",
          "..%%2f%s",
          "%s;--",
          "%s%%20",
          "*",
          "%%25",
          "null");

  private record ShownToken(
      String what, @Nullable String token, @Nullable Person person, boolean works) {}

  private final Platform platform;
  private final AttackCast cast;
  private final Canaries canaries;
  private final Attempts attempts;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<ApiRoute> routes;
  private final Map<String, String> baseline = new HashMap<>();

  /**
   * What was sent to this route already, and by whom: what names no victim is the same for all, as
   * is what a stranger sends whoever else attacks.
   */
  private final Set<List<@Nullable Object>> sent = new HashSet<>();

  private int failures;

  HttpAttack(Platform platform, AttackCast cast, Attempts attempts) {
    this.platform = platform;
    this.cast = cast;
    this.canaries = new Canaries(cast.people);
    this.attempts = attempts;
    this.routes = ApiRoute.all(platform.get("/openapi.json", null).expect(200).body());
  }

  void run() throws SQLException {
    platform.clock.advance(Duration.ofMinutes(1));
    try (Connection admin = Engines.admin(platform.database)) {
      Fingerprints stored =
          new Fingerprints(admin, cast.people.stream().map(Person::userId).toList());
      baseline.putAll(stored.now());
      ApiRoute store =
          routes.stream()
              .filter(route -> route.path().equals("/v1/metrics/store"))
              .findFirst()
              .orElseThrow();
      for (Person attacker : cast.people) {
        storeVideosOfOthers(store, attacker);
        requireUntouched(stored, attacker, store);
      }
      for (ApiRoute route : routes) {
        sent.clear();
        for (Person attacker : cast.people) {
          for (Person victim : cast.people) {
            if (victim != attacker) {
              asStranger(route, attacker, victim);
              asUser(route, attacker, victim);
              mixed(route, attacker, victim);
            }
          }
          requireUntouched(stored, attacker, route);
        }
      }
    }
    http.close();
  }

  /** Without a token that works. */
  private void asStranger(ApiRoute route, Person attacker, Person victim) {
    if (route.isOpen()) {
      for (String value : List.of("x", victim.userId(), victim.channels().getFirst())) {
        String query = query(route, value);
        attempt(route, fill(route, victim, victim, "%s") + query, null, null, attacker);
      }
      return;
    }
    for (ShownToken shown :
        List.of(
            new ShownToken("no token", null, null, false),
            new ShownToken("an invented token", "yte_operator_invented", null, false),
            new ShownToken("an expired token", victim.expiredToken(), null, false),
            new ShownToken("a revoked token", victim.revokedToken(), null, false),
            new ShownToken("a cut token", victim.token().substring(0, 40), null, false),
            new ShownToken("a hash", "0".repeat(64), null, false))) {
      Answer answer =
          attempt(
              route,
              fill(route, victim, victim, "%s") + query(route, victim.userId()),
              shown.token(),
              body(route, victim, victim),
              null);
      if (answer == null) {
        continue;
      }
      if (answer.status() != 401) {
        attempts.leak(
            "%s %s with %s".formatted(route.method(), answer.path(), shown.what()),
            "answered " + answer.status());
      }
      // A real caller would be told to wait; the next attempt comes a minute later.
      if (++failures % 25 == 0) {
        platform.clock.advance(Duration.ofMinutes(1));
      }
    }
  }

  /** With a token of another user: whatever names the victim is unknown. */
  private void asUser(ApiRoute route, Person attacker, Person victim) {
    if (route.method().equals("GET")) {
      // What is the attacker's own, with nothing of the victim's in it.
      attempt(route, fill(route, attacker, attacker, "%s"), attacker.token(), null, attacker);
    }
    for (String twist : TWISTS) {
      for (Person of : List.of(victim, attacker)) {
        if (!route.path().contains("{") && of == attacker && !twist.equals("%s")) {
          continue;
        }
        // The attacker's own id with the victim's channel, and the other way round.
        String path = fill(route, of, victim, twist) + query(route, victim.userId());
        attempt(route, path, attacker.token(), body(route, of, victim), attacker);
      }
    }
    for (String name : route.query()) {
      for (String value :
          List.of(
              victim.userId(),
              victim.email(),
              victim.channels().getFirst(),
              "' or true --",
              "*",
              "null",
              "%",
              "-1")) {
        String path = fill(route, attacker, victim, "%s") + "?" + name + "=" + encode(value);
        attempt(route, path, attacker.token(), body(route, victim, victim), attacker);
        // Said twice: the first is checked and the second used, or the other way round.
        attempt(
            route,
            path + "&" + name + "=" + attacker.userId(),
            attacker.token(),
            body(route, attacker, victim),
            attacker);
      }
    }
  }

  /** By a workflow, which may act for everybody: the attacker's id with what is the victim's. */
  private void mixed(ApiRoute route, Person attacker, Person victim) {
    boolean namesTwo =
        PARAMETER.matcher(route.path()).results().count() > 1
            || (route.path().contains("{userId}") && route.query().contains("channelId"))
            || String.valueOf(body(route, attacker, victim)).contains("userId");
    if (!namesTwo) {
      return;
    }
    for (String token : List.of(cast.service, Platform.OPERATOR_TOKEN)) {
      String path =
          fill(route, attacker, victim, "%s")
              + (route.query().contains("channelId")
                  ? "?channelId=" + victim.channels().getFirst()
                  : "");
      attempt(route, path, token, body(route, attacker, victim), attacker);
    }
  }

  /**
   * By a workflow: a video of another channel under the attacker's own. Whether the channel is a
   * user's here or nobody's must make no difference.
   */
  private void storeVideosOfOthers(ApiRoute route, Person attacker) {
    Set<String> answers = new HashSet<>();
    for (Catalog.Account account : platform.world.accounts()) {
      Catalog.Channel channel = account.channels().getFirst();
      if (attacker.channels().contains(channel.id())
          || platform.world.publicVideos(channel).isEmpty()) {
        continue;
      }
      String videoId = platform.world.publicVideos(channel).getFirst().id();
      Answer answer =
          send(
              route,
              route.path(),
              cast.service,
              Platform.JSON.writeValueAsString(
                  Map.of(
                      "rows",
                      List.of(
                          Map.of(
                              "kind",
                              "video-statistics",
                              "userId",
                              attacker.userId(),
                              "channelId",
                              attacker.channels().getFirst(),
                              "videoId",
                              videoId,
                              "observedAt",
                              "2026-11-20T17:00:00Z",
                              "views",
                              1)))));
      judge(answer, attacker, route);
      // The headers, which stand behind the body, tell the time.
      String body = answer.text().substring(0, answer.text().lastIndexOf("}{") + 1);
      answers.add(body);
      if (!body.contains("\"rejected\":1")) {
        attempts.leak(attacker + " stored a video of another channel", body);
      }
    }
    if (answers.size() > 1) {
      attempts.leak(attacker + " sees whose video it is", answers.toString());
    }
  }

  // ---- what is sent ----

  /** A path for a user, with the other ids the victim's. */
  private static String fill(ApiRoute route, Person user, Person victim, String twist) {
    Matcher matcher = PARAMETER.matcher(route.path());
    StringBuilder path = new StringBuilder();
    while (matcher.find()) {
      String value =
          switch (matcher.group(1)) {
            case "userId" -> user.userId();
            case "channelId" -> victim.channels().getFirst();
            case "kind" -> "channel-day";
            case "view" -> "top-videos";
            case "tokenId" ->
                victim.canaries().stream()
                    .filter(text -> text.matches("[0-9a-f-]{36}"))
                    .findFirst()
                    .orElseThrow();
            default -> victim.userId();
          };
      matcher.appendReplacement(
          path, Matcher.quoteReplacement(twist.formatted(value).replace(" ", "%20")));
    }
    return matcher.appendTail(path).toString();
  }

  private static String query(ApiRoute route, String value) {
    if (route.query().isEmpty()) {
      return "";
    }
    return "?"
        + String.join(
            "&",
            route.query().stream()
                .filter(name ->
                    !name.matches(
                        "limit|active|from|to|after|period|sort|cursor|interval|compare|format"))
                .map(name -> name + "=" + encode(value))
                .toList());
  }

  /** The contract's good example of this body, with the ids put in; null where there is none. */
  private static @Nullable String body(ApiRoute route, Person user, Person victim) {
    if (route.body() == null) {
      return null;
    }
    JsonNode tree = route.exampleBody();
    put(tree, user, victim);
    return Platform.JSON.writeValueAsString(tree);
  }

  private static void put(JsonNode node, Person user, Person victim) {
    if (node instanceof ObjectNode object) {
      for (String name : List.copyOf(object.propertyNames())) {
        switch (name) {
          case "userId" -> object.put(name, user.userId());
          case "channelId" -> object.put(name, victim.channels().getFirst());
          case "channelIds" -> object.putArray(name).add(victim.channels().getFirst());
          case "videoId" -> object.put(name, victim.videoId());
          default -> put(object.get(name), user, victim);
        }
      }
    } else if (node instanceof ArrayNode array) {
      array.forEach(item -> put(item, user, victim));
    }
  }

  private record Answer(int status, String text, String path) {}

  private Answer send(ApiRoute route, String path, @Nullable String token, @Nullable String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(platform.url(path)))
            .timeout(Duration.ofSeconds(30))
            .method(
                route.method(),
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    // Nothing of what a caller says of itself counts, but its token.
    request
        .header("X-User-Id", cast.people.getFirst().userId())
        .header("X-N8n-Workflow-Id", "attack")
        .header("X-N8n-Execution-Id", "1");
    try {
      HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
      String text =
          new String(response.body(), StandardCharsets.ISO_8859_1) + response.headers().map();
      return new Answer(response.statusCode(), text, decoded(path) + " " + body);
    } catch (IOException e) {
      // Jetty closes the connection on what is no HTTP.
      return new Answer(0, "", path);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String decoded(String path) {
    try {
      return URLDecoder.decode(path, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return path;
    }
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  // ---- and how it is judged ----

  /** Sends and judges; null if the same was sent to this route before. */
  private @Nullable Answer attempt(
      ApiRoute route,
      String path,
      @Nullable String token,
      @Nullable String body,
      @Nullable Person attacker) {
    if (!sent.add(Arrays.asList(attacker, path, token, body))) {
      return null;
    }
    Answer answer = send(route, path, token, body);
    judge(answer, attacker, route);
    return answer;
  }

  private void judge(Answer answer, @Nullable Person attacker, ApiRoute route) {
    attempts.tried("HTTP " + route.method() + " " + route.path());
    String seen = canaries.seen(answer.text(), attacker, answer.path());
    if (!seen.isEmpty()) {
      attempts.leak(
          "%s: %s %s".formatted(attacker, route.method(), answer.path()),
          "'%s' in %d: %s".formatted(seen, answer.status(), answer.text()));
    }
    if (answer.status() >= 500) {
      attempts.leak(
          "%s: %s %s".formatted(attacker, route.method(), answer.path()),
          "confused us: %d %s".formatted(answer.status(), answer.text()));
    }
  }

  private void requireUntouched(Fingerprints stored, Person attacker, ApiRoute route)
      throws SQLException {
    // What an attack made the sidecar note among somebody's events shows now, not at the next one.
    platform.app.recordActivities();
    Map<String, String> fresh = stored.now();
    for (Person person : cast.people) {
      String now = Objects.requireNonNull(fresh.get(person.userId()));
      String before = String.valueOf(baseline.put(person.userId(), now));
      if (person != attacker && !now.equals(before)) {
        attempts.leak(
            "%s: %s %s".formatted(attacker, route.method(), route.path()),
            "changed rows of " + person + ":\n" + Fingerprints.difference(before, now));
      }
    }
  }
}
