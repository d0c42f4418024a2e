package com.ytempire.sidecar;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.Config.DatabaseAccess;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.oauth.GrantCipher;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration and runs. With a word on its command line it is one of the operators'
 * commands instead: {@code keyset}, {@code migrate} or {@code token}.
 */
public final class Main {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  static final String MIGRATE_USAGE =
      """
      ./ytempire migrate           migrates the database as its administrator; reads YTEMPIRE_DATABASE_URL,
                                   YTEMPIRE_DATABASE_ADMIN_PASSWORD and YTEMPIRE_DATABASE_PASSWORD (or their _FILE)
      """;

  static final String KEYSET_USAGE =
      """
      ./ytempire keyset new        prints a fresh keyset for YTEMPIRE_GRANT_KEYSET
      To change the key, each step with a restart of all sidecars, one after the other;
      each reads YTEMPIRE_GRANT_KEYSET (or YTEMPIRE_GRANT_KEYSET_FILE) and prints the next one:
      ./ytempire keyset add        one key more, which is known but not yet used
      ./ytempire keyset promote    encrypt with the newest key; the grants and the signing secrets
                                   of webhooks and pushes follow within two hours
      ./ytempire keyset prune      throw the other keys away, then
      """;

  private Main() {}

  /** Exit status 2: the settings or words cannot be used; 1: a part that is needed is away. */
  public static void main(String[] arguments) {
    List<String> words = List.of(arguments);
    if (!words.isEmpty()) {
      System.exit(command(words.getFirst(), words.subList(1, words.size())));
    }
    App app;
    try {
      Config config = Config.from(System.getenv());
      app = App.start(config, clock(config.clockOffset()));
    } catch (Config.Invalid | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    } catch (RuntimeException e) {
      log.error("the sidecar cannot start: {}", e.getMessage());
      log.debug("because", e);
      System.exit(1);
      return;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  app.close();
                  log.info("stopped");
                }));
    log.info("listening on port {}", app.port());
  }

  /**
   * Returns the product's only clock, moved by {@code YTEMPIRE_CLOCK_OFFSET}, and warns when that
   * is not the machine's time.
   */
  static Clock clock(Duration offset) {
    Clock clock = Clock.offset(Clock.systemUTC(), offset);
    if (!offset.isZero()) {
      log.warn(
          "YTEMPIRE_CLOCK_OFFSET={}: this sidecar takes it to be {}. That is for demos and tests"
              + " only: quota windows, due times and stored timestamps are wrong for the real Google.",
          offset,
          clock.instant());
    }
    return clock;
  }

  private static int command(String name, List<String> words) {
    return switch (name) {
      case "token" -> token(words);
      case "keyset" -> keyset(words);
      case "migrate" -> migrate();
      default -> {
        System.err.println(
            "There is no command '"
                + name
                + "'.\n\n"
                + MIGRATE_USAGE
                + KEYSET_USAGE
                + TokenCommand.USAGE);
        yield 2;
      }
    };
  }

  private static int migrate() {
    try {
      DatabaseAccess access = Config.databaseToMigrate(System.getenv());
      Database.migrate(access);
      Database.liftClockLimit(access, clock(Config.clockOffset(System.getenv())));
      System.out.println("The database is migrated.");
      return 0;
    } catch (Config.Invalid e) {
      System.err.println(e.getMessage());
      return 2;
    } catch (RuntimeException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private static int token(List<String> words) {
    try {
      Clock clock = clock(Config.clockOffset(System.getenv()));
      return new TokenCommand(System.getenv(), System.out, System.err, clock).run(words);
    } catch (Config.Invalid e) {
      System.err.println(e.getMessage());
      return 2;
    }
  }

  private static int keyset(List<String> words) {
    try {
      String keyset =
          switch (String.join(" ", words)) {
            case "new" -> GrantCipher.newKeyset();
            case "add" -> GrantCipher.added(Config.grantKeyset(System.getenv()));
            case "promote" -> GrantCipher.promoted(Config.grantKeyset(System.getenv()));
            case "prune" -> GrantCipher.pruned(Config.grantKeyset(System.getenv()));
            default -> "";
          };
      if (keyset.isEmpty()) {
        System.err.println(KEYSET_USAGE);
        return 2;
      }
      System.out.println(keyset);
      return 0;
    } catch (Config.Invalid | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return 2;
    }
  }
}
