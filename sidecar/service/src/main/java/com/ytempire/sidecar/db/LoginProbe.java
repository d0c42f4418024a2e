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
import java.util.Set;
import java.util.UUID;

/**
 * Tries, on a connection of a tenant's own database login, to see what is another tenant's. Made by
 * the login itself, so that the server's authentication, grants and policies are all part of what
 * is tried. Safe to share between threads.
 */
public final class LoginProbe {
  /** SQLSTATE of what a login may not do. */
  private static final String REFUSED = "42501";

  private static final int CONNECT_SECONDS = 10;

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
   * @return what it saw or may do, a line each; empty when it is isolated
   * @throws SQLException when it cannot be tried, which says nothing
   */
  public List<String> leaks(String login, String password, UUID own, UUID other, String otherLogin)
      throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", login);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", String.valueOf(CONNECT_SECONDS));
    properties.setProperty("ApplicationName", "ytempire isolation probe");
    try (Connection connection = DriverManager.getConnection(url, properties)) {
      List<String> leaks = new ArrayList<>();
      if (!Set.of(own).equals(Set.copyOf(users(connection)))) {
        leaks.add("analytics.users shows " + login + " other users than its own");
      }
      List<String> readable = relations(connection);
      seen(connection, readable, own)
          .forEach(relation -> leaks.add(relation + " shows rows of others"));
      claim(connection, other);
      seen(connection, readable, own)
          .forEach(relation ->
              leaks.add(relation + " shows rows of others to whom claims to be another"));
      for (String role : List.of(SidecarLogin.NAME, otherLogin)) {
        if (isAllowed(connection, "set role " + role)) {
          leaks.add("the login can become " + role);
        }
      }
      return leaks;
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

  /** The relations that show a row of another. */
  private static List<String> seen(Connection connection, List<String> relations, UUID own)
      throws SQLException {
    List<String> seen = new ArrayList<>();
    for (String relation : relations) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "select exists (select from %s where user_id <> ?)".formatted(relation))) {
        statement.setObject(1, own);
        try (ResultSet rows = statement.executeQuery()) {
          if (rows.next() && rows.getBoolean(1)) {
            seen.add(relation);
          }
        }
      }
    }
    return seen;
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
