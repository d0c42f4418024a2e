package com.ytempire.bench;

import com.ytempire.engines.LocalPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A JDBC driver that is PostgreSQL's, but for the statements that store days of videos: from these
 * it leaves out what brings the rollups of videos up to date. So the store is measured with and
 * without them in one run, and has no switch for it. Safe to share between threads.
 */
final class WithoutRollups implements Driver {
  private static final String PREFIX = "jdbc:without-rollups:";
  private static final String FIRST_EXPRESSION = ", differences as materialized (";
  private static final String ROLLUPS = "insert into analytics\\.video_(totals|weeks)\\b";

  /** What a row was before, which only the rollups need; chosen and looked up. */
  private static final String PREVIOUS = ", o\\.was_\\w+|, m\\.\\w+ as was_\\w+";

  private final Driver postgres = new org.postgresql.Driver();

  /** Statements as they came, with what is sent instead; the store has a dozen. */
  private final Map<String, String> statements = new ConcurrentHashMap<>();

  private WithoutRollups() {}

  /** Registers the driver with the {@link DriverManager}, once. */
  static void register() throws SQLException {
    if (DriverManager.drivers().noneMatch(WithoutRollups.class::isInstance)) {
      DriverManager.registerDriver(new WithoutRollups());
    }
  }

  /** The address at which a database is reached by this driver, once it is registered. */
  static String url(LocalPostgres server, String database) {
    return PREFIX + server.url(database);
  }

  /**
   * The statement without its rollups of videos; one that has none as it is.
   *
   * @throws IllegalArgumentException if something of the rollups would be left
   */
  static String statement(String sql) {
    int begin = sql.indexOf(FIRST_EXPRESSION);
    if (begin < 0) {
      return requireNoRollup(sql);
    }
    return requireNoRollup(
        (sql.substring(0, begin) + "\n" + sql.substring(mainQuery(sql, begin)))
            .replaceAll(PREVIOUS, ""));
  }

  /** Where the query begins that follows the expressions of {@code with}. */
  private static int mainQuery(String sql, int from) {
    int depth = 0;
    for (int i = from; i < sql.length(); i++) {
      switch (sql.charAt(i)) {
        case '(' -> depth++;
        case ')' -> depth--;
        case 's' -> {
          if (depth == 0 && sql.startsWith("select ", i)) {
            return i;
          }
        }
        default -> {}
      }
    }
    throw new IllegalArgumentException("no query follows the rollups in: " + sql);
  }

  private static String requireNoRollup(String sql) {
    if (sql.matches("(?s).*(" + ROLLUPS + "|\\bwas_).*")) {
      throw new IllegalArgumentException(
          "the store has other statements than this benchmark knows: " + sql);
    }
    return sql;
  }

  @Override
  public @Nullable Connection connect(String url, Properties properties) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    Connection connection = postgres.connect(url.substring(PREFIX.length()), properties);
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("prepareStatement")) {
                arguments[0] =
                    statements.computeIfAbsent((String) arguments[0], WithoutRollups::statement);
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getTargetException();
              }
            });
  }

  @Override
  public boolean acceptsURL(String url) {
    return url.startsWith(PREFIX);
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
    return new DriverPropertyInfo[0];
  }

  @Override
  public int getMajorVersion() {
    return postgres.getMajorVersion();
  }

  @Override
  public int getMinorVersion() {
    return postgres.getMinorVersion();
  }

  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return postgres.getParentLogger();
  }
}
