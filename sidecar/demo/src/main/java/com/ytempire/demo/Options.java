package com.ytempire.demo;

import com.ytempire.sidecar.CommandLineSetup;
import com.ytempire.sidecar.CommandLineSetup.InvalidArgument;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The options of the command line.
 *
 * @param once stop after the first sync, or the week
 * @param portBase first of eight ports, null for free ones
 * @param at what the product takes the moment of its start to be; null: the machine's time
 * @param busy whether other work takes the processors meanwhile
 * @param week whether a week follows, by a moved clock
 * @param kills how many times a part is killed or stopped during a sync; null: the demo runs
 *     undisturbed
 * @param dashboards whether one user's dashboards are drawn with {@code --once}
 * @param pool connections that the sidecar has to PostgreSQL; null: its default
 * @param fresh whether it begins without what an earlier demo stored
 */
record Options(
    boolean once,
    int users,
    int channels,
    long seed,
    @Nullable Integer portBase,
    @Nullable Instant at,
    boolean busy,
    boolean dashboards,
    @Nullable Integer pool,
    boolean week,
    @Nullable Integer kills,
    boolean fresh) {

  /** The help was asked for. */
  static final class HelpRequest extends RuntimeException {
    private static final long serialVersionUID = 1;

    HelpRequest(String help) {
      super(help);
    }
  }

  /** The options as they are declared. */
  @Command(
      name = "./ytempire demo",
      description = "Runs the whole product on this machine; Ctrl-C stops it all.")
  private static final class DeclaredOptions {
    @Option(
        names = "--once",
        description = "Stop after the first sync; exit 0 only if every channel has its rows.")
    private boolean once;

    @Option(
        names = "--users",
        paramLabel = "N",
        description = "Users to create, 1 to 500; 50 when left out, 4 with --week.")
    private @Nullable Long users;

    @Option(
        names = "--channels",
        paramLabel = "M",
        description = "Channels of each user, 1 to 5; 5 when left out, 2 with --kills or --week.")
    private @Nullable Long channels;

    @Option(
        names = "--seed",
        paramLabel = "S",
        defaultValue = "1",
        description = "Another simulated world; ${DEFAULT-VALUE} when left out.")
    private long seed;

    @Option(
        names = "--port-base",
        paramLabel = "P",
        description = "Use the ports P to P+7, P from 1024 to 65000, instead of free ones.")
    private @Nullable Long portBase;

    @Option(
        names = "--at",
        paramLabel = "MOMENT",
        description = "Let all parts take it to be another time, such as 2026-12-31T23:58-08:00.")
    private @Nullable String at;

    @Option(
        names = "--busy",
        description = "With a process beside it for each core that computes without rest.")
    private boolean busy;

    @Option(
        names = "--no-dashboards",
        description = "Without drawing one user's dashboards, with --once.")
    private boolean noDashboards;

    @Option(
        names = "--pool",
        paramLabel = "N",
        description = "Connections of the sidecar to PostgreSQL, 2 to 100; 16 when left out.")
    private @Nullable Long pool;

    @Option(
        names = "--week",
        description =
            "Live through a week by a moved clock after the first sync: reports, an outage, a late"
                + " payment; instead of dashboards.")
    private boolean week;

    @Option(
        names = "--kills",
        paramLabel = "N",
        description =
            "With --once, instead of --users: kill or stop a part in N syncs, 1 to 200, and check"
                + " that all heals and nothing is lost.")
    private @Nullable Long kills;

    @Option(
        names = "--fresh",
        description =
            "Begin with an empty store. Without this, --once, --at, --week and --kills a later demo"
                + " with the same users, channels, seed and build goes on with what an earlier one"
                + " stored.")
    private boolean fresh;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this text.")
    private boolean help;
  }

  /**
   * Parses the command line.
   *
   * @throws InvalidArgument if it cannot be used
   * @throws HelpRequest with {@code --help}
   */
  static Options parse(String... arguments) {
    DeclaredOptions declared = new DeclaredOptions();
    CommandLine line = CommandLineSetup.configure(new CommandLine(declared));
    try {
      line.parseArgs(arguments);
    } catch (ParameterException e) {
      throw new InvalidArgument(
          CommandLineSetup.message(e) + " ./ytempire demo --help lists the options.");
    }
    if (declared.help) {
      throw new HelpRequest(line.getUsageMessage(Ansi.OFF));
    }
    @Nullable Integer kills = checked("--kills", declared.kills, 1, 200);
    if (kills != null && (!declared.once || declared.users != null)) {
      throw new InvalidArgument(
          "--kills needs --once, and takes no --users: each kill has a user of its own.");
    }
    if (kills != null && declared.week) {
      throw new InvalidArgument("--kills and --week do not go together.");
    }
    @Nullable Integer users = checked("--users", declared.users, 1, 500);
    @Nullable Integer channels = checked("--channels", declared.channels, 1, 5);
    return new Options(
        declared.once,
        // One more is synced undisturbed.
        kills != null ? kills + 1 : users != null ? users : declared.week ? 4 : 50,
        channels != null ? channels : kills == null && !declared.week ? 5 : 2,
        CommandLineSetup.requireRange("--seed", declared.seed, 0, Long.MAX_VALUE),
        checked("--port-base", declared.portBase, 1024, 65_000),
        declared.at == null ? null : moment(declared.at),
        declared.busy,
        !declared.noDashboards,
        checked("--pool", declared.pool, 2, 100),
        declared.week,
        kills,
        // Their checks are of a first sync.
        declared.fresh || declared.once || declared.at != null || declared.week);
  }

  private static @Nullable Integer checked(
      String option, @Nullable Long value, long least, long maximum) {
    if (value == null) {
      return null;
    }
    return Math.toIntExact(CommandLineSetup.requireRange(option, value, least, maximum));
  }

  /** The product is of the twenties; a moment far off is a slip of the keyboard. */
  private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");

  private static final Instant LATEST = Instant.parse("2100-01-01T00:00:00Z");

  private static Instant moment(String value) {
    try {
      Instant moment = OffsetDateTime.parse(value).toInstant();
      if (moment.isAfter(EARLIEST) && moment.isBefore(LATEST)) {
        return moment;
      }
    } catch (DateTimeParseException e) {
      // reported below
    }
    throw new InvalidArgument(
        "--at needs a moment from 2020 to 2099 with its offset from UTC, such as 2026-12-31T23:58-08:00, not '%s'."
            .formatted(value));
  }

  int allChannels() {
    return users * channels;
  }
}
