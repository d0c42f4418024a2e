package com.ytempire.sidecar;

import com.ytempire.sidecar.metrics.HostileRows;
import com.ytempire.sidecar.testing.ApiRoute;
import com.ytempire.sidecar.testing.Platform;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * Draws requests from an OpenAPI document: valid, nearly valid and hostile ones. What is drawn
 * depends on the random numbers alone, so that two senders with ids of the same names and lengths
 * send the same request but for the ids. Safe to share between threads.
 */
final class FuzzRequests {
  /** How far a request is from what its operation takes. */
  enum Distance {
    VALID,
    NEARLY_VALID,
    HOSTILE
  }

  /**
   * Who sends.
   *
   * @param token null: none
   * @param ids values of parameters and fields by their names
   * @param spared operations that would end the sender itself, as method and path
   */
  record Sender(@Nullable String token, Map<String, String> ids, Set<String> spared) {}

  private static final Pattern PARAMETER = Pattern.compile("\\{([a-zA-Z]+)}");
  private static final Pattern UUID_PARAMETER = Pattern.compile(".*Id");

  /** What stands for an id, a day or a number; percent-encoded, or such that it is refused. */
  private static final List<String> HOSTILE_TEXT =
      List.of(
          "",
          "%20",
          ".",
          "..",
          "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
          "%00",
          "a%00b",
          "%0d%0aX-Injected:%201",
          "%ed%a0%80",
          "%c0%af",
          "%ff%fe",
          "%",
          "%zz",
          "%u0041",
          "%25",
          "%2500",
          "*",
          "null",
          "undefined",
          "true",
          "-1",
          "0",
          "1.5",
          "1e400",
          "2147483648",
          "9223372036854775808",
          "9".repeat(400),
          "NaN",
          "2026-02-30",
          "0000-01-01",
          "-0001-01-01",
          "%2b12345-01-01",
          "9999-12-31",
          "2026-11-20T18:00:00Z",
          "%27%20or%20%271%27=%271",
          "%27;select%20pg_sleep(60);--",
          "%24%7bjndi:ldap://127.0.0.1/x%7d",
          "%7b%7b7*7%7d%7d",
          "%3cscript%3ealert(1)%3c/script%3e",
          "a%2fb",
          "a%5cb",
          ";jsessionid=1",
          "x".repeat(3000),
          "%f0%9f%98%80",
          "%e2%80%ae",
          "%e2%80%8b",
          "%ef%bc%91",
          "00000000-0000-0000-0000-000000000000",
          "1-1-1-1-1",
          "%7b00000000-0000-4000-8000-000000000000%7d",
          "3F1C9E6A-4F0E-4B8E-9D3F-2A6F2F9C1B7D%0a",
          "UCabcdefghijklmnopqrstu%0a",
          "channel-day%00",
          "\u00e9",
          "\u0080",
          "^",
          "|",
          "\"",
          "[x]",
          "{x}",
          "`",
          "\\");

  private static final List<String> HOSTILE_HEADERS =
      List.of(
          "Content-Type: text/plain",
          "Content-Type: application/xml; charset=utf-16",
          "Content-Type: multipart/form-data",
          "Content-Type: multipart/form-data; boundary=\"" + "b".repeat(300) + "\"",
          "Content-Type: application/x-www-form-urlencoded",
          "Content-Type: application/json; charset=nonsense",
          "Content-Type: ;;;",
          "Content-Type: \u00ff\u00fe",
          "Content-Type:",
          "Content-Encoding: gzip",
          "Content-Encoding: br, deflate, nonsense",
          "Accept: text/html",
          "Accept: image/*;q=nonsense",
          "Accept: " + "a/b,".repeat(500),
          "Accept-Charset: utf-7",
          "Accept-Language: \u00e9",
          "Prefer: wait=0",
          "Prefer: wait=-1",
          "Prefer: wait=99999999999999999999",
          "Prefer: wait=1e9",
          "Prefer: wait=\"5",
          "Prefer: respond-async, wait=3;wait=4",
          "X-N8n-Workflow-Id: \u00ff\u0080",
          "X-N8n-Workflow-Id: " + "w".repeat(2000),
          "X-N8n-Execution-Id: '; drop table core.users; --",
          "X-Forwarded-For: 10.0.0.1, nonsense, ::1",
          "X-Forwarded-For: " + "1.1.1.1,".repeat(300),
          "X-Forwarded-Proto: gopher",
          "Forwarded: for=\"[::\"",
          "X-HTTP-Method-Override: DELETE",
          "X-Original-URL: /v1/users",
          "X-Hub-Signature: sha1=00",
          "X-Hub-Signature: sha999=\u00ff",
          "X-Hub-Signature: =",
          "Range: bytes=0-0",
          "Range: bytes=9999999999999999999-",
          "If-None-Match: *",
          "If-Modified-Since: never",
          "If-Match: \"\"",
          "Cookie: a=b; \u00ff; $Version=1",
          "Cookie: " + "c=d;".repeat(500),
          "Expect: 100-continue",
          "TE: trailers",
          "Upgrade: h2c",
          "Upgrade: websocket",
          "Origin: null",
          "Access-Control-Request-Method: DELETE",
          "Date: Thu, 01 Jan 1970 00:00:00 GMT",
          "Content-Length-: 5",
          "Connection: close",
          "Connection: keep-alive, Authorization");

  private static final List<String> AUTHORIZATION =
      List.of(
          "Authorization:",
          "Authorization: Bearer",
          "Authorization: Bearer ",
          "Authorization: Bearer yte_user_" + "0".repeat(43),
          "Authorization: Bearer \u0000".replace('\u0000', '\u00ff'),
          "Authorization: Bearer " + "x".repeat(5000),
          "Authorization: Basic dXNlcjpwYXNzd29yZA==",
          "Authorization: bearer\ttoken",
          "Authorization: Bearer a, Bearer b",
          "Authorization: Digest username=\"\u00e9\"");

  private static final List<String> METHODS =
      List.of(
          "PUT",
          "OPTIONS",
          "HEAD",
          "TRACE",
          "CONNECT",
          "BREW",
          "get",
          "PROPFIND",
          "DELETE",
          "POST",
          "PATCH",
          "GET",
          "X".repeat(200),
          "G%45T");

  private static final List<String> PATHS =
      List.of(
          "/",
          "//",
          "/docs",
          "/openapi.json",
          "/metrics",
          "/v1",
          "/v1/",
          "/v1//users",
          "/V1/users",
          "/v1/users/",
          "/v1/users;a=b",
          "/v1/users/..%2fusers",
          "/v1/./users",
          "/v1/users/../tokens",
          "/webjars/../../etc/passwd",
          "/webjars/swagger-ui/x/../../../x",
          "/webjars/%2e%2e/%2e%2e/META-INF/MANIFEST.MF",
          "/webjars/%5c..%5c",
          "/webjars/",
          "/health",
          "/health/live/x",
          "/favicon.ico",
          "/WEB-INF/web.xml",
          "/%2e%2e/%2e%2e",
          "/v1/%00",
          "/v1/users%00",
          "/v1/\u00e9",
          "*",
          "http://127.0.0.1/v1/users",
          "http://elsewhere.invalid/v1/users",
          "/v1/users?",
          "/v1/users?=",
          "/v1/users?&&&=&",
          "/v1/users?limit=1&limit=2&limit",
          "/v1/users?%00=%00",
          "/v1/users?" + "a=b&".repeat(500),
          "/v1/users#fragment",
          "/v1/" + "x/".repeat(300));

  /** Heads, and what follows them, that are HTTP by halves or not at all. */
  private static final List<String> RAW =
      List.of(
          "\r\n\r\n",
          "\u0000\u0001\u0002\u0003\r\n\r\n",
          "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n",
          "GET\r\n\r\n",
          "GET /v1/users\r\n\r\n",
          "GET  /v1/users HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /v1/users HTTP/1.0\r\n\r\n",
          "GET /v1/users HTTP/0.9\r\n\r\n",
          "GET /v1/users HTTP/2.0\r\nHost: x\r\n\r\n",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "GET /v1/users HTTP/1.1\nHost: x\n\n",
          "GET /v1/users HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
          "GET /v1/users HTTP/1.1\r\nHost: \u00ff\r\n\r\n",
          "GET /v1/users HTTP/1.1\r\nHost: x:99999999\r\n\r\n",
          "GET /v1/users HTTP/1.1\r\nHost: [::\r\n\r\n",
          "GET /v1/users HTTP/1.1\r\nHost: x\r\n folded: yes\r\n\r\n",
          "GET /v1/users HTTP/1.1\r\nHost: x\r\nNo colon here\r\n\r\n",
          "GET /v1/users HTTP/1.1\r\nHost: x\r\n: nameless\r\n\r\n",
          "GET /v1/users HTTP/1.1\r\nHost: x\r\nSpace : before\r\n\r\n",
          "GET /v1/users HTTP/1.1\r\nHost: x\r\nNul: a\u0000b\r\n\r\n",
          "GET /v1/users HTTP/1.1\r\nHost: x\r\nCr: a\rb\r\n\r\n",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n{}",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"email\":",
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nExpect: 200-surprise\r\nContent-Length: 2\r\n\r\n{}");

  private final List<ApiRoute> routes;
  private final JsonNode schemas;
  private final SchemaSampler sampler;

  FuzzRequests(JsonNode openApi) {
    this.routes = ApiRoute.all(openApi);
    this.schemas = openApi.at("/components/schemas");
    this.sampler = new SchemaSampler(schemas);
  }

  /** Whether there are operations for this kind of token. */
  private List<ApiRoute> routes(String role, Sender sender) {
    return routes.stream()
        .filter(route -> !sender.spared().contains(route.method() + " " + route.path()))
        .filter(route -> route.isOpen() || role.isEmpty() || rolesOf(route).contains(role))
        .toList();
  }

  private static String rolesOf(ApiRoute route) {
    return route.roles().replaceAll("\\..*", "");
  }

  /**
   * A request to one of the operations.
   *
   * @param role kind of the sender's token; empty: whichever operation
   */
  FuzzRequest draw(Distance distance, String role, Sender sender, RandomGenerator random) {
    ApiRoute route = pick(routes(role, sender), random);
    if (route.path().endsWith("/export") && random.nextInt(4) > 0) {
      // It takes ten times as long as others.
      route = pick(routes(role, sender), random);
    }
    int faults =
        switch (distance) {
          case VALID -> 0;
          case NEARLY_VALID -> 1;
          case HOSTILE -> 2 + random.nextInt(4);
        };
    // Where the faults go: path, query, headers, body.
    boolean[] hostile = new boolean[4];
    for (int i = 0; i < faults; i++) {
      int place = random.nextInt(4);
      hostile[place == 3 && route.body() == null ? 2 : place] = true;
    }
    String target =
        path(route, sender, hostile[0], random) + query(route, sender, hostile[1], random);
    List<String> headers = new ArrayList<>();
    headers.add("Host: 127.0.0.1");
    if (sender.token() != null && !(hostile[2] && random.nextInt(4) == 0)) {
      headers.add("Authorization: Bearer " + sender.token());
    } else if (hostile[2]) {
      headers.add(pick(AUTHORIZATION, random));
    }
    byte[] body = new byte[0];
    if (route.body() != null) {
      body = body(route.body(), sender, hostile[3], random);
      headers.add("Content-Type: application/json");
    } else if (hostile[2] && random.nextInt(4) == 0) {
      body = pick(HostileRows.VALUES, random).getBytes(StandardCharsets.UTF_8);
    }
    if (hostile[2]) {
      for (int i = random.nextInt(3); i >= 0; i--) {
        headers.add(pick(HOSTILE_HEADERS, random));
      }
    } else {
      headers.add("X-N8n-Workflow-Id: wf" + random.nextInt(100));
    }
    return framed(route.method(), target, headers, body, hostile[2] && random.nextInt(4) == 0);
  }

  /** A request with a method or an address that no operation has. */
  FuzzRequest drawElsewhere(Sender sender, RandomGenerator random) {
    ApiRoute route = pick(routes("", sender), random);
    boolean isKnownPath = random.nextBoolean();
    String target = isKnownPath ? path(route, sender, false, random) : pick(PATHS, random);
    String method = isKnownPath || random.nextBoolean() ? pick(METHODS, random) : route.method();
    if (sender.spared().stream().anyMatch(spared -> spared.equals(method + " " + route.path()))) {
      return drawElsewhere(sender, random);
    }
    List<String> headers = new ArrayList<>(List.of("Host: x"));
    if (sender.token() != null) {
      headers.add("Authorization: Bearer " + sender.token());
    }
    byte[] body = random.nextBoolean() ? new byte[0] : "{}".getBytes(StandardCharsets.UTF_8);
    return framed(method, target, headers, body, false);
  }

  /** Bytes that are no HTTP, or HTTP by halves. */
  byte[] drawRaw(RandomGenerator random) {
    byte[] bytes = pick(RAW, random).getBytes(StandardCharsets.ISO_8859_1);
    if (random.nextInt(3) == 0) {
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
    }
    return bytes;
  }

  // ---- its parts ----

  private String path(ApiRoute route, Sender sender, boolean isHostile, RandomGenerator random) {
    Matcher matcher = PARAMETER.matcher(route.path());
    StringBuilder path = new StringBuilder();
    while (matcher.find()) {
      String name = matcher.group(1);
      String value = encode(known(name, sender, random));
      matcher.appendReplacement(
          path,
          Matcher.quoteReplacement(
              isHostile && random.nextInt(3) > 0 ? mutated(value, random) : value));
    }
    matcher.appendTail(path);
    return isHostile && random.nextInt(6) == 0
        ? path + pick(List.of("/", "//", "/x", "%20", "%00", ";x=y", "/.", "/.."), random)
        : path.toString();
  }

  private String query(ApiRoute route, Sender sender, boolean isHostile, RandomGenerator random) {
    List<String> pairs = new ArrayList<>();
    for (String name : route.query()) {
      if (random.nextInt(3) > 0) {
        String value = encode(known(name, sender, random));
        pairs.add(name + "=" + (isHostile ? mutated(value, random) : value));
        if (isHostile && random.nextInt(8) == 0) {
          pairs.add(name + "=" + pick(HOSTILE_TEXT, random));
        }
      }
    }
    if (isHostile && random.nextInt(3) == 0) {
      pairs.add(pick(HOSTILE_TEXT, random) + "=" + pick(HOSTILE_TEXT, random));
    }
    return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
  }

  /** A value that fits a parameter of this name. */
  private String known(String name, Sender sender, RandomGenerator random) {
    String known = sender.ids().get(name.equals("confirm") ? "email" : name);
    if (known != null) {
      return known;
    }
    return switch (name) {
      case "kind" -> pick(HostileRows.kinds(), random);
      case "view" -> pickOf("analytics-view", random);
      case "period" ->
          pick(List.of("last-7-days", "last-week", "last-month", "year-to-date"), random);
      case "sort" -> pick(List.of("views", "-revenueUsd", "-day"), random);
      case "interval" -> pick(List.of("day", "week", "month"), random);
      case "compare" -> "previous-period";
      case "format" -> pick(List.of("json", "csv"), random);
      case "bucket" -> pickOf("bucket", random);
      case "from", "to" -> "2026-%02d-01".formatted(1 + random.nextInt(12));
      case "limit" -> String.valueOf(1 + random.nextInt(100));
      case "active", "revenue" -> String.valueOf(random.nextBoolean());
      case "agree" -> "on";
      case "after" -> random.nextBoolean() ? "0" : SchemaSampler.letters(24, random);
      case "hub.mode" -> pick(List.of("subscribe", "unsubscribe", "denied"), random);
      case "hub.lease_seconds" -> String.valueOf(random.nextInt(1_000_000));
      default ->
          UUID_PARAMETER.matcher(name).matches()
              ? SchemaSampler.uuid(random)
              : SchemaSampler.letters(1 + random.nextInt(40), random);
    };
  }

  /** A choice of a schema. */
  private String pickOf(String schema, RandomGenerator random) {
    JsonNode choices = schemas.at("/" + schema + "/enum");
    return choices.get(random.nextInt(choices.size())).stringValue();
  }

  private static String mutated(String encoded, RandomGenerator random) {
    return switch (random.nextInt(5)) {
      case 0 -> encoded.isEmpty() ? "%00" : encoded.substring(0, encoded.length() - 1);
      case 1 -> encoded + pick(HOSTILE_TEXT, random);
      case 2 -> {
        // A forged cursor or id: one character is another.
        int at = random.nextInt(Math.max(1, encoded.length()));
        yield encoded.substring(0, Math.min(at, encoded.length()))
            + SchemaSampler.letters(1, random)
            + encoded.substring(Math.min(encoded.length(), at + 1));
      }
      default -> pick(HOSTILE_TEXT, random);
    };
  }

  private byte[] body(String schema, Sender sender, boolean isHostile, RandomGenerator random) {
    JsonNode tree = sampler.sample(schema, sender.ids(), random);
    if (tree instanceof ObjectNode object && object.has("requests")) {
      // A test does not wait as long as a workflow does.
      object.put("waitSeconds", random.nextInt(3));
    }
    if (!isHostile) {
      return utf8(tree);
    }
    return switch (random.nextInt(10)) {
      case 0 -> malformed(Platform.JSON.writeValueAsString(tree), random);
      case 1 -> nested(random);
      case 2 ->
          utf8(
              JsonNodeFactory.instance.rawValueNode(
                  new RawValue(pick(HostileRows.VALUES, random))));
      default -> {
        for (int i = random.nextInt(3); i >= 0; i--) {
          mutate(tree, random);
        }
        yield utf8(tree);
      }
    };
  }

  /** Changes one value of a tree: removes it, adds one, or puts a hostile one there. */
  private static void mutate(JsonNode tree, RandomGenerator random) {
    List<JsonNode> containers = new ArrayList<>();
    collect(tree, containers);
    if (containers.isEmpty()) {
      return;
    }
    JsonNode hostile =
        JsonNodeFactory.instance.rawValueNode(new RawValue(pick(HostileRows.VALUES, random)));
    switch (pick(containers, random)) {
      case ObjectNode object -> {
        List<String> names = new ArrayList<>(object.propertyNames());
        if (names.isEmpty() || random.nextInt(6) == 0) {
          object.set(
              pick(List.of("__proto__", "", "\u0000", "a\ud800", "user_id", "$ref"), random),
              hostile);
        } else if (random.nextInt(4) == 0) {
          object.remove(pick(names, random));
        } else {
          object.set(pick(names, random), hostile);
        }
      }
      case ArrayNode array -> {
        if (random.nextInt(3) == 0) {
          array.removeAll();
        } else {
          array.add(hostile);
        }
      }
      default -> throw new IllegalStateException("no container");
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isObject() || node.isArray()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private static byte[] malformed(String json, RandomGenerator random) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return switch (random.nextInt(8)) {
      case 0 -> new byte[0];
      case 1 -> json.substring(0, random.nextInt(json.length())).getBytes(StandardCharsets.UTF_8);
      case 2 -> (json + json).getBytes(StandardCharsets.UTF_8);
      case 3 -> {
        // The first field twice.
        int end = Math.max(json.indexOf(','), 1);
        yield (json.substring(0, end) + "," + json.substring(1)).getBytes(StandardCharsets.UTF_8);
      }
      case 4 ->
          json.getBytes(random.nextBoolean() ? StandardCharsets.UTF_16 : Charset.forName("UTF-32"));
      case 5 -> ("\ufeff" + json).getBytes(StandardCharsets.UTF_8);
      case 6 -> {
        for (int i = random.nextInt(4); i >= 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        yield bytes;
      }
      default -> {
        byte[] garbage = new byte[1 + random.nextInt(500)];
        random.nextBytes(garbage);
        yield garbage;
      }
    };
  }

  private static byte[] nested(RandomGenerator random) {
    int depth = pick(List.of(100, 1001, 20_000), random);
    String open = pick(List.of("[", "{\"a\":", "{\"rows\":[", "{\"requests\":["), random);
    return open.repeat(depth).getBytes(StandardCharsets.UTF_8);
  }

  /** Lone surrogates, which UTF-8 cannot say, stay escaped. */
  private static byte[] utf8(JsonNode tree) {
    return Platform.JSON
        .writeValueAsString(tree)
        .chars()
        .mapToObj(c ->
            Character.isSurrogate((char) c) ? "\\u%04x".formatted(c) : String.valueOf((char) c))
        .collect(Collectors.joining())
        .getBytes(StandardCharsets.UTF_8);
  }

  private static FuzzRequest framed(
      String method, String target, List<String> headers, byte[] body, boolean isChunked) {
    List<String> all = new ArrayList<>(headers);
    byte[] sent = body;
    if (isChunked) {
      all.add("Transfer-Encoding: chunked");
      sent = chunked(body);
    } else if (body.length > 0 || !method.equals("GET")) {
      all.add("Content-Length: " + body.length);
    }
    return new FuzzRequest(method, target, all, sent, !method.equals("CONNECT"));
  }

  private static byte[] chunked(byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer rest = ByteBuffer.wrap(body);
    while (rest.hasRemaining()) {
      byte[] chunk = new byte[Math.min(rest.remaining(), 1000)];
      rest.get(chunk);
      out.writeBytes(
          (Integer.toHexString(chunk.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(chunk);
      out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static <T> T pick(List<T> of, RandomGenerator random) {
    return of.get(random.nextInt(of.size()));
  }
}
