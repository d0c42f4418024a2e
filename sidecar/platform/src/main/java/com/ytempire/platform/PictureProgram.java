package com.ytempire.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A program that takes pictures in a browser, and checks what they show. It says what it does in
 * lines; those of faults begin with {@link #FAULT}, those of what was left out with {@link
 * #SKIPPED}. Immutable.
 *
 * @param name the program, as messages call it
 * @param log where its output goes; emptied before
 * @param folder that it runs in
 * @param environment settings beside those of this process
 */
public record PictureProgram(
    String name, Path log, Path folder, Map<String, String> environment, List<String> command) {
  /** How a line begins that says what is wrong. */
  public static final String FAULT = "FAULT ";

  /** How a line begins that says what was left out, and why. */
  public static final String SKIPPED = "Skipped: ";

  /**
   * Runs the program to its end, or ends it with all that it started when the timeout has passed.
   *
   * @return its lines of faults and of what was left out, and one more fault when it did not end in
   *     time, with the last line that it said, or failed without naming a fault; empty: all is well
   */
  public List<String> run(Duration timeout) throws IOException, InterruptedException {
    Files.deleteIfExists(log);
    OptionalInt status;
    try (Child program = Child.start(name, log, folder, environment, command)) {
      status = program.awaitExit(timeout);
    }
    List<String> lines = Files.readAllLines(log);
    List<String> found =
        new ArrayList<>(
            lines.stream()
                .filter(line -> line.startsWith(FAULT) || line.startsWith(SKIPPED))
                .toList());
    if (status.isEmpty()) {
      found.add(
          FAULT
              + "%s did not end within %d s. The last line of %s: %s"
                  .formatted(
                      name,
                      timeout.toSeconds(),
                      log.getFileName(),
                      lines.isEmpty() ? "none" : lines.getLast()));
    } else if (status.getAsInt() != 0 && found.stream().noneMatch(line -> line.startsWith(FAULT))) {
      found.add(
          FAULT
              + "%s ended with %d: %s".formatted(name, status.getAsInt(), String.join(" ", lines)));
    }
    return found;
  }
}
