package com.ytempire.sidecar;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * Everything stored of each of some users, in one line that changes when any of it does. One query
 * over some dozen tables reads all users, and is kept by the server: to plan it takes ten times as
 * long as to run it. Used by one thread.
 */
final class Fingerprints {
  /** But for what is observed of the attacks themselves, which is no row of the user's. */
  private static final String TABLES =
      """
      select n.nspname || '.' || c.relname as name
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
       where n.nspname in ('core', 'sec') and c.relkind = 'r' and c.relname <> 'tenant_activity'
       order by 1
      """;

  private final Connection admin;
  private final List<String> userIds;
  private final PreparedStatement listing;

  /** The tables of {@link #query}. */
  private List<String> tables = List.of();

  private @Nullable PreparedStatement query;

  /**
   * Reads nothing yet.
   *
   * @param admin a session of the administrator, open for as long as this is used
   */
  Fingerprints(Connection admin, List<String> userIds) throws SQLException {
    this.admin = admin;
    this.userIds = List.copyOf(userIds);
    this.listing = kept(TABLES);
  }

  private PreparedStatement kept(String sql) throws SQLException {
    PreparedStatement statement = admin.prepareStatement(sql);
    statement.unwrap(PGStatement.class).setPrepareThreshold(1);
    return statement;
  }

  /** What is stored now, by the user's id. A table without rows of a user is not in its line. */
  Map<String, String> now() throws SQLException {
    Map<String, StringBuilder> lines = new HashMap<>();
    userIds.forEach(userId -> lines.put(userId, new StringBuilder()));
    try (ResultSet rows = ofAllTables().executeQuery()) {
      while (rows.next()) {
        StringBuilder line = Objects.requireNonNull(lines.get(rows.getString("user_id")));
        line.append(line.isEmpty() ? "" : ", ")
            .append(
                "{name=%s, sum=%s, n=%d}"
                    .formatted(rows.getString("name"), rows.getString("sum"), rows.getLong("n")));
      }
    }
    return lines.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, line -> line.getValue().toString()));
  }

  /** The query of all tables that there are: an attack may have made one. */
  private PreparedStatement ofAllTables() throws SQLException {
    List<String> found = new ArrayList<>();
    try (ResultSet rows = listing.executeQuery()) {
      while (rows.next()) {
        found.add(rows.getString("name"));
      }
    }
    PreparedStatement known = query;
    if (known == null || !found.equals(tables)) {
      known = kept(found.stream().map(this::ofTable).collect(Collectors.joining(" union all ")));
      query = known;
      tables = found;
    }
    return known;
  }

  private String ofTable(String table) {
    String row =
        switch (table) {
          // Their owners use them meanwhile.
          case "core.api_tokens" ->
              "(t.token_id, t.kind, t.name, t.token_hash, t.expires_at, t.revoked_at)";
          // The sidecar tries to send them meanwhile.
          case "core.webhook_subscriptions" ->
              "(t.subscription_id, t.url, t.events, t.secret, t.workflow_id)";
          case "core.webhook_deliveries" ->
              "(t.subscription_id, t.event_id, t.kind, t.at, t.data, t.delivered_at)";
          // Renewed by the database's clock, which no test holds.
          case "core.fetch_leases" -> "(t.channel_id, t.report, t.holder)";
          default -> "t";
        };
    return "select t.user_id::text as user_id, '%1$s' as name, md5(string_agg(%2$s::text, '|' order by %2$s::text)) as sum, count(*) as n from %1$s t where t.user_id in (%3$s) group by t.user_id"
        .formatted(
            table, row, userIds.stream().map("'%s'"::formatted).collect(Collectors.joining(", ")));
  }

  /** The tables whose rows differ between two lines: as they were, and as they are now. */
  static String difference(String before, String now) {
    List<String> earlier = List.of(before.split("(?<=}), "));
    List<String> later = List.of(now.split("(?<=}), "));
    return Stream.concat(
            earlier.stream().filter(table -> !later.contains(table)).map("was "::concat),
            later.stream().filter(table -> !earlier.contains(table)).map("is "::concat))
        .collect(Collectors.joining("\n"));
  }
}
