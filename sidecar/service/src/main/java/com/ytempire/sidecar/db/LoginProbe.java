package com.ytempire.sidecar.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tries, on a connection of a tenant's own database login, to see what is another tenant's. Made by
 * the login itself, so that the server's authentication, grants and policies are all part of what
 * is tried. Safe to share between threads.
 */
public final class LoginProbe {
  /** SQLSTATE of what a login may not do. */
  private static final String REFUSED = "42501";

  private static final int CONNECT_SECONDS = 10;

  /** Longest that a statement of the probe may take; the server cancels it. */
  private static final int STATEMENT_SECONDS = 5;

  /** The class of SQLSTATEs that say that the connection is broken. */
  private static final String BROKEN = "08";

  private final String url;

  /**
   * Creates a probe.
   *
   * @param url of the database, as JDBC takes it
   */
  public LoginProbe(String url) {
    this.url = url;
  }

  /**
   * Tries to read rows of others: through each relation that the login may select from, as itself
   * and after it has claimed to be the other tenant; and in the role of the sidecar and of the
   * other login.
   *
   * @param own the tenant of the login
   * @param other another tenant
   * @param otherLogin a login of the other tenant
   * @param leaks receives what the login sees or may do, a line each, as it is found; nothing when
   *     it is isolated
   * @return what could not be tried, such as a relation whose query timed out, with the reason
   * @throws DatabaseUnavailable when no more can be tried; what was found before stands
   */
  public List<String> probe(
      String login,
      String password,
      UUID own,
      UUID other,
      String otherLogin,
      Consumer<String> leaks) {
    Properties properties = new Properties();
    properties.setProperty("user", login);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", String.valueOf(CONNECT_SECONDS));
    properties.setProperty("socketTimeout", String.valueOf(PoolSettings.READ_TIMEOUT.toSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("ApplicationName", "ytempire isolation probe");
    try (Connection connection = DriverManager.getConnection(url, properties)) {
      limitStatements(connection);
      List<String> untried = new ArrayList<>();
      List<UUID> users = users(connection);
      if (users.stream().anyMatch(user -> !user.equals(own))) {
        leaks.accept("analytics.users shows " + login + " other users than its own");
      }
      if (users.isEmpty()) {
        untried.add("analytics.users, which does not show %s its own user".formatted(login));
      }
      List<String> readable = relations(connection);
      look(connection, readable, own, untried, leaks, " shows rows of others");
      claim(connection, other);
      look(
          connection,
          readable,
          own,
          untried,
          leaks,
          " shows rows of others to whom claims to be another");
      for (String role : List.of(SidecarLogin.NAME, otherLogin)) {
        if (isAllowed(connection, "set role " + role)) {
          leaks.accept("the login can become " + role);
        }
      }
      return untried;
    } catch (SQLException e) {
      throw new DatabaseUnavailable(e);
    }
  }

  private static void limitStatements(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set statement_timeout = '%ds'".formatted(STATEMENT_SECONDS));
    }
  }

  private static List<UUID> users(Connection connection) throws SQLException {
    List<UUID> users = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select user_id from analytics.users")) {
      while (rows.next()) {
        users.add(rows.getObject(1, UUID.class));
      }
    }
    return users;
  }

  /** Relations with users' rows that the login may select from. */
  private static List<String> relations(Connection connection) throws SQLException {
    List<String> relations = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                select format('%I.%I', n.nspname, c.relname)
                  from pg_class c
                  join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('analytics', 'app', 'core', 'sec')
                  join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id' and a.atttypid = 'uuid'::regtype and not a.attisdropped
                 where c.relkind in ('r', 'p', 'v', 'm')
                   and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
                 order by 1
                """)) {
      while (rows.next()) {
        relations.add(rows.getString(1));
      }
    }
    return relations;
  }

  /** Tells which relations show a row of another, and adds those whose query fails to untried. */
  private static void look(
      Connection connection,
      List<String> relations,
      UUID own,
      List<String> untried,
      Consumer<String> leaks,
      String finding)
      throws SQLException {
    for (String relation : relations) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "select exists (select from %s where user_id <> ?)".formatted(relation))) {
        statement.setObject(1, own);
        try (ResultSet rows = statement.executeQuery()) {
          if (rows.next() && rows.getBoolean(1)) {
            leaks.accept(relation + finding);
          }
        }
      } catch (SQLException e) {
        @Nullable String state = e.getSQLState();
        if (state == null || state.startsWith(BROKEN) || connection.isClosed()) {
          throw e;
        }
        untried.add("%s (%s)".formatted(relation, state));
      }
    }
  }

  /** Sets what tells the sidecar's own transactions apart, as any login can. */
  private static void claim(Connection connection, UUID other) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select set_config('app.tenant_id', ?, false)")) {
      statement.setString(1, other.toString());
      statement.execute();
    }
  }

  private static boolean isAllowed(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return true;
    } catch (SQLException e) {
      if (REFUSED.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }
}
