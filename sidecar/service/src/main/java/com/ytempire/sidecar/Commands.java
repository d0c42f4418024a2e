package com.ytempire.sidecar;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.config.InvalidSettings;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.oauth.GrantCipher;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The operators' commands: {@code migrate}, {@code grafana}, {@code keyset} and {@code token}. Kept
 * apart from {@link Main}, so that a sidecar that serves does not load the command-line parser.
 */
@Command(
    name = "./ytempire",
    description = "Operators' commands. Without a command, the sidecar's jar serves.")
final class Commands {
  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;
  private final Function<Duration, Clock> clocks;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this text.")
  private boolean help;

  private Commands(
      Map<String, String> environment,
      PrintStream out,
      PrintStream err,
      Function<Duration, Clock> clocks) {
    this.environment = environment;
    this.out = out;
    this.err = err;
    this.clocks = clocks;
  }

  /**
   * Runs a command.
   *
   * @param clocks makes the clock that is ahead of the machine's by an offset
   * @return the exit status: 0 done; 1 a part that is needed is unavailable or refuses; 2 the
   *     command line or the settings cannot be used
   */
  static int run(
      Map<String, String> environment,
      PrintStream out,
      PrintStream err,
      Function<Duration, Clock> clocks,
      String... arguments) {
    Commands commands = new Commands(environment, out, err, clocks);
    CommandLine line =
        new CommandLine(commands)
            .addSubcommand(new GrafanaCommand(out, err))
            .addSubcommand(new KeysetCommand(environment, out, err))
            .addSubcommand(new TokenCommand(environment, out, err, commands::clock));
    return CommandLineSetup.configure(line, out, err).execute(arguments);
  }

  private Clock clock() {
    return clocks.apply(Config.clockOffset(environment));
  }

  @Command(
      name = "migrate",
      description = {
        "Migrates the database as its administrator.",
        "Reads YTEMPIRE_DATABASE_URL, YTEMPIRE_DATABASE_ADMIN_PASSWORD and"
            + " YTEMPIRE_DATABASE_PASSWORD (or their _FILE)."
      })
  private int migrate() {
    try {
      DatabaseAccess access = Config.databaseToMigrate(environment);
      Database.migrate(access);
      Database.liftClockLimit(access, clock());
      out.println("The database is migrated.");
      return 0;
    } catch (InvalidSettings e) {
      err.println(e.getMessage());
      return CommandLineSetup.UNUSABLE;
    } catch (RuntimeException e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  /** Makes and changes the keyset that encrypts the channels' Google grants. */
  @Command(
      name = "keyset",
      description = {
        "Makes and changes the key that encrypts the channels' Google grants.",
        "To change the key, add, promote and prune, each with a restart of all sidecars, one after"
            + " the other; each reads YTEMPIRE_GRANT_KEYSET (or YTEMPIRE_GRANT_KEYSET_FILE) and"
            + " prints the next one."
      })
  private static final class KeysetCommand {
    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    KeysetCommand(Map<String, String> environment, PrintStream out, PrintStream err) {
      this.environment = environment;
      this.out = out;
      this.err = err;
    }

    @Command(name = "new", description = "Prints a fresh keyset for YTEMPIRE_GRANT_KEYSET.")
    private int create() {
      out.println(GrantCipher.newKeyset());
      return 0;
    }

    @Command(name = "add", description = "Adds a key, which is known but not yet used.")
    private int add() {
      return change(GrantCipher::added);
    }

    @Command(
        name = "promote",
        description =
            "Encrypts with the newest key; the grants and the signing secrets of webhooks and pushes follow within two hours.")
    private int promote() {
      return change(GrantCipher::promoted);
    }

    @Command(name = "prune", description = "Removes the other keys, two hours after promote.")
    private int prune() {
      return change(GrantCipher::pruned);
    }

    private int change(UnaryOperator<String> change) {
      try {
        out.println(change.apply(Config.grantKeyset(environment)));
        return 0;
      } catch (InvalidSettings | IllegalArgumentException e) {
        err.println(e.getMessage());
        return CommandLineSetup.UNUSABLE;
      }
    }
  }
}
