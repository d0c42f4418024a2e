package com.ytempire.demo;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for on the command line.
 *
 * @param once stop after the first sync
 * @param portBase first of six ports, null for free ones
 */
record Options(boolean once, int users, int channels, long seed, @Nullable Integer portBase) {

  /** An option that cannot be used, with a sentence that says why. */
  static final class Invalid extends RuntimeException {
    private static final long serialVersionUID = 1;

    Invalid(String message) {
      super(message);
    }
  }

  static Options parse(String... arguments) {
    boolean once = false;
    Map<String, Long> numbers = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--once" -> once = true;
        case "--users" -> numbers.put("users", number(arguments, i++, 1, 500));
        case "--channels" -> numbers.put("channels", number(arguments, i++, 1, 5));
        case "--seed" -> numbers.put("seed", number(arguments, i++, 0, Long.MAX_VALUE));
        case "--port-base" -> numbers.put("port-base", number(arguments, i++, 1024, 65_000));
        default ->
            throw new Invalid(
                "'%s' is no option of demo; ./ytempire help lists them.".formatted(arguments[i]));
      }
    }
    Long portBase = numbers.get("port-base");
    return new Options(
        once,
        Math.toIntExact(numbers.getOrDefault("users", 50L)),
        Math.toIntExact(numbers.getOrDefault("channels", 5L)),
        numbers.getOrDefault("seed", 1L),
        portBase == null ? null : Math.toIntExact(portBase));
  }

  private static long number(String[] arguments, int at, long least, long most) {
    String option = arguments[at];
    if (at + 1 >= arguments.length) {
      throw new Invalid(option + " needs a number.");
    }
    try {
      long value = Long.parseLong(arguments[at + 1]);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new Invalid(
        "%s must be a whole number from %d to %d, not '%s'."
            .formatted(option, least, most, arguments[at + 1]));
  }

  int allChannels() {
    return users * channels;
  }
}
