package com.ytempire.sidecar;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.oauth.GrantCipher;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration and runs; {@code keyset} instead prints a fresh keyset for
 * YTEMPIRE_GRANT_KEYSET.
 */
public final class Main {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /** Exit status 2: the settings cannot be used; 1: a part that is needed is away. */
  public static void main(String[] arguments) {
    if (arguments.length == 1 && arguments[0].equals("keyset")) {
      System.out.println(GrantCipher.newKeyset());
      return;
    }
    App app;
    try {
      app = App.start(Config.from(System.getenv()), Clock.systemUTC());
    } catch (Config.Invalid | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    } catch (RuntimeException e) {
      log.error("the sidecar cannot start: {}", e.getMessage());
      log.debug("because", e);
      System.exit(1);
      return;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  app.close();
                  log.info("stopped");
                }));
    log.info("listening on port {}", app.port());
  }
}
