package com.ytempire.sidecar.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Grafana in which users have their dashboards.
 *
 * @param url its root address for us
 * @param publicUrl its root address for browsers
 * @param user a server administrator
 */
public record GrafanaSettings(
    String url, String publicUrl, String user, String password, GrafanaDatabase database) {
  static @Nullable GrafanaSettings read(SettingsReader reader) {
    String url = reader.optionalAddress("GRAFANA_URL");
    String password = reader.optionalSecret("GRAFANA_PASSWORD");
    String publicUrl = reader.optionalAddress("GRAFANA_PUBLIC_URL");
    String user = reader.text("GRAFANA_USER", "admin");
    GrafanaDatabase database = GrafanaDatabase.read(reader);
    if ((url == null) != (password == null)) {
      reader.fault(
          "YTEMPIRE_GRAFANA_URL and YTEMPIRE_GRAFANA_PASSWORD belong together; set both or neither.");
    }
    return url == null || password == null
        ? null
        : new GrafanaSettings(url, publicUrl == null ? url : publicUrl, user, password, database);
  }

  @Override
  public String toString() {
    return "GrafanaSettings[" + url + "]";
  }

  /**
   * PostgreSQL as Grafana reaches it; where nothing is said, as the sidecar does.
   *
   * @param address host and port
   * @param sslMode disable, require, verify-ca or verify-full
   */
  public record GrafanaDatabase(String address, String name, String sslMode) {
    /** The first host and the database of a JDBC address. */
    private static final Pattern JDBC =
        Pattern.compile("jdbc:postgresql://([^/,?]+)[^/?]*/([^?]+).*");

    private static GrafanaDatabase read(SettingsReader reader) {
      String address = reader.raw("GRAFANA_DATABASE_ADDRESS");
      if (address != null && !address.matches("[A-Za-z0-9.\\[\\]:_-]+:[0-9]{1,5}")) {
        reader.fault(
            "YTEMPIRE_GRAFANA_DATABASE_ADDRESS must be host:port, as Grafana reaches PostgreSQL, not '%s'."
                .formatted(address));
      }
      Matcher own = JDBC.matcher(reader.text("DATABASE_URL", DatabaseAccess.DEFAULT_URL));
      String host = own.matches() ? own.group(1) : "127.0.0.1:5432";
      return new GrafanaDatabase(
          address != null ? address : host.matches(".*:[0-9]+") ? host : host + ":5432",
          own.matches() ? own.group(2) : "ytempire",
          reader.choice("GRAFANA_DATABASE_SSL", "disable", "require", "verify-ca", "verify-full"));
    }
  }
}
