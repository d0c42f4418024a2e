package com.ytempire.sidecar.config;

import org.jspecify.annotations.Nullable;

/**
 * The n8n whose executions an erasure deletes.
 *
 * @param url its root address
 * @param apiKey of its public API
 */
public record N8nSettings(String url, String apiKey) {
  static @Nullable N8nSettings read(SettingsReader reader) {
    String url = reader.optionalAddress("N8N_URL");
    String key = reader.optionalSecret("N8N_API_KEY");
    if ((url == null) != (key == null)) {
      reader.fault(
          "YTEMPIRE_N8N_URL and YTEMPIRE_N8N_API_KEY belong together; set both or neither.");
    }
    return url == null || key == null ? null : new N8nSettings(url, key);
  }

  @Override
  public String toString() {
    return "N8nSettings[" + url + "]";
  }
}
