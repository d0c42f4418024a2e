package com.ytempire.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the environment by which the sidecar of a platform is configured. */
final class SidecarEnvironment {
  /** An outage shows, and ends, while somebody looks. */
  private static final String CHECK_INTERVAL_SECONDS = "20";

  private SidecarEnvironment() {}

  /**
   * Makes the environment, with a new keyset and a new password of the sidecar's login.
   *
   * @param root the top level of the project, built
   * @param services settings that lead to the stand-ins of outside services
   * @param pool connections to PostgreSQL; null: the default
   */
  static Map<String, String> of(
      Path root,
      Path logs,
      int port,
      LocalStores stores,
      Map<String, String> services,
      String operatorToken,
      @Nullable Integer pool)
      throws IOException {
    Map<String, String> environment = new HashMap<>(SidecarCommand.ENVIRONMENT);
    environment.put("YTEMPIRE_HTTP_PORT", String.valueOf(port));
    environment.put("YTEMPIRE_METRICS_PORT", "0");
    environment.put("YTEMPIRE_PUBLIC_URL", "http://127.0.0.1:" + port);
    environment.put("YTEMPIRE_DATABASE_URL", stores.postgres().url(SidecarCommand.DATABASE));
    environment.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", stores.postgres().password());
    environment.put("YTEMPIRE_DATABASE_PASSWORD", Secrets.random());
    environment.put("YTEMPIRE_REDIS_URL", stores.redis().url());
    environment.put("YTEMPIRE_REDIS_PASSWORD", stores.redisPassword());
    environment.putAll(services);
    environment.put("YTEMPIRE_CHECK_INTERVAL_SECONDS", CHECK_INTERVAL_SECONDS);
    environment.put("YTEMPIRE_GRANT_KEYSET", keyset(root));
    environment.put("YTEMPIRE_OPERATOR_TOKEN", operatorToken);
    // The n8n beside it, which subscribes.
    environment.put("YTEMPIRE_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8");
    environment.put("YTEMPIRE_LOG_FOLDER", logs.toString());
    if (pool != null) {
      environment.put("YTEMPIRE_DATABASE_POOL_SIZE", pool.toString());
    }
    return environment;
  }

  private static String keyset(Path root) throws IOException {
    Process keyset =
        new ProcessBuilder(SidecarCommand.of(root, "keyset", "new"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new String(keyset.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("{"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the sidecar made no keyset"));
  }
}
