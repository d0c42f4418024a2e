package com.ytempire.sidecar;

import com.ytempire.sidecar.CommandLineSetup.InvalidArgument;
import com.ytempire.sidecar.web.Json;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The operators' command for API tokens, which asks a running sidecar. A new secret is the only
 * thing on standard output, so that it can go straight into a file; the rest goes to standard
 * error.
 */
@Command(
    name = "token",
    description = {
      "Creates, lists, rotates and revokes API tokens of a running sidecar.",
      "YTEMPIRE_API_TOKEN (or YTEMPIRE_API_TOKEN_FILE) holds an operator's token; YTEMPIRE_URL is"
          + " the sidecar's address (http://127.0.0.1:8080)."
    })
final class TokenCommand {
  private static final int MAX_DAYS = 36_500;
  private static final int MAX_OVERLAP_MINUTES = 10_080;

  private final TokenApi api;
  private final PrintStream out;
  private final PrintStream err;
  private final Supplier<Clock> clock;

  TokenCommand(
      Map<String, String> environment, PrintStream out, PrintStream err, Supplier<Clock> clock) {
    this.api = new TokenApi(environment);
    this.out = out;
    this.err = err;
    this.clock = clock;
  }

  /** The token that a command is about. */
  private static final class TokenId {
    @Parameters(arity = "0..1", paramLabel = "TOKEN-ID", description = "As list shows it.")
    private @Nullable String value;

    /**
     * Returns the id.
     *
     * @throws InvalidArgument if it is left out or is none
     */
    String required() {
      @Nullable String id = value;
      if (id == null) {
        throw new InvalidArgument(
            "Say which token, by its id; './ytempire token list' shows them.");
      }
      if (!id.matches("[0-9A-Fa-f-]{36}")) {
        // Perhaps the secret itself: it must not go into an address, where it would be logged.
        throw new InvalidArgument("That is no token's id; './ytempire token list' shows them.");
      }
      return id;
    }
  }

  /**
   * Runs {@code token} alone.
   *
   * @return the exit status: 0 done; 1 the sidecar refused or is unavailable; 2 the command cannot
   *     be used so
   */
  int run(List<String> arguments) {
    return CommandLineSetup.configure(new CommandLine(this), out, err)
        .execute(arguments.toArray(String[]::new));
  }

  /** Runs an action and returns its exit status. */
  private int status(Runnable action) {
    try {
      action.run();
      return 0;
    } catch (InvalidArgument e) {
      err.println(e.getMessage());
      return CommandLineSetup.UNUSABLE;
    } catch (TokenApi.RequestFailure e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  @Command(name = "create", description = "Creates a token and prints its secret, this once.")
  private int create(
      @Option(
              names = "--kind",
              paramLabel = "KIND",
              description = "operator, service or user; required.")
          @Nullable String kind,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              description = "What the token is for; required.")
          @Nullable String name,
      @Option(
              names = "--user",
              paramLabel = "USER-ID",
              description = "Whose token it is; required for a user token.")
          @Nullable String user,
      @Option(
              names = "--scopes",
              paramLabel = "SCOPES",
              description =
                  "Of a service token, with commas: read, sync, administer, erase; read,sync when"
                      + " left out.")
          @Nullable String scopes,
      @Option(
              names = "--days",
              paramLabel = "N",
              description = "Days until it expires, 0 to 36500.")
          @Nullable String days) {
    return status(() -> {
      ObjectNode body = Json.MAPPER.createObjectNode();
      if (kind != null) {
        body.put("kind", kind);
      }
      if (name != null) {
        body.put("name", name);
      }
      if (user != null) {
        body.put("userId", user);
      }
      if (scopes != null) {
        ArrayNode list = body.putArray("scopes");
        for (String scope : scopes.split(",", -1)) {
          list.add(scope.strip());
        }
      }
      if (days != null) {
        body.put(
            "expiresAt",
            clock
                .get()
                .instant()
                .plus(Duration.ofDays(number("--days", days, MAX_DAYS)))
                .truncatedTo(ChronoUnit.SECONDS)
                .toString());
      }
      show(api.ask("POST", "", body));
    });
  }

  @Command(
      name = "rotate",
      description = "Replaces a token by a new one and prints the new secret, this once.")
  private int rotate(
      @Mixin TokenId tokenId,
      @Option(
              names = "--overlap-minutes",
              paramLabel = "N",
              description = "How long the old one still works beside it, 0 to 10080.")
          @Nullable String overlap) {
    return status(() -> {
      String id = tokenId.required();
      ObjectNode body = Json.MAPPER.createObjectNode();
      if (overlap != null) {
        body.put("overlapMinutes", number("--overlap-minutes", overlap, MAX_OVERLAP_MINUTES));
      }
      show(api.ask("POST", "/" + id + "/rotate", body));
    });
  }

  @Command(name = "revoke", description = "Revokes a token at once.")
  private int revoke(@Mixin TokenId tokenId) {
    return status(() -> {
      api.ask("DELETE", "/" + tokenId.required(), null);
      err.println("Revoked: it no longer works.");
    });
  }

  @Command(name = "list", description = "Lists all tokens, without their secrets.")
  private int list() {
    return status(this::printTokens);
  }

  private void printTokens() {
    out.printf(
        Locale.ROOT,
        "%-36s  %-8s  %-10s  %-20s  %-36s  %s%n",
        "ID",
        "KIND",
        "STATE",
        "LAST USED",
        "USER",
        "NAME");
    for (JsonNode token : api.ask("GET", "", null).get("tokens")) {
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
    Duration left = Duration.between(clock.get().instant(), Instant.parse(expiresAt.asString()));
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

  private static int number(String option, String text, int maximum) {
    try {
      int number = Integer.parseInt(text);
      if (number >= 0 && number <= maximum) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw CommandLineSetup.outOfRange(option, text, 0, maximum);
  }
}
