package com.ytempire.sidecar;

import com.ytempire.sidecar.web.Json;
import java.io.IOException;
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
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The operators' command for API tokens, which asks a running sidecar. A new secret is the only
 * thing on standard output, so that it can go straight into a file; the rest is told on standard
 * error.
 */
final class TokenCommand {
  static final String USAGE =
      """
      ./ytempire token create --kind operator|service|user --name NAME [--user USER-ID] [--scopes read,sync] [--days N]
      ./ytempire token list
      ./ytempire token rotate TOKEN-ID [--overlap-minutes N]
      ./ytempire token revoke TOKEN-ID
          --scopes of a service token: read, sync, administer, erase; read,sync when left out.
          YTEMPIRE_API_TOKEN (or YTEMPIRE_API_TOKEN_FILE) holds an operator's token;
          YTEMPIRE_URL is the sidecar's address (http://127.0.0.1:8080).
      """;

  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;
  private final Clock clock;

  TokenCommand(Map<String, String> environment, PrintStream out, PrintStream err, Clock clock) {
    this.environment = environment;
    this.out = out;
    this.err = err;
    this.clock = clock;
  }

  /** What is wrong with the command line or the settings. */
  private static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unusable(String message) {
      super(message);
    }
  }

  /** The sidecar refused; its reason in the message. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  /** Exit status: 0 done; 1 the sidecar refused or is away; 2 the command cannot be used so. */
  int run(List<String> arguments) {
    try {
      Deque<String> words = new ArrayDeque<>(arguments);
      String verb = words.isEmpty() ? "" : words.pop();
      switch (verb) {
        case "create" -> create(words);
        case "list" -> list(words);
        case "rotate" -> rotate(words);
        case "revoke" -> revoke(words);
        default -> throw new Unusable("There is no 'token " + verb + "'.");
      }
      return 0;
    } catch (Unusable e) {
      err.println(e.getMessage() + "\n\n" + USAGE);
      return 2;
    } catch (Refused e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  private void create(Deque<String> words) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    while (!words.isEmpty()) {
      String option = words.pop();
      switch (option) {
        case "--kind" -> body.put("kind", value(option, words));
        case "--name" -> body.put("name", value(option, words));
        case "--user" -> body.put("userId", value(option, words));
        case "--scopes" -> {
          ArrayNode scopes = body.putArray("scopes");
          for (String scope : value(option, words).split(",", -1)) {
            scopes.add(scope.strip());
          }
        }
        case "--days" ->
            body.put(
                "expiresAt",
                clock
                    .instant()
                    .plus(Duration.ofDays(number(option, words, 36_500)))
                    .truncatedTo(ChronoUnit.SECONDS)
                    .toString());
        default -> throw new Unusable("There is no option '" + option + "'.");
      }
    }
    show(ask("POST", "", body));
  }

  private void rotate(Deque<String> words) {
    String tokenId = tokenId(words);
    ObjectNode body = Json.MAPPER.createObjectNode();
    while (!words.isEmpty()) {
      String option = words.pop();
      if (!option.equals("--overlap-minutes")) {
        throw new Unusable("There is no option '" + option + "'.");
      }
      body.put("overlapMinutes", number(option, words, 10_080));
    }
    show(ask("POST", "/" + tokenId + "/rotate", body));
  }

  private void revoke(Deque<String> words) {
    String tokenId = tokenId(words);
    nothingMore(words);
    ask("DELETE", "/" + tokenId, null);
    err.println("Revoked: it no longer works.");
  }

  private void list(Deque<String> words) {
    nothingMore(words);
    out.printf(
        Locale.ROOT,
        "%-36s  %-8s  %-10s  %-20s  %-36s  %s%n",
        "ID",
        "KIND",
        "STATE",
        "LAST USED",
        "USER",
        "NAME");
    for (JsonNode token : ask("GET", "", null).get("tokens")) {
      out.printf(
          Locale.ROOT,
          "%-36s  %-8s  %-10s  %-20s  %-36s  %s%n",
          text(token, "tokenId"),
          text(token, "kind"),
          state(token),
          text(token, "lastUsedAt").replaceAll("\\.\\d+", ""),
          text(token, "userId"),
          text(token, "name"));
    }
  }

  private String state(JsonNode token) {
    if (!token.get("revokedAt").isNull()) {
      return "revoked";
    }
    JsonNode expiresAt = token.get("expiresAt");
    if (expiresAt.isNull()) {
      return "works";
    }
    Duration left = Duration.between(clock.instant(), Instant.parse(expiresAt.asString()));
    return left.isNegative() || left.isZero()
        ? "expired"
        : left.toDays() > 0 ? left.toDays() + " days" : left.toMinutes() + " min";
  }

  private void show(JsonNode created) {
    JsonNode details = created.get("details");
    err.printf(
        Locale.ROOT,
        "%s token %s (%s). It is shown this once:%n",
        text(details, "kind"),
        text(details, "tokenId"),
        text(details, "name"));
    out.println(text(created, "token"));
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    return value == null || value.isNull() ? "-" : value.asString();
  }

  private static String value(String option, Deque<String> words) {
    if (words.isEmpty()) {
      throw new Unusable(option + " needs a value.");
    }
    return words.pop();
  }

  private static int number(String option, Deque<String> words, int most) {
    String text = value(option, words);
    try {
      int number = Integer.parseInt(text);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new Unusable(
        "%s takes a whole number from 0 to %d, not '%s'.".formatted(option, most, text));
  }

  private static String tokenId(Deque<String> words) {
    if (words.isEmpty() || words.peek().startsWith("-")) {
      throw new Unusable("Say which token, by its id; './ytempire token list' shows them.");
    }
    String id = words.pop();
    if (!id.matches("[0-9A-Fa-f-]{36}")) {
      // Perhaps the secret itself: it must not go into an address, where it would be logged.
      throw new Unusable("That is no token's id; './ytempire token list' shows them.");
    }
    return id;
  }

  private static void nothingMore(Deque<String> words) {
    if (!words.isEmpty()) {
      throw new Unusable("There is no option '" + words.peek() + "'.");
    }
  }

  private JsonNode ask(String method, String path, @Nullable JsonNode body) {
    String address = environment.getOrDefault("YTEMPIRE_URL", "http://127.0.0.1:8080");
    String token = token();
    try (HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(address + "/v1/tokens" + path))
                  .timeout(Duration.ofSeconds(30))
                  .header("Authorization", "Bearer " + token)
                  .method(
                      method,
                      body == null
                          ? BodyPublishers.noBody()
                          : BodyPublishers.ofString(Json.MAPPER.writeValueAsString(body)))
                  .build(),
              BodyHandlers.ofString());
      JsonNode json =
          answer.body().isEmpty()
              ? Json.MAPPER.createObjectNode()
              : Json.MAPPER.readTree(answer.body());
      if (answer.statusCode() >= 400) {
        throw new Refused(text(json, "detail"));
      }
      return json;
    } catch (IOException e) {
      throw new Refused("No sidecar answers at " + address + "; set YTEMPIRE_URL to its address.");
    } catch (IllegalArgumentException e) {
      throw new Unusable("YTEMPIRE_URL is no address: " + address);
    } catch (JacksonException e) {
      throw new Refused("What answers at " + address + " is no sidecar.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refused("Interrupted.");
    }
  }

  private String token() {
    String value = environment.get("YTEMPIRE_API_TOKEN");
    String file = environment.get("YTEMPIRE_API_TOKEN_FILE");
    try {
      String token = value != null ? value : file != null ? Files.readString(Path.of(file)) : "";
      if (token.isBlank()) {
        throw new Unusable("YTEMPIRE_API_TOKEN is missing; it holds an operator's token.");
      }
      return token.strip();
    } catch (IOException e) {
      throw new Unusable("YTEMPIRE_API_TOKEN_FILE: cannot read " + file + ".");
    }
  }
}
