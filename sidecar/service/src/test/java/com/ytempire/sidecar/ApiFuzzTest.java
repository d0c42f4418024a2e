package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.AttackCast.Person;
import com.ytempire.sidecar.FuzzRequests.Distance;
import com.ytempire.sidecar.FuzzRequests.Sender;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.RawHttp;
import com.ytempire.sidecar.testing.RawHttp.Response;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Valid, nearly valid and hostile requests to every operation of the OpenAPI document, drawn from a
 * seed, and what holds of every answer to them.
 *
 * <p>{@code -Dytempire.fuzz.calls=450000} sends more; {@code -Dytempire.fuzz.seed=…} draws others.
 */
final class ApiFuzzTest {
  private static final int CALLS = Integer.getInteger("ytempire.fuzz.calls", 20_000);

  /** The same without options, so that a commit is judged alike whenever it is tested. */
  private static final long SEED =
      Long.getLong(
          "ytempire.fuzz.seed",
          System.getProperty("ytempire.fuzz.calls") == null ? 1 : System.nanoTime());

  /** Lanes at the same time, each with an attacking user of its own. */
  private static final int LANES = 3;

  private static final int CALLS_BETWEEN_CLEANINGS = 250;
  private static final long HEAP_GROWTH = 24L * 1024 * 1024;
  private static final int SHOWN = 12;

  /** Bytes of a body that need not be read to its end to be refused. */
  private static final int LARGE = 64 * 1024;

  /** A user may end itself, after which its requests would all be answered alike. */
  private static final Set<String> SPARED =
      Set.of(
          "DELETE /v1/users/{userId}",
          "DELETE /v1/users/{userId}/channels/{channelId}",
          "DELETE /v1/users/{userId}/channels/{channelId}/connection");

  private static final Pattern LABELS = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, Integer> statuses = new TreeMap<>();
  private final Map<String, String> violations = new ConcurrentHashMap<>();

  @Test
  void every_answer_to_a_drawn_request_is_as_documented() throws Exception {
    try (Platform platform = new Platform(LANES + 1, 2)) {
      AttackCast cast = new AttackCast(platform, LANES + 1);
      JsonNode openApi = platform.get("/openapi.json", null).expect(200).body();
      Person victim = cast.people.getLast();
      List<Lane> lanes = new ArrayList<>();
      for (int i = 0; i < LANES; i++) {
        lanes.add(new Lane(platform, cast, openApi, cast.people.get(i), victim, i));
      }
      String before = fingerprint(platform, victim);
      // What is made once and kept, such as compiled schemas, is made by the first requests.
      run(lanes, CALLS / 4);
      long heapBefore = heap();
      int metersBefore = meters(platform).size();
      run(lanes, CALLS);
      long heapAfter = heap();
      for (Lane lane : lanes) {
        lane.close();
      }
      System.out.printf(
          Locale.ROOT,
          "Fuzzer: %,d calls with seed %d, statuses %s, meters %d and then %d, heap %+,d bytes%n",
          calls.get(),
          SEED,
          statuses,
          metersBefore,
          meters(platform).size(),
          heapAfter - heapBefore);
      assertEquals("", report(), "seed " + SEED);
      assertEquals(before, fingerprint(platform, victim), "rows of a user who sent nothing");
      requireKnownLabels(platform, openApi);
      assertTrue(
          heapAfter - heapBefore < HEAP_GROWTH,
          "%,d bytes of heap after %,d calls, %,d before".formatted(heapAfter, CALLS, heapBefore));
      for (Person person : cast.people) {
        platform.get("/v1/users/" + person.userId(), person.token()).expect(200);
      }
    }
  }

  private void run(List<Lane> lanes, int until) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(LANES)) {
      List<Future<?>> running = new ArrayList<>();
      for (Lane lane : lanes) {
        running.add(
            threads.submit(() -> {
              lane.run(until);
              return true;
            }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private String report() {
    StringBuilder report = new StringBuilder();
    violations.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .limit(SHOWN)
        .forEach(each ->
            report.append(each.getKey()).append('\n').append(each.getValue()).append("\n\n"));
    return violations.size() > SHOWN
        ? report + "(and %d other kinds)".formatted(violations.size() - SHOWN)
        : report.toString();
  }

  /** All that is stored of a user, but that a workflow or operator has read it. */
  private static String fingerprint(Platform platform, Person person) throws Exception {
    try (Connection admin = Engines.admin(platform.database)) {
      return Objects.requireNonNull(
                  new Fingerprints(admin, List.of(person.userId())).now().get(person.userId()))
              .replaceAll("\\{name=core.audit_log, [^}]*}", "")
          + platform.admin(
              "select count(*) from core.audit_log where token_kind = 'user' and user_id = '%s'"
                  .formatted(person.userId()));
    }
  }

  private static long heap() {
    System.gc();
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static List<String> meters(Platform platform) {
    return platform
        .get("/metrics", null)
        .expect(200)
        .body()
        .stringValue()
        .lines()
        .filter(line -> line.startsWith("ytempire_http_requests_seconds_count"))
        .toList();
  }

  /** No label has a value that a caller chose. */
  private static void requireKnownLabels(Platform platform, JsonNode openApi) {
    Set<String> known = new TreeSet<>(List.of("other", "/", "/docs", "/openapi.json"));
    openApi.get("paths").propertyNames().forEach(known::add);
    known.addAll(List.of("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"));
    Pattern status = Pattern.compile("[2-5][0-9][0-9]");
    for (String meter : meters(platform)) {
      LABELS
          .matcher(meter)
          .results()
          .map(label -> label.group(2))
          .forEach(
              value -> assertTrue(known.contains(value) || status.matcher(value).matches(), meter));
    }
  }

  /** A connection at a time, and the users whose ids it uses. */
  private final class Lane {
    private final Platform platform;
    private final FuzzRequests requests;
    private final AnswerRules rules;
    private final AttackCast cast;
    private final Canaries canaries;
    private final Person attacker;
    private final Map<String, String> own;
    private final Map<String, String> others;
    private final Map<String, String> nobodys;
    private final Map<String, String> made = new HashMap<>();
    private final List<String> toDelete = new ArrayList<>();
    private final int lane;
    private int sent;
    private int done;
    private @Nullable RawHttp connection;

    Lane(
        Platform platform,
        AttackCast cast,
        JsonNode openApi,
        Person attacker,
        Person victim,
        int lane) {
      this.platform = platform;
      this.cast = cast;
      this.canaries = new Canaries(cast.people);
      this.attacker = attacker;
      this.lane = lane;
      this.requests = new FuzzRequests(openApi);
      this.rules = new AnswerRules(openApi);
      this.own = idsOf(platform, attacker);
      this.others = idsOf(platform, victim);
      this.nobodys = idsOfNobody(others);
      platform.addChannel(freshUser(), "UC" + "made-by-a-fuzzer-lane" + lane);
      made.put("channelId", "UC" + "made-by-a-fuzzer-lane" + lane);
    }

    private String freshUser() {
      String email = "lane%d-%d@example.com".formatted(lane, done);
      String userId = platform.createUser(email);
      made.put("userId", userId);
      made.put("email", email);
      toDelete.add(userId);
      return userId;
    }

    private static Map<String, String> idsOf(Platform platform, Person person) {
      Map<String, String> ids = new TreeMap<>();
      ids.put("userId", person.userId());
      ids.put("channelId", person.channels().getFirst());
      ids.put("videoId", "canaryvid" + person.videoId().substring(9));
      ids.put("email", person.email());
      ids.put("login", person.login());
      platform
          .admin(
              """
              select (select token_id::text from core.api_tokens where user_id = '%1$s' order by 1 limit 1) as token,
                     (select subscription_id::text from core.webhook_subscriptions where user_id = '%1$s' limit 1) as hook
              """
                  .formatted(person.userId()))
          .getFirst()
          .forEach((name, value) ->
              ids.put(name.equals("token") ? "tokenId" : "subscriptionId", String.valueOf(value)));
      return ids;
    }

    /** Ids that look like these and are nobody's. */
    private static Map<String, String> idsOfNobody(Map<String, String> like) {
      Map<String, String> ids = new TreeMap<>();
      RandomGenerator random = new SplittableRandom(SEED);
      like.forEach((name, value) -> {
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
          char c = value.charAt(i);
          boolean isFixed =
              value.startsWith("UC") && i < 2
                  || value.startsWith("tenant_") && i < 7
                  || value.contains("@") && i > value.indexOf('@')
                  || name.endsWith("Id") && (i == 14 || i == 19) && value.length() == 36;
          id.append(
              isFixed
                  ? c
                  : Character.isDigit(c)
                      ? Character.forDigit(random.nextInt(10), 10)
                      : Character.isLetter(c) ? (char) ('a' + random.nextInt(6)) : c);
        }
        ids.put(name, id.toString());
      });
      return ids;
    }

    void run(int until) throws IOException {
      while (calls.get() < until) {
        RandomGenerator random = new SplittableRandom(SEED + 1_000_003L * lane + 31L * done);
        done++;
        int choice = random.nextInt(100);
        if (choice < 20) {
          byPlatform(Distance.VALID, random);
        } else if (choice < 40) {
          byPlatform(Distance.NEARLY_VALID, random);
        } else if (choice < 50) {
          byPlatform(Distance.HOSTILE, random);
        } else if (choice < 58) {
          byUser(Distance.VALID, random);
        } else if (choice < 66) {
          byUser(Distance.NEARLY_VALID, random);
        } else if (choice < 70) {
          byUser(Distance.HOSTILE, random);
        } else if (choice < 90) {
          alike();
        } else if (choice < 96) {
          Sender sender =
              new Sender(random.nextBoolean() ? attacker.token() : null, nobodys, SPARED);
          judge(requests.drawElsewhere(sender, random), attacker);
        } else {
          raw(random);
        }
        if (done % CALLS_BETWEEN_CLEANINGS == 0) {
          clean();
        }
      }
    }

    private void byPlatform(Distance distance, RandomGenerator random) throws IOException {
      boolean isOperator = random.nextBoolean();
      Map<String, String> ids = random.nextInt(4) == 0 ? nobodys : made;
      Response response =
          judge(
              requests.draw(
                  distance,
                  isOperator ? "operator" : "service",
                  new Sender(isOperator ? Platform.OPERATOR_TOKEN : cast.service, ids, Set.of()),
                  random),
              null);
      remember(response);
    }

    private void byUser(Distance distance, RandomGenerator random) throws IOException {
      judge(
          requests.draw(
              distance,
              random.nextInt(4) == 0 ? "" : "user",
              new Sender(attacker.token(), own, SPARED),
              random),
          attacker);
    }

    /** Another's id and nobody's are answered alike, by whatever a user can ask. */
    private void alike() throws IOException {
      long seed = SEED + 1_000_003L * lane + 31L * done;
      String first = "";
      String second = "";
      FuzzRequest asked = null;
      // Figures of the platform and limits change meanwhile; what distinguishes ids does so again.
      for (int attempt = 0; attempt < 3; attempt++) {
        FuzzRequest ofOther = pair(others, seed);
        FuzzRequest ofNobody = pair(nobodys, seed);
        first = AnswerRules.shape(ofOther, judge(ofOther, attacker), others);
        second = AnswerRules.shape(ofNobody, judge(ofNobody, attacker), nobodys);
        asked = ofOther;
        if (first.equals(second)) {
          return;
        }
      }
      violate(
          "another's id and nobody's are distinguishable",
          String.valueOf(asked),
          first + "\n" + second);
    }

    /**
     * The same request but for the ids, some of which are the sender's own, unless it would end the
     * sender.
     */
    private FuzzRequest pair(Map<String, String> foreign, long seed) {
      RandomGenerator random = new SplittableRandom(seed);
      Map<String, String> ids = new TreeMap<>(foreign);
      int mixed = random.nextInt(9);
      if (mixed < 3) {
        ids.put("userId", attacker.userId());
      } else if (mixed < 5) {
        ids.put("channelId", attacker.channels().getFirst());
      }
      Distance distance = random.nextInt(3) == 0 ? Distance.NEARLY_VALID : Distance.VALID;
      return requests.draw(
          distance,
          random.nextInt(3) == 0 ? "" : "user",
          new Sender(attacker.token(), ids, mixed < 3 ? SPARED : Set.of()),
          random);
    }

    private void raw(RandomGenerator random) throws IOException {
      byte[] bytes = requests.drawRaw(random);
      FuzzRequest shown = new FuzzRequest("RAW", "", List.of(), bytes, false);
      closeConnection();
      try (RawHttp raw = new RawHttp(platform.app.port())) {
        raw.send(bytes);
        raw.endOutput();
        Response response =
            raw.read(new String(bytes, StandardCharsets.ISO_8859_1).startsWith("HEAD "));
        count(response.status());
        rules.violations(shown, response).stream()
            .filter(each -> !each.contains("no operation"))
            .forEach(each -> violate(each, shown.toString(), response.toString()));
      } catch (SocketTimeoutException e) {
        violate("no answer", shown.toString(), "");
      } catch (IOException e) {
        // What is no HTTP need not be answered by HTTP, if the connection ends.
        count(0);
      }
    }

    private Response judge(FuzzRequest request, @Nullable Person reader) throws IOException {
      Response response = exchange(request);
      count(response.status());
      for (String violation : rules.violations(request, response)) {
        violate(violation, request.toString(), response.toString());
      }
      if (reader != null) {
        String seen =
            canaries.seen(
                response.body() + response.headers(), reader, request.text().replace("\0", ""));
        if (!seen.isEmpty()) {
          violate("shows another's '" + seen + "'", request.toString(), response.toString());
        }
      }
      return response;
    }

    private Response exchange(FuzzRequest request) throws IOException {
      RawHttp open = connection;
      boolean isFresh = open == null || !request.isFramed();
      if (open == null || isFresh) {
        closeConnection();
        open = new RawHttp(platform.app.port());
        connection = open;
      }
      Response response;
      try {
        response = open.exchange(request.bytes());
      } catch (SocketTimeoutException e) {
        violate("no answer", request.toString(), "");
        closeConnection();
        return new Response(0, Map.of("x-content-type-options", "nosniff"), "");
      } catch (IOException e) {
        closeConnection();
        if (!isFresh) {
          return exchange(request);
        }
        if (request.body().length > LARGE) {
          // It is refused before it has arrived, and the connection ends while it is still sent.
          return new Response(
              413,
              Map.of(
                  "x-content-type-options", "nosniff", "content-type", "application/problem+json"),
              "{\"type\":\"/problems/too-large\",\"title\":\"\",\"status\":413,\"detail\":\"\"}");
        }
        violate("the connection ended without an answer", request.toString(), e.toString());
        return new Response(0, Map.of("x-content-type-options", "nosniff"), "");
      }
      if (response.closes() || !request.isFramed()) {
        closeConnection();
      }
      return response;
    }

    private void count(int status) {
      calls.incrementAndGet();
      synchronized (statuses) {
        statuses.merge(status, 1, Integer::sum);
      }
    }

    private void violate(String what, String request, String response) {
      String line = request.lines().findFirst().orElse("").replaceAll("\\?.*", "");
      String operation =
          line.replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "…").replaceAll("UC[\\w-]{22}", "…");
      violations.putIfAbsent(
          what + ": " + operation.substring(0, Math.min(80, operation.length())),
          "lane %d, request %d of seed %d%n%s%n-> %s"
              .formatted(
                  lane,
                  done - 1,
                  SEED,
                  request,
                  response.substring(0, Math.min(900, response.length()))));
    }

    /** Ids of what was made, for requests to come. */
    private void remember(Response response) {
      if (response.status() != 201 || response.body().isEmpty()) {
        return;
      }
      JsonNode body = response.json();
      body.path("details")
          .propertyStream()
          .forEach(field -> remember(field.getKey(), field.getValue()));
      body.path("subscription")
          .propertyStream()
          .forEach(field -> remember(field.getKey(), field.getValue()));
      body.propertyStream().forEach(field -> remember(field.getKey(), field.getValue()));
    }

    private void remember(String name, JsonNode value) {
      if (!value.isString()) {
        return;
      }
      switch (name) {
        case "userId" -> {
          if (!made.getOrDefault("userId", "").equals(value.stringValue())) {
            toDelete.add(value.stringValue());
          }
          made.put(name, value.stringValue());
        }
        case "email", "channelId", "tokenId", "subscriptionId", "reservationId", "login" ->
            made.put(name, value.stringValue());
        default -> {}
      }
    }

    /** Erases what the lane has made, so that the database is as it was, and moves the clock. */
    private void clean() {
      platform.clock.advance(Duration.ofSeconds(20));
      for (String userId : toDelete) {
        Platform.Answer user = platform.get("/v1/users/" + userId, Platform.OPERATOR_TOKEN);
        if (user.status() == 200) {
          platform
              .delete(
                  "/v1/users/"
                      + userId
                      + "?confirm="
                      + URLEncoder.encode(user.text("email"), StandardCharsets.UTF_8),
                  Platform.OPERATOR_TOKEN)
              .expect(200);
        }
      }
      toDelete.clear();
      platform.execute(
          "delete from core.webhook_subscriptions where url like 'http://127.0.0.1:1/%' and created_at < '"
              + platform.clock.instant().minusSeconds(60)
              + "'; delete from core.api_tokens where user_id is null and name ~ '^[0-9A-Za-z_-]{1,12}$' and name <> 'test' and created_at < '"
              + platform.clock.instant().minusSeconds(60)
              + "'");
      freshUser();
    }

    private void closeConnection() throws IOException {
      if (connection != null) {
        connection.close();
        connection = null;
      }
    }

    void close() throws IOException {
      closeConnection();
    }
  }
}
