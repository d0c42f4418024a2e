package com.ytempire.demo;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for on the command line.
 *
 * @param once stop after the first sync
 * @param portBase first of six ports, null for free ones
 * @param at what the product takes the moment of its start to be; null: the machine's time
 * @param busy whether other work takes the processors meanwhile
 * @param panels whether the nodes' panels in the editor are checked, where a Chromium is installed
 * @param kills how many times a part is killed or stopped during a sync; null: the demo runs
 *     undisturbed
 * @param pool connections that the sidecar has to PostgreSQL; null: its default
 */
record Options(
    boolean once,
    int users,
    int channels,
    long seed,
    @Nullable Integer portBase,
    @Nullable Instant at,
    boolean busy,
    boolean panels,
    @Nullable Integer pool,
    @Nullable Integer kills) {

  /** An option that cannot be used, with a sentence that says why. */
  static final class Invalid extends RuntimeException {
    private static final long serialVersionUID = 1;

    Invalid(String message) {
      super(message);
    }
  }

  static Options parse(String... arguments) {
    boolean once = false;
    boolean busy = false;
    boolean panels = true;
    Instant at = null;
    Map<String, Long> numbers = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--once" -> once = true;
        case "--busy" -> busy = true;
        case "--no-panels" -> panels = false;
        case "--at" -> at = moment(arguments, i++);
        case "--users" -> numbers.put("users", number(arguments, i++, 1, 500));
        case "--channels" -> numbers.put("channels", number(arguments, i++, 1, 5));
        case "--seed" -> numbers.put("seed", number(arguments, i++, 0, Long.MAX_VALUE));
        case "--port-base" -> numbers.put("port-base", number(arguments, i++, 1024, 65_000));
        case "--kills" -> numbers.put("kills", number(arguments, i++, 1, 200));
        case "--pool" -> numbers.put("pool", number(arguments, i++, 2, 100));
        default ->
            throw new Invalid(
                "'%s' is no option of demo; ./ytempire help lists them.".formatted(arguments[i]));
      }
    }
    @Nullable Integer kills = optional(numbers.get("kills"));
    if (kills != null && (!once || numbers.containsKey("users"))) {
      throw new Invalid(
          "--kills needs --once, and takes no --users: each kill has a user of its own.");
    }
    return new Options(
        once,
        // One more is synced undisturbed.
        kills == null ? Math.toIntExact(numbers.getOrDefault("users", 50L)) : kills + 1,
        Math.toIntExact(numbers.getOrDefault("channels", kills == null ? 5L : 2L)),
        numbers.getOrDefault("seed", 1L),
        optional(numbers.get("port-base")),
        at,
        busy,
        panels,
        optional(numbers.get("pool")),
        kills);
  }

  private static @Nullable Integer optional(@Nullable Long number) {
    return number == null ? null : Math.toIntExact(number);
  }

  private static Instant moment(String[] arguments, int at) {
    String value = at + 1 < arguments.length ? arguments[at + 1] : "";
    try {
      Instant moment = OffsetDateTime.parse(value).toInstant();
      if (moment.isAfter(EARLIEST) && moment.isBefore(LATEST)) {
        return moment;
      }
    } catch (DateTimeParseException e) {
      // reported below
    }
    throw new Invalid(
        "--at needs a moment from 2020 to 2099 with its offset from UTC, such as 2026-12-31T23:58-08:00, not '%s'."
            .formatted(value));
  }

  /** The product is of the twenties; a moment far off is a slip of the keyboard. */
  private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");

  private static final Instant LATEST = Instant.parse("2100-01-01T00:00:00Z");

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
