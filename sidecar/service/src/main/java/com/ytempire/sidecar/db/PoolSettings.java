package com.ytempire.sidecar.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/**
 * A pool of connections, opened as they are needed.
 *
 * @param isChecked whether to fail when the first connection cannot be opened; otherwise it is
 *     opened by a thread of the pool
 */
record PoolSettings(String url, Login login, String name, int connections, boolean isChecked) {
  /**
   * How long the pool may take to open a connection; with a permit in hand nothing else is waited
   * for. A connection that takes longer is asked for again within the deadline, which a longer
   * timeout would overrun.
   */
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);

  /** Longest that an answer of the server is waited for; jobs of our own have no other limit. */
  static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

  /** A login of PostgreSQL. */
  record Login(String name, String password) {
    @Override
    public String toString() {
      return name;
    }
  }

  HikariDataSource open(MeterRegistry meters) {
    HikariConfig hikari = new HikariConfig();
    hikari.setPoolName(name);
    hikari.setJdbcUrl(url);
    hikari.setUsername(login.name());
    hikari.setPassword(login.password());
    hikari.setMaximumPoolSize(connections);
    hikari.setMinimumIdle(1);
    if (!isChecked) {
      hikari.setInitializationFailTimeout(-1);
    }
    hikari.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    hikari.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(meters));
    // Parameters take the type that the statement wants, nulls too.
    hikari.addDataSourceProperty("stringtype", "unspecified");
    hikari.addDataSourceProperty("ApplicationName", "ytempire-sidecar");
    hikari.addDataSourceProperty("socketTimeout", String.valueOf(READ_TIMEOUT.toSeconds()));
    return new HikariDataSource(hikari);
  }
}
