package com.ytempire.platform;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the environment by which the sidecar of a platform is configured. */
final class SidecarEnvironment {
  /** An outage shows, and ends, while somebody looks. */
  private static final String CHECK_INTERVAL_SECONDS = "20";

  /**
   * Four times the default: the history of the user whose dashboards are shown is fetched while
   * nobody else needs the minute's quota.
   */
  private static final String USER_QUERIES_A_MINUTE = "240";

  private SidecarEnvironment() {}

  /**
   * Makes the environment.
   *
   * @param services settings that lead to the stand-ins of outside services
   * @param pool connections to PostgreSQL; null: the default
   */
  static Map<String, String> of(
      Path logs,
      int port,
      LocalStores stores,
      Map<String, String> services,
      Secrets secrets,
      @Nullable Integer pool) {
    Map<String, String> environment = new HashMap<>(SidecarCommand.ENVIRONMENT);
    environment.put("YTEMPIRE_HTTP_PORT", String.valueOf(port));
    environment.put("YTEMPIRE_METRICS_PORT", "0");
    environment.put("YTEMPIRE_PUBLIC_URL", "http://127.0.0.1:" + port);
    environment.put("YTEMPIRE_DATABASE_URL", stores.postgres().url(SidecarCommand.DATABASE));
    environment.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", stores.postgres().password());
    environment.put("YTEMPIRE_DATABASE_PASSWORD", secrets.sidecarDatabase());
    environment.put("YTEMPIRE_REDIS_URL", stores.redis().url());
    environment.put("YTEMPIRE_REDIS_PASSWORD", secrets.redis());
    environment.putAll(services);
    environment.put("YTEMPIRE_CHECK_INTERVAL_SECONDS", CHECK_INTERVAL_SECONDS);
    environment.put("YTEMPIRE_QUOTA_ANALYTICS_USER_MINUTE", USER_QUERIES_A_MINUTE);
    environment.put("YTEMPIRE_GRANT_KEYSET", secrets.keyset());
    environment.put("YTEMPIRE_OPERATOR_TOKEN", secrets.operatorToken());
    // The n8n beside it, which subscribes.
    environment.put("YTEMPIRE_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8");
    environment.put("YTEMPIRE_LOG_FOLDER", logs.toString());
    if (pool != null) {
      environment.put("YTEMPIRE_DATABASE_POOL_SIZE", pool.toString());
    }
    return environment;
  }
}
