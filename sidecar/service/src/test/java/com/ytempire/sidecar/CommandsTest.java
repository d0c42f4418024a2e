package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The operators' commands, as far as they need no running part. */
final class CommandsTest {
  private record Run(int status, String out, String err) {}

  private static Run run(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Commands.run(
            Map.of("YTEMPIRE_API_TOKEN", "yte_operator_of_a_test"),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Main::clock,
            words);
    return new Run(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          serve                                  | There is no command 'serve'
          --fast                                 | There is no option '--fast'
          keyset                                 | Missing required subcommand
          keyset make                            | There is no 'keyset make'
          keyset new --size=3                    | There is no option '--size'
          migrate --fast                         | There is no option '--fast'
          token                                  | Missing required subcommand
          token create --kind                    | --kind needs a value
          token create --days 40000              | --days takes a whole number from 0 to 36500, not '40000'
          token create --days many               | not 'many'
          token rotate                           | Say which token
          token list extra                       | takes no further words
          grafana                                | Missing required subcommand
          grafana verify                         | --url takes an http or https address
          grafana verify --url ftp://x           | --url takes an http or https address
          grafana verify --url http://u:pw@x     | --url takes no user or password
          grafana verify --url http://x          | --password-file is missing
          grafana verify --url http://x --password-file /no/such | cannot read /no/such
          """)
  void what_cannot_be_used_is_explained_with_exit_status_2(String words, String message) {
    Run run = run(words.strip().split(" +"));
    assertEquals(2, run.status(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertFalse(run.err().contains("pw@"), run.err());
    assertEquals("", run.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "yte_service_secret",
        "token yte_service_secret",
        "token list yte_service_secret",
        "token revoke yte_service_secret",
        "token revoke --token=yte_service_secret"
      })
  void a_secret_at_a_wrong_place_is_not_repeated(String words) {
    Run run = run(words.split(" "));
    assertEquals(2, run.status());
    assertFalse(run.err().contains("yte_service_secret"), run.err());
  }

  @ParameterizedTest
  @CsvSource({
    "--help,               token",
    "migrate --help,       YTEMPIRE_DATABASE_ADMIN_PASSWORD",
    "keyset --help,        promote",
    "keyset add --help,    ./ytempire keyset add",
    "token --help,         YTEMPIRE_URL",
    "token create --help,  --scopes",
    "token rotate -h,      --overlap-minutes"
  })
  void every_command_has_help(String words, String part) {
    Run run = run(words.split(" "));
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains(part), run.out());
    assertEquals("", run.err());
  }

  @Test
  void a_keyset_is_the_only_output_of_keyset_new() {
    Run run = run("keyset", "new");
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().startsWith("{"), run.out());
    assertEquals("", run.err());
  }

  @Test
  void a_start_without_arguments_loads_no_command_line_parser() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    // Nothing is set, so that the start ends after the configuration.
    builder.environment().keySet().removeIf(name -> name.startsWith("YTEMPIRE_"));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(2, process.waitFor(), output);
    assertTrue(output.contains("com.ytempire.sidecar.config.Config"), output);
    assertFalse(output.contains("picocli."), "the parser is loaded");
  }

  @Test
  void a_command_leaves_nothing_where_it_runs(@TempDir Path folder) throws Exception {
    ProcessBuilder command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "keyset",
                "new")
            .directory(folder.toFile())
            .redirectErrorStream(true);
    command.environment().remove("YTEMPIRE_LOG_FOLDER");
    Process running = command.start();
    String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, running.waitFor(), said);
    assertTrue(said.contains("primaryKeyId"), said);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }
}
