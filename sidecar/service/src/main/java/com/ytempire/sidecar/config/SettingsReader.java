package com.ytempire.sidecar.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads settings one by one from environment variables and collects what is wrong with them, so
 * that all faults are reported at once. For one thread.
 */
final class SettingsReader {
  static final String PREFIX = "YTEMPIRE_";

  /** A century; no calendar arithmetic of ours leaves its range within it. */
  private static final Duration CLOCK_OFFSET_LIMIT = Duration.ofDays(36_525);

  private final Map<String, String> environment;
  private final Set<String> known =
      new TreeSet<>(
          // Read by LogConfigurator, and by the operators' commands.
          Set.of(
              "YTEMPIRE_LOG_FOLDER",
              "YTEMPIRE_URL",
              "YTEMPIRE_API_TOKEN",
              "YTEMPIRE_API_TOKEN_FILE"));
  private final List<String> faults = new ArrayList<>();

  SettingsReader(Map<String, String> environment) {
    this.environment = environment;
  }

  /** A setting as it is; null when it is left out or blank. */
  @Nullable String raw(String name) {
    known.add(PREFIX + name);
    String value = environment.get(PREFIX + name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  /** A setting, or what is standard; without a standard it must be set. */
  String text(String name, @Nullable String standard) {
    String value = raw(name);
    if (value != null) {
      return value;
    }
    if (standard == null) {
      faults.add(PREFIX + name + " is missing.");
      return "";
    }
    return standard;
  }

  /** An http or https address, without a slash at its end. */
  String address(String name, String standard) {
    String value = text(name, standard);
    try {
      URI uri = new URI(value);
      if (!List.of("http", "https").contains(uri.getScheme()) || uri.getHost() == null) {
        faults.add(PREFIX + name + " is no http or https address: " + value);
      }
    } catch (URISyntaxException e) {
      faults.add(PREFIX + name + " is no address: " + e.getMessage());
    }
    return value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
  }

  /** An address; null when it is left out. */
  @Nullable String optionalAddress(String name) {
    return raw(name) == null ? null : address(name, "");
  }

  /** One of a few words; the first when left out. */
  String choice(String name, String... words) {
    String value = raw(name);
    if (value == null || List.of(words).contains(value)) {
      return value == null ? words[0] : value;
    }
    faults.add(
        "%s%s must be one of: %s; not '%s'."
            .formatted(PREFIX, name, String.join(", ", words), value));
    return words[0];
  }

  /** What is separated by commas; none when left out. */
  <T> List<T> list(String name, Function<String, T> parse) {
    String value = raw(name);
    List<T> parsed = new ArrayList<>();
    for (String text : value == null ? List.<String>of() : List.of(value.split(",", -1))) {
      try {
        parsed.add(parse.apply(text.strip()));
      } catch (IllegalArgumentException e) {
        faults.add("%s%s: %s.".formatted(PREFIX, name, e.getMessage()));
      }
    }
    return List.copyOf(parsed);
  }

  /** A whole number between two, both included. */
  int number(String name, int standard, int min, int max) {
    String value = raw(name);
    if (value == null) {
      return standard;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    faults.add(
        "%s%s must be a whole number from %d to %d, not '%s'."
            .formatted(PREFIX, name, min, max, value));
    return standard;
  }

  /** An ISO-8601 duration, positive or negative; zero when left out. */
  Duration duration(String name) {
    String value = raw(name);
    try {
      Duration duration = value == null ? Duration.ZERO : Duration.parse(value);
      if (duration.abs().compareTo(CLOCK_OFFSET_LIMIT) <= 0) {
        return duration;
      }
    } catch (DateTimeParseException e) {
      // reported below
    }
    faults.add(
        "%s%s must be an ISO-8601 duration of at most %d days either way, such as PT36H or -PT90M, not '%s'."
            .formatted(PREFIX, name, CLOCK_OFFSET_LIMIT.toDays(), value));
    return Duration.ZERO;
  }

  /** A secret, which must be set. */
  String secret(String name) {
    String value = optionalSecret(name);
    if (value == null) {
      faults.add(
          "%s%s is missing; %s%s_FILE may name a file that holds it."
              .formatted(PREFIX, name, PREFIX, name));
      return "";
    }
    return value;
  }

  /** A secret, from its variable or from the file that another names; null when it is left out. */
  @Nullable String optionalSecret(String name) {
    String value = raw(name);
    String file = raw(name + "_FILE");
    if (value != null && file != null) {
      faults.add("%s%s and %s%s_FILE are both set; set one.".formatted(PREFIX, name, PREFIX, name));
    }
    if (file == null) {
      return value;
    }
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      faults.add("%s%s_FILE: cannot read %s.".formatted(PREFIX, name, file));
      return "";
    }
  }

  /** Adds a fault that is found in several settings together. */
  void fault(String sentence) {
    faults.add(sentence);
  }

  /** The names of all settings that were read, with the prefix. */
  Set<String> names() {
    return Set.copyOf(known);
  }

  /**
   * Reports what is wrong.
   *
   * @throws InvalidSettings naming every fault, if there is one
   */
  void check() {
    if (!faults.isEmpty()) {
      throw new InvalidSettings(faults);
    }
  }

  /** As {@link #check}; a variable that was not read is a fault, too. */
  void checkAll() {
    environment.keySet().stream()
        .filter(name -> name.startsWith(PREFIX) && !known.contains(name))
        .sorted()
        .forEach(name ->
            faults.add(name + " is not a setting; docs/operations/settings.md lists them."));
    check();
  }
}
