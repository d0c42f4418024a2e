package com.ytempire.sidecar.config;

/**
 * The stores of all state.
 *
 * @param eventsPerUserDay how many events are recorded of a user on a day (UTC)
 * @param exportBytes that exports under way may hold on the disk of a sidecar
 */
public record StorageSettings(
    DatabaseAccess database, RedisSettings redis, int eventsPerUserDay, long exportBytes) {
  static StorageSettings read(SettingsReader reader) {
    return new StorageSettings(
        DatabaseAccess.read(reader),
        RedisSettings.read(reader),
        reader.number("EVENTS_PER_USER_DAY", 50_000, 1, 1_000_000_000),
        (long) reader.number("EXPORT_MEGABYTES", 192, 4, 1_000_000) << 20);
  }
}
