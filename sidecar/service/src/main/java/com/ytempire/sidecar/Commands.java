package com.ytempire.sidecar;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.Config.DatabaseAccess;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.oauth.GrantCipher;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.function.UnaryOperator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The operators' commands: {@code migrate}, {@code keyset} and {@code token}. Kept apart from
 * {@link Main}, so that a sidecar that serves does not load the command-line parser.
 */
@Command(
    name = "./ytempire",
    description = "Operators' commands. Without a command, the sidecar's jar serves.")
final class Commands {
  private static final int UNUSABLE = 2;

  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this text.")
  private boolean help;

  private Commands(Map<String, String> environment, PrintStream out, PrintStream err) {
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs a command.
   *
   * @return the exit status: 0 done; 1 a part that is needed is away or refuses; 2 the command line
   *     or the settings cannot be used
   */
  static int run(
      Map<String, String> environment, PrintStream out, PrintStream err, String... arguments) {
    Commands commands = new Commands(environment, out, err);
    CommandLine line =
        new CommandLine(commands)
            .addSubcommand(new KeysetCommand(environment, out, err))
            .addSubcommand(new TokenCommand(environment, out, err, commands::clock));
    return configure(line, out, err).execute(arguments);
  }

  /** Sets how a command line is parsed and how its errors are reported. */
  static CommandLine configure(CommandLine line, PrintStream out, PrintStream err) {
    return line.setExpandAtFiles(false)
        .setOverwrittenOptionsAllowed(true)
        .setUsageHelpWidth(100)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler((e, arguments) -> {
          err.println(message(e));
          err.println();
          e.getCommandLine().usage(err, Ansi.OFF);
          return UNUSABLE;
        })
        .setExecutionExceptionHandler((e, command, result) -> {
          if (e instanceof Config.Invalid) {
            err.println(e.getMessage());
            return UNUSABLE;
          }
          throw e;
        });
  }

  /** Says what is wrong; repeats no word that could be a secret. */
  private static String message(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    if (e instanceof MissingParameterException missing
        && !missing.getMissing().isEmpty()
        && missing.getMissing().getFirst() instanceof CommandLine.Model.OptionSpec option) {
      return option.longestName() + " needs a value.";
    }
    if (e instanceof UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().getFirst();
      if (word.startsWith("-")) {
        return "There is no option '%s'.".formatted(word.replaceFirst("=.*", ""));
      }
      boolean isGroup = !e.getCommandLine().getSubcommands().isEmpty();
      if (isGroup && word.matches("[a-z-]{1,20}")) {
        String group = command.replaceFirst("^\\./ytempire ?", "");
        return group.isEmpty()
            ? "There is no command '%s'.".formatted(word)
            : "There is no '%s %s'.".formatted(group, word);
      }
      return isGroup
          ? "There is no such command of '%s'.".formatted(command)
          : "'%s' takes no further words.".formatted(command);
    }
    return String.valueOf(e.getMessage());
  }

  private Clock clock() {
    return Main.clock(Config.clockOffset(environment));
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
    } catch (Config.Invalid e) {
      err.println(e.getMessage());
      return UNUSABLE;
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
      } catch (Config.Invalid | IllegalArgumentException e) {
        err.println(e.getMessage());
        return UNUSABLE;
      }
    }
  }
}
