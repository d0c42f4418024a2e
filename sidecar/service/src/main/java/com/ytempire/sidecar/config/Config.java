package com.ytempire.sidecar.config;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Everything that can be set, by subject, each from an environment variable whose name begins with
 * {@code YTEMPIRE_}; secrets also from a file, by the same name with {@code _FILE}.
 * docs/operations/settings.md has the table. A setting that is not known, missing or malformed
 * stops the program, and all of them are reported at once.
 *
 * @param clockOffset by which the clock of the product differs from the machine's; for demos and
 *     tests only, zero in production
 */
public record Config(
    HttpSettings http,
    StorageSettings storage,
    SecuritySettings security,
    GoogleSettings google,
    QuotaSettings quotas,
    FetchSettings fetching,
    IntegrationSettings integrations,
    Duration clockOffset) {

  /**
   * Reads the settings.
   *
   * @throws InvalidSettings naming every fault
   */
  public static Config from(Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(environment);
    Config config = read(reader);
    reader.checkAll();
    return config;
  }

  /** Returns the names of all settings, with the prefix. */
  static Set<String> names() {
    SettingsReader reader = new SettingsReader(Map.of());
    var _ = read(reader);
    return reader.names();
  }

  private static Config read(SettingsReader reader) {
    Config config =
        new Config(
            HttpSettings.read(reader),
            StorageSettings.read(reader),
            SecuritySettings.read(reader),
            GoogleSettings.read(reader),
            QuotaSettings.read(reader),
            FetchSettings.read(reader),
            IntegrationSettings.read(reader),
            reader.duration("CLOCK_OFFSET"));
    if (config.fetching().isStatisticsPooled() && config.google().apiKey() == null) {
      reader.fault(
          "YTEMPIRE_PUBLIC_STATISTICS=pooled needs YTEMPIRE_GOOGLE_API_KEY, by which everybody's statistics are asked.");
    }
    return config;
  }

  /**
   * What the migration needs: the database with the administrator's password.
   *
   * @throws InvalidSettings naming every fault
   */
  public static DatabaseAccess databaseToMigrate(Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(environment);
    DatabaseAccess database = DatabaseAccess.read(reader);
    if (database.adminPassword() == null) {
      var _ = reader.secret("DATABASE_ADMIN_PASSWORD");
    }
    reader.check();
    return database;
  }

  /**
   * The keyset alone, for the commands that change it.
   *
   * @throws InvalidSettings without one
   */
  public static String grantKeyset(Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(environment);
    String keyset = reader.secret("GRANT_KEYSET");
    reader.check();
    return keyset;
  }

  /**
   * The offset of the clock alone, for the operators' commands.
   *
   * @throws InvalidSettings when it is no duration
   */
  public static Duration clockOffset(Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(environment);
    Duration offset = reader.duration("CLOCK_OFFSET");
    reader.check();
    return offset;
  }
}
