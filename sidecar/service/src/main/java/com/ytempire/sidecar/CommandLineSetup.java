package com.ytempire.sidecar;

import com.ytempire.sidecar.config.InvalidSettings;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The parser settings and the wording of errors that all command lines of the product share. */
public final class CommandLineSetup {
  /** The exit status when the command line or the settings cannot be used. */
  public static final int UNUSABLE = 2;

  private CommandLineSetup() {}

  /** An argument has a value that cannot be used; the message says which and why. */
  public static final class InvalidArgument extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InvalidArgument(String message) {
      super(message);
    }
  }

  /** Sets how a command line is parsed and how its help is laid out. */
  public static CommandLine configure(CommandLine line) {
    return line.setExpandAtFiles(false)
        .setOverwrittenOptionsAllowed(true)
        .setUsageHelpWidth(100)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
  }

  /**
   * As {@link #configure(CommandLine)}, and reports what cannot be used on {@code err}, with exit
   * status {@link #UNUSABLE}.
   */
  public static CommandLine configure(CommandLine line, PrintStream out, PrintStream err) {
    return configure(line)
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler((e, arguments) -> {
          report(message(e), e.getCommandLine(), err);
          return UNUSABLE;
        })
        .setExecutionExceptionHandler((e, command, result) -> {
          switch (e) {
            case InvalidSettings invalid -> err.println(invalid.getMessage());
            case InvalidArgument invalid ->
                report(String.valueOf(invalid.getMessage()), command, err);
            default -> throw e;
          }
          return UNUSABLE;
        });
  }

  private static void report(String message, CommandLine command, PrintStream err) {
    err.println(message);
    err.println();
    command.usage(err, Ansi.OFF);
  }

  /** Says what is wrong with a command line; repeats no word that could be a secret. */
  public static String message(ParameterException e) {
    if (e instanceof MissingParameterException missing
        && !missing.getMissing().isEmpty()
        && missing.getMissing().getFirst() instanceof OptionSpec option) {
      return option.longestName() + " needs a value.";
    }
    if (e instanceof UnmatchedArgumentException unmatched) {
      return message(unmatched, unmatched.getUnmatched().getFirst());
    }
    if (e.getArgSpec() instanceof OptionSpec option) {
      return "%s takes a whole number, not '%s'.".formatted(option.longestName(), e.getValue());
    }
    return String.valueOf(e.getMessage());
  }

  private static String message(UnmatchedArgumentException e, String word) {
    if (word.startsWith("-")) {
      return "There is no option '%s'.".formatted(word.replaceFirst("=.*", ""));
    }
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    if (e.getCommandLine().getSubcommands().isEmpty()) {
      return "'%s' takes no further words.".formatted(command);
    }
    if (!word.matches("[a-z-]{1,20}")) {
      return "There is no such command of '%s'.".formatted(command);
    }
    String group = command.replaceFirst("^\\./ytempire ?", "");
    return group.isEmpty()
        ? "There is no command '%s'.".formatted(word)
        : "There is no '%s %s'.".formatted(group, word);
  }

  /**
   * Returns the value of an option if it is in range.
   *
   * @throws InvalidArgument if it is not
   */
  public static long requireRange(String option, long value, long least, long maximum) {
    if (value < least || value > maximum) {
      throw outOfRange(option, String.valueOf(value), least, maximum);
    }
    return value;
  }

  static InvalidArgument outOfRange(String option, String value, long least, long maximum) {
    return new InvalidArgument(
        "%s takes a whole number from %d to %d, not '%s'."
            .formatted(option, least, maximum, value));
  }
}
