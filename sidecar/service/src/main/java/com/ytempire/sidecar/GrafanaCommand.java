package com.ytempire.sidecar;

import com.ytempire.sidecar.CommandLineSetup.InvalidArgument;
import com.ytempire.sidecar.dashboards.GrafanaVerification;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The operators' command that tries the provisioning of dashboards against a real Grafana. */
@Command(name = "grafana", description = "Tries what the sidecar does in Grafana.")
final class GrafanaCommand {
  private final PrintStream out;
  private final PrintStream err;

  GrafanaCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Command(
      name = "verify",
      description = {
        "Provisions an organization as for a user, looks at it as its account, and removes it.",
        "Prints a line for each step and what failed; exit status 0 only if nothing did.",
        "In the production stack from a sidecar's container: docker compose run --rm --no-deps"
            + " sidecar-a grafana verify --url http://grafana-admin:3000 --password-file"
            + " /run/secrets/grafana_password"
      })
  private int verify(
      @Option(
              names = "--url",
              paramLabel = "URL",
              description =
                  "Grafana's own root address, behind no proxy that keeps administrators out;"
                      + " required.")
          @Nullable String url,
      @Option(
              names = "--user",
              paramLabel = "LOGIN",
              defaultValue = "admin",
              description = "Login of a server administrator; admin when left out.")
          String user,
      @Option(
              names = "--password-file",
              paramLabel = "FILE",
              description = "File that holds its password; required.")
          @Nullable String file) {
    if (url == null || !url.matches("https?://\\S+")) {
      throw new InvalidArgument("--url takes an http or https address.");
    }
    if (url.contains("@")) {
      // What was given is a secret, so nothing repeats it.
      throw new InvalidArgument(
          "--url takes no user or password; pass them by --user and --password-file.");
    }
    if (file == null) {
      throw new InvalidArgument("--password-file is missing.");
    }
    String password;
    try {
      password = Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw new InvalidArgument("--password-file: cannot read " + file + ".");
    }
    return GrafanaVerification.run(url, user, password, out::println, err::println) ? 0 : 1;
  }
}
