package com.ytempire.sidecar.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Google's OAuth client and how its services are reached.
 *
 * @param apiKey for what everybody may see; null: none
 * @param timeout of a call
 */
public record GoogleSettings(
    String clientId,
    String clientSecret,
    @Nullable String apiKey,
    Duration timeout,
    GoogleUrls urls) {
  static GoogleSettings read(SettingsReader reader) {
    return new GoogleSettings(
        reader.text("GOOGLE_CLIENT_ID", null),
        reader.secret("GOOGLE_CLIENT_SECRET"),
        reader.optionalSecret("GOOGLE_API_KEY"),
        Duration.ofSeconds(reader.number("GOOGLE_TIMEOUT_SECONDS", 30, 1, 600)),
        GoogleUrls.read(reader));
  }

  @Override
  public String toString() {
    return "GoogleSettings[" + clientId + "]";
  }
}
