package com.ytempire.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Prints to the terminal and into a file of its own, and judges aims. Used by one thread. */
final class Findings implements AutoCloseable {
  private final PrintStream terminal;
  private final PrintStream file;
  private final Path path;
  private boolean allMet = true;

  /**
   * Opens {@code STATE/bench/NAME.txt}, which is written anew.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  Findings(Path state, String name, PrintStream terminal) {
    this.terminal = terminal;
    this.path = state.resolve("bench").resolve(name + ".txt");
    try {
      Files.createDirectories(path.getParent());
      OutputStream out = Files.newOutputStream(path);
      this.file = new PrintStream(out, true, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void say(String format, Object... values) {
    String line = String.format(Locale.ROOT, format, values);
    terminal.println(line);
    file.println(line);
  }

  /** Prints an aim with what was measured, and whether it was met. */
  void aim(boolean isMet, String format, Object... values) {
    allMet &= isMet;
    say("%s: %s", String.format(Locale.ROOT, format, values), isMet ? "met" : "not met");
  }

  boolean allMet() {
    return allMet;
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    file.close();
  }
}
