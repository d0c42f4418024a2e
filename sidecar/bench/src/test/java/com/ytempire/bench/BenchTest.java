package com.ytempire.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line of the benchmarks. */
final class BenchTest {
  private record Run(int status, String out, String err) {}

  private static Run run(String words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Bench.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            words.strip().split(" +"));
    return new Run(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          speed                      | There is no 'bench speed'
          --fast                     | There is no option '--fast'
          store --users 3            | There is no option '--users'
          store --rounds             | --rounds needs a value
          store --rounds 0           | --rounds takes a whole number from 1 to 99, not '0'
          quota --users 100          | --users takes a whole number from 1 to 99, not '100'
          cycle --users many         | --users takes a whole number, not 'many'
          month --days 61            | --days takes a whole number from 1 to 60, not '61'
          load --users 5001          | --users takes a whole number from 1 to 5000, not '5001'
          start --rounds 101         | --rounds takes a whole number from 1 to 100, not '101'
          panels --users 7           | --users takes a whole number from 8 to 200, not '7'
          fairness 3                 | takes no further words
          """)
  void what_cannot_be_used_is_explained_with_exit_status_2(String words, String message) {
    Run run = run(words);
    assertEquals(2, run.status(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertEquals("", run.out());
  }

  @ParameterizedTest
  @CsvSource({
    "--help,              neighbours",
    "store --help,        --rounds",
    "quota --help,        --users",
    "cycle --help,        --users",
    "start --help,        --rounds",
    "fairness --help,     FIFO",
    "quota-check --help,  Redis",
    "month --help,        --picture",
    "load --help,         --callers",
    "neighbours --help,   hostile",
    "panels --help,       --rounds"
  })
  void every_benchmark_has_help(String words, String part) {
    Run run = run(words);
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains(part), run.out());
    assertEquals("", run.err());
  }
}
