package com.ytempire.sidecar.config;

import static com.ytempire.sidecar.config.SettingsReader.PREFIX;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How Redis is reached.
 *
 * @param url {@code redis://} or, with TLS, {@code rediss://}; may have a user's name
 * @param password null: none, or in {@code url}
 */
public record RedisSettings(String url, @Nullable String password) {
  static RedisSettings read(SettingsReader reader) {
    String url = reader.optionalSecret("REDIS_URL");
    String password = reader.optionalSecret("REDIS_PASSWORD");
    if (url == null) {
      return new RedisSettings("redis://127.0.0.1:6379", password);
    }
    checkUrl(reader, url, password);
    return new RedisSettings(url, password);
  }

  /** The address may hold a password, which must not be printed. */
  private static void checkUrl(SettingsReader reader, String url, @Nullable String password) {
    String setting = PREFIX + "REDIS_URL";
    try {
      URI uri = new URI(url);
      if (!List.of("redis", "rediss").contains(uri.getScheme()) || uri.getHost() == null) {
        reader.fault(setting + " must be redis://host:port or, with TLS, rediss://host:port.");
      }
      String user = uri.getUserInfo();
      if (password != null && user != null && user.contains(":")) {
        reader.fault(
            "%s has a password and %sREDIS_PASSWORD is set; set one.".formatted(setting, PREFIX));
      }
    } catch (URISyntaxException e) {
      reader.fault(setting + " is no address; write redis://host:port or rediss://host:port.");
    }
  }

  @Override
  public String toString() {
    return "RedisSettings";
  }
}
