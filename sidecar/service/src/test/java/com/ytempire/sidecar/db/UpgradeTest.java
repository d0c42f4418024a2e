package com.ytempire.sidecar.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From one version of the database to the next. */
final class UpgradeTest {
  /** The migrations that were published; a line each: SHA-256 and name. */
  private static final Path LANDED = Path.of("../../sql/tests/landed.sha256");

  /**
   * The repeatable scripts of a published version whose replicas may run during an upgrade. A list
   * of signatures would not do instead of the scripts: what is tested is that the migrations
   * replace these views, policies, owners and grants in place, one built on the other, and that a
   * plan made for them goes on working.
   */
  private static final Path PUBLISHED = Path.of("../../sql/tests/published");

  /** The last migration of that version. */
  private static final String LAST_PUBLISHED = "V007";

  private static final Path MIGRATIONS = Path.of("../../sql/migrations");

  private static DatabaseAccess access(String database) {
    return config(database, "redis://127.0.0.1:1").storage().database();
  }

  private static Config config(String database, String redisUrl) {
    return Config.from(
        Platform.settings(database, redisUrl, "http://127.0.0.1:1", GrantCipher.newKeyset()));
  }

  /** A database as the published version left it. */
  private static String published() throws IOException {
    Path folder = Engines.folder("published");
    for (String line : Files.readAllLines(LANDED)) {
      String name = line.split(" +")[1];
      if (name.compareTo(LAST_PUBLISHED + "_~") < 0) {
        Files.copy(MIGRATIONS.resolve(name), folder.resolve(name));
      }
    }
    String database = Engines.freshDatabase();
    Database.migrate(
        access(database),
        List.of("filesystem:" + folder, "filesystem:" + PUBLISHED.toAbsolutePath()));
    return database;
  }

  private static void run(String database, String sql) throws SQLException {
    try (Connection admin = Engines.admin(database);
        var statement = admin.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<Map<String, Object>> rows(String database, String sql) throws SQLException {
    try (Connection admin = Engines.admin(database)) {
      return Platform.rows(admin, sql);
    }
  }

  /** As the service has it in production: without the administrator's password. */
  private static DatabaseAccess runtimeAccess(String database) {
    DatabaseAccess access = access(database);
    return new DatabaseAccess(
        access.url(), access.adminUser(), null, access.password(), access.poolSize());
  }

  @Test
  void a_start_does_not_ask_Flyway_about_its_own_migrations() throws SQLException {
    String database = Engines.migratedDatabase();
    // Flyway could not answer.
    run(database, "revoke select on flyway.flyway_schema_history from ytempire_app");
    Database.open(runtimeAccess(database), Clock.systemUTC()).close();
  }

  @Test
  void a_start_asks_Flyway_when_others_were_the_last_to_migrate() throws SQLException {
    String database = Engines.migratedDatabase();
    run(database, "comment on schema flyway is 'of another version'");
    Database.open(runtimeAccess(database), Clock.systemUTC()).close();
    run(
        database,
        "delete from flyway.flyway_schema_history where version = (select max(version) from flyway.flyway_schema_history)");
    IllegalStateException refusal =
        assertThrows(
            IllegalStateException.class,
            () -> Database.open(runtimeAccess(database), Clock.systemUTC()));
    assertTrue(String.valueOf(refusal.getMessage()).contains("still to run"), refusal.toString());
  }

  @Test
  void a_start_on_an_empty_database_says_what_to_do() {
    String database = Engines.freshDatabase();
    IllegalStateException refusal =
        assertThrows(
            IllegalStateException.class,
            () -> Database.open(runtimeAccess(database), Clock.systemUTC()));
    assertTrue(
        String.valueOf(refusal.getMessage()).contains("./ytempire migrate"), refusal.toString());
  }

  @Test
  void every_migration_has_its_checksum() throws IOException {
    try (var files = Files.list(MIGRATIONS)) {
      assertEquals(
          files.map(file -> file.getFileName().toString()).sorted().toList(),
          Files.readAllLines(LANDED).stream().map(line -> line.split(" +")[1]).toList(),
          "sha256sum V….sql >> ../tests/landed.sha256");
    }
  }

  @Test
  void what_was_published_is_never_edited() throws IOException, GeneralSecurityException {
    for (String line : Files.readAllLines(LANDED)) {
      String[] parts = line.split(" +");
      assertEquals(
          parts[0],
          HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256")
                      .digest(Files.readAllBytes(MIGRATIONS.resolve(parts[1])))),
          parts[1] + " was published; write a new migration instead");
    }
  }

  /** The last migration in which a check that was added to a table read the table. */
  private static final String LAST_SCANNING = "V053";

  @Test
  void a_check_that_is_added_to_a_table_does_not_read_it_while_it_is_locked() throws IOException {
    Pattern added = Pattern.compile("(?is)alter table [^;]*?add constraint [^;]*?check[^;]*;");
    List<String> scanning = new ArrayList<>();
    try (var files = Files.list(MIGRATIONS)) {
      for (Path file : files.sorted().toList()) {
        if (file.getFileName().toString().substring(0, 4).compareTo(LAST_SCANNING) > 0) {
          added
              .matcher(Files.readString(file))
              .results()
              .map(MatchResult::group)
              .filter(statement -> !statement.endsWith(" not valid;"))
              .forEach(scanning::add);
        }
      }
    }
    assertEquals(List.of(), scanning, "add it as not valid");
  }

  @Test
  void a_check_that_was_not_validated_refuses_what_comes() throws SQLException {
    String database = Engines.migratedDatabase();
    run(database, ROWS);
    SQLException refusal =
        assertThrows(
            SQLException.class,
            () -> run(database, "update core.webhook_deliveries set kind = 'No kind'"));
    assertTrue(
        String.valueOf(refusal.getMessage()).contains("webhook_deliveries_kind_known"),
        refusal.toString());
  }

  private static final String ROWS =
      """
      insert into core.users (user_id, email, display_name) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', 'A');
      insert into core.user_dashboard_config (user_id) select user_id from core.users;
      insert into core.channels (user_id, channel_id, slot, channel_name, connection)
        select user_id, 'UC' || repeat('a', 22), 1, 'A one', 'connected' from core.users;
      insert into core.videos (user_id, video_id, channel_id, title, published_at, updated_at)
        select user_id, 'aaaaaaaaa' || n, 'UC' || repeat('a', 22), 'title ' || n, '2026-01-01', '2026-02-02'
          from core.users, generate_series(10, 60) n;
      insert into core.oauth_grants select user_id, 'UC' || repeat('a', 22), 'x', '{a,b}', now(), now() from core.users;
      insert into core.api_tokens (kind, user_id, name, token_hash, created_at) select 'user', user_id, 'n', 'h', now() from core.users;
      insert into core.audit_log (user_id, at, token_id, token_kind, action) select user_id, now(), user_id, 'service', 'x' from core.users;
      insert into core.channel_days (user_id, channel_id, day, views, revenue_usd, created_at, updated_at)
        select user_id, 'UC' || repeat('a', 22), date '2026-01-01' + n, n, n * 0.01, now(), now() from core.users, generate_series(0, 400) n;
      insert into core.video_days (user_id, channel_id, video_id, day, views, created_at, updated_at)
        select user_id, 'UC' || repeat('a', 22), 'aaaaaaaaa10', date '2026-01-01' + n, n, now(), now() from core.users, generate_series(0, 400) n;
      insert into core.channel_statistics (user_id, channel_id, observed_at, views, videos)
        select user_id, 'UC' || repeat('a', 22), now() - n * interval '1 hour', n, 1 from core.users, generate_series(0, 400) n;
      insert into core.video_statistics (user_id, channel_id, video_id, observed_at, views)
        select user_id, 'UC' || repeat('a', 22), 'aaaaaaaaa10', now() - n * interval '1 hour', n from core.users, generate_series(0, 400) n;
      insert into core.metric_revisions (user_id, channel_id, day, changes, revised_at)
        select user_id, 'UC' || repeat('a', 22), '2026-01-01', '{"views": {"from": 1, "to": 2}}', now() from core.users;
      insert into core.channel_statistics_days (user_id, channel_id, day, views, videos, observed_at, observations)
        select user_id, 'UC' || repeat('a', 22), '2026-01-01', 1, 1, now(), 1 from core.users;
      insert into core.video_statistics_days (user_id, channel_id, video_id, day, views, observed_at, observations)
        select user_id, 'UC' || repeat('a', 22), 'aaaaaaaaa10', '2026-01-01', 1, now(), 1 from core.users;
      insert into core.pending_revocations (user_id, channel_id, refresh_token_encrypted, since)
        select user_id, 'UC' || repeat('a', 22), 'x', now() from core.users;
      insert into core.notices (user_id, at, kind, channel_id, message)
        select user_id, now(), 'reconnect-needed', 'UC' || repeat('a', 22), 'm' from core.users;
      insert into core.traffic_source_days (user_id, channel_id, source, day, views, created_at, updated_at)
        select user_id, 'UC' || repeat('a', 22), 'YT_SEARCH', date '2026-01-01' + n, n, now(), now() from core.users, generate_series(0, 400) n;
      insert into core.thumbnail_days (user_id, channel_id, video_id, day, impressions, click_through_rate, created_at, updated_at)
        select user_id, 'UC' || repeat('a', 22), 'aaaaaaaaa10', date '2026-01-01' + n, n, 0.05, now(), now() from core.users, generate_series(0, 400) n;
      insert into core.day_checks (user_id, channel_id, report, day, checked_at)
        select user_id, 'UC' || repeat('a', 22), 'channel-day', '2026-01-01', now() from core.users;
      insert into core.quota_windows values ('data.general', '2026-01-01', '2026-01-02', 10000);
      insert into core.quota_accounts values ('data.general', '2026-01-01', 'common', 100, 7, 3);
      insert into core.quota_reservations
        values ('00000000-0000-4000-8000-00000000000b', 'data.general', '2026-01-01', 'common', 'platform', 3, '2026-01-02');
      insert into core.quota_borrowings values ('data.general', '2026-01-01', 'platform', 7);
      insert into core.quota_hours values ('data.general', '2026-01-01', 7);
      insert into core.upload_watches (user_id, channel_id, secret) select user_id, 'UC' || repeat('a', 22), 's' from core.users;
      insert into core.webhook_subscriptions (user_id, url, events, secret, created_at)
        select user_id, 'https://example.com/', '{sync-finished}', 's', now() from core.users;
      insert into core.webhook_deliveries (user_id, subscription_id, event_id, kind, at, data)
        select user_id, subscription_id, user_id, 'sync-finished', now(), '{}' from core.webhook_subscriptions;
      """;

  /** Every row of every private table, as JSON. */
  private static Map<String, List<Map<String, Object>>> everything(String database)
      throws SQLException {
    Map<String, List<Map<String, Object>>> all = new TreeMap<>();
    for (Map<String, Object> table :
        rows(
            database,
            "select relname as name from pg_class where relnamespace = 'core'::regnamespace and relkind in ('r', 'p')")) {
      all.put(
          String.valueOf(table.get("name")),
          rows(
              database,
              "select to_jsonb(t)::text as row from core.%s t order by 1"
                  .formatted(table.get("name"))));
    }
    return all;
  }

  /** The rows that a table does not have once, with all their columns. */
  private static List<String> lost(String database, String table, List<Map<String, Object>> rows)
      throws SQLException {
    try (Connection admin = Engines.admin(database);
        PreparedStatement statement =
            admin.prepareStatement(
                """
                with there as materialized (select to_jsonb(t) as row from core.%s t)
                select was from unnest(?::text[]) as was
                 where (select count(*) from there where row @> was::jsonb) <> 1
                """
                    .formatted(table))) {
      statement.setArray(
          1,
          admin.createArrayOf(
              "text", rows.stream().map(row -> String.valueOf(row.get("row"))).toArray()));
      List<String> lost = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          lost.add(result.getString(1));
        }
      }
      return lost;
    }
  }

  @Test
  void every_row_of_the_last_published_version_is_kept() throws Exception {
    String database = published();
    run(database, ROWS);
    Map<String, List<Map<String, Object>>> before = everything(database);
    Database.migrate(access(database));
    for (var table : before.entrySet()) {
      assertTrue(!table.getValue().isEmpty(), "no row to keep in " + table.getKey());
      assertEquals(
          List.of(),
          lost(database, table.getKey(), table.getValue()).stream()
              .filter(row -> !isCorrected(table.getKey(), row))
              .toList(),
          table.getKey());
    }
    assertEquals(
        List.of(Map.of("n", 1L)),
        rows(
            database,
            "select count(*) as n from core.metric_breaks where metric = 'views' and video_format = 'any' and day = '2026-08-24'"));
    assertEquals(
        List.of(),
        rows(database, "select fault, object from app.isolation_faults()"),
        "after the upgrade");
    assertEquals(
        List.of(Map.of("n", 0L)), rows(database, "select count(*) as n from core.video_totals"));
    fillRollups(database, 1000);
    assertEquals(List.of(), rows(database, "select * from core.wrong_rollups(null)"));
    assertEquals(
        List.of(Map.of("videos", 51L, "days", 401L)),
        rows(database, "select count(*) as videos, sum(days) as days from core.video_totals"));
  }

  /** A call after the other, each in a transaction, until nothing is left; answers how many. */
  private static int fillRollups(String database, int limit) throws SQLException {
    int calls = 0;
    while (!rows(database, "select app.fill_rollups(now(), %d) as n".formatted(limit))
        .equals(List.of(Map.of("n", 0L)))) {
      calls++;
    }
    return calls;
  }

  @Test
  void rollups_are_filled_in_batches_and_refuse_to_be_read_before() throws Exception {
    String database = published();
    run(database, ROWS);
    Database.migrate(access(database));
    String reader =
        """
        insert into sec.login_role (role_name, kind, user_id)
        select 'tenant_00000000000000000000000000000fff', 'tenant', '00000000-0000-4000-8000-00000000000a';
        create role tenant_00000000000000000000000000000fff login password 'reader' in role ytempire_reader;
        """;
    run(database, reader);
    try (Connection tenant =
        Engines.postgres().connect(database, "tenant_00000000000000000000000000000fff", "reader")) {
      for (String view : List.of("video_totals", "video_weeks")) {
        SQLException refusal =
            assertThrows(
                SQLException.class,
                () -> Platform.rows(tenant, "select * from analytics." + view),
                view);
        assertEquals("55000", refusal.getSQLState());
        assertTrue(
            String.valueOf(refusal.getMessage()).contains("still being computed"),
            refusal.getMessage());
      }
      // Nobody holds the tables of channels and videos longer than a batch: each is a transaction.
      assertTrue(fillRollups(database, 10) > 5);
      assertEquals(List.of(), rows(database, "select * from core.wrong_rollups(null)"));
      assertEquals(
          Platform.rows(
              tenant,
              "select video_id, sum(views)::bigint as views from analytics.video_metrics group by 1 order by 1"),
          Platform.rows(
              tenant,
              "select video_id, views from analytics.video_totals where days > 0 order by 1"));
    } finally {
      run(database, "drop role tenant_00000000000000000000000000000fff");
    }
  }

  @Test
  void the_newest_videos_are_filled_first() throws Exception {
    String database = published();
    run(database, ROWS);
    Database.migrate(access(database));
    run(
        database,
        "delete from sec.rollup_fills where user_id <> '00000000-0000-4000-8000-00000000000a'; select app.fill_rollups(now(), 1)");
    List<Map<String, Object>> newest =
        rows(
            database,
            "select video_id from sec.rollup_fill_videos order by published_at desc nulls last, video_id limit 1");
    run(database, "select app.fill_rollups(now(), 1)");
    assertEquals(newest, rows(database, "select video_id from core.video_totals"));
  }

  /** The one row of no user that a migration mends: the day on which views changed. */
  private static boolean isCorrected(String table, String row) {
    return table.equals("metric_breaks") && row.contains("\"2026-08-27\"");
  }

  /**
   * Of everything that a sidecar calls or reads: a name, and a statement that gives all columns. Of
   * a view the columns are named, as the sidecar names them.
   */
  private static final String CALLABLE =
      """
      select p.oid::regprocedure::text as name,
             format('(%s) as select * from %s(%s)',
                    coalesce((select string_agg(t::regtype::text, ', ' order by i) from unnest(p.proargtypes) with ordinality u (t, i)), 'text'),
                    p.oid::regproc, coalesce((select string_agg('$' || i, ', ' order by i) from unnest(p.proargtypes) with ordinality u (t, i)), ''))
               as statement, greatest(p.pronargs, 1) as arguments
        from pg_proc p
       where p.pronamespace = 'app'::regnamespace and p.prokind = 'f' and has_function_privilege('ytempire_app', p.oid, 'execute')
       union all
      select c.oid::regclass::text,
             format('(text) as select %s from %s', string_agg(quote_ident(a.attname), ', ' order by a.attnum), c.oid::regclass), 1
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relnamespace = any ('{app,analytics}'::regnamespace[]) and c.relkind = 'v'
         and has_column_privilege('ytempire_app', c.oid, a.attnum, 'select')
       group by c.oid
       order by 1
      """;

  /** What sidecars of the version before can no longer do once the database is migrated. */
  private static final Set<String> OPERATORS_ALONE =
      Set.of(
          "list_api_tokens",
          "revoke_api_token",
          "expire_api_token",
          "erase_user",
          "provision_tenant_login",
          "drop_tenant_login");

  private record PreparedQuery(String name, String statement, int arguments) {}

  @Test
  void statements_that_replicas_prepared_survive_an_upgrade() throws Exception {
    String database = published();
    run(database, ROWS);
    List<PreparedQuery> all = new ArrayList<>();
    for (Map<String, Object> row : rows(database, CALLABLE)) {
      all.add(
          new PreparedQuery(
              String.valueOf(row.get("name")),
              String.valueOf(row.get("statement")),
              Integer.parseInt(String.valueOf(row.get("arguments")))));
    }
    assertTrue(all.size() > 60, all.size() + " functions and views");
    try (Connection before =
            Engines.postgres().connect(database, "ytempire_app", "the-sidecar-of-the-tests");
        var statement = before.createStatement()) {
      // By SQL: the driver prepares a refused statement again.
      for (int i = 0; i < all.size(); i++) {
        statement.execute("prepare s" + i + " " + all.get(i).statement());
      }
      Database.migrate(access(database));
      List<String> broken = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        statement.execute("begin");
        try {
          statement.execute(
              "execute s%d(%s)"
                  .formatted(
                      i, String.join(", ", Collections.nCopies(all.get(i).arguments(), "null"))));
        } catch (SQLException e) {
          // Nulls are refused by many, and some want a tenant.
          boolean isChanged = List.of("0A000", "42883", "42P01", "42703").contains(e.getSQLState());
          boolean isDenied =
              String.valueOf(e.getMessage()).contains("permission denied")
                  && OPERATORS_ALONE.stream().noneMatch(all.get(i).name()::contains);
          if (isChanged || isDenied) {
            broken.add(all.get(i).name() + ": " + e.getMessage());
          }
        }
        statement.execute("rollback");
      }
      assertEquals(List.of(), broken);
    }
  }

  @Test
  void a_table_that_a_migration_makes_gets_row_security() throws Exception {
    String database = Engines.migratedDatabase();
    Path newer = Engines.folder("newer-table");
    Files.writeString(
        newer.resolve("V998__newer.sql"),
        "set role ytempire_owner; create table core.newer_days (user_id uuid references core.users on delete cascade, day date, primary key (user_id, day)); reset role");
    Database.migrate(
        access(database),
        List.of("classpath:sql/migrations", "classpath:sql/repeatable", "filesystem:" + newer));
    assertEquals(
        List.of(Map.of("is_forced", true)),
        rows(
            database,
            "select relforcerowsecurity as is_forced from pg_class where relname = 'newer_days'"));
    assertEquals(List.of(), rows(database, "select fault, object from app.isolation_faults()"));
  }

  @Test
  void the_way_back_from_an_upgrade_undoes_nothing() throws Exception {
    String database = Engines.migratedDatabase();
    Path newer = Engines.folder("newer-version");
    try (var scripts = Files.list(Path.of("../../sql/repeatable"))) {
      for (Path script : scripts.toList()) {
        Files.copy(script, newer.resolve(script.getFileName().toString()));
      }
    }
    Files.writeString(
        newer.resolve("R__3_revocations.sql"),
        "comment on function core.list_revocations is 'of the newer version';",
        StandardOpenOption.APPEND);
    Files.writeString(
        newer.resolve("V998__newer.sql"), "alter table core.users add column newer integer");
    List<String> locations = List.of("classpath:sql/migrations", "filesystem:" + newer);
    Database.migrate(access(database), locations);
    String state =
        "select (select max(installed_rank) from flyway.flyway_schema_history) as migrations, obj_description('flyway'::regnamespace) as fingerprint, obj_description('core.list_revocations'::regproc) as function";
    List<Map<String, Object>> upgraded = rows(database, state);
    assertEquals("of the newer version", upgraded.getFirst().get("function"));

    // One that is started again by itself meanwhile, and then the way back as setup goes it.
    Database.open(runtimeAccess(database), Clock.systemUTC()).close();
    Database.migrate(access(database));
    Database.open(runtimeAccess(database), Clock.systemUTC()).close();
    assertEquals(upgraded, rows(database, state));

    Database.migrate(access(database), locations);
    assertEquals(upgraded, rows(database, state), "and forward again");
  }

  @Test
  void a_migration_that_a_newer_version_passed_over_is_refused() throws Exception {
    String database = Engines.migratedDatabase();
    Path newer = Engines.folder("newer-without-correction");
    Files.writeString(newer.resolve("V998__newer.sql"), "select 1");
    Database.migrate(
        access(database),
        List.of("classpath:sql/migrations", "classpath:sql/repeatable", "filesystem:" + newer));
    String ran = "select max(installed_rank) as migrations from flyway.flyway_schema_history";
    List<Map<String, Object>> before = rows(database, ran);

    Path correction = Engines.folder("correction");
    Files.writeString(correction.resolve("V997__correction.sql"), "select 1");
    // It may not run over a script of the newer version either.
    Files.writeString(correction.resolve("R__9_correction.sql"), "select 1");
    List<String> locations =
        List.of("classpath:sql/migrations", "classpath:sql/repeatable", "filesystem:" + correction);
    IllegalStateException refusal =
        assertThrows(
            IllegalStateException.class, () -> Database.migrate(access(database), locations));
    assertTrue(
        String.valueOf(refusal.getMessage()).contains("lacks 1 migrations"), refusal.toString());
    assertEquals(before, rows(database, ran));

    refusal =
        assertThrows(
            IllegalStateException.class,
            () -> Migration.requireNone(access(database), SidecarLogin.NAME, locations));
    assertTrue(
        String.valueOf(refusal.getMessage()).contains("lacks 1 migrations"), refusal.toString());
  }

  @Test
  void a_new_installation_takes_no_calls_of_the_version_before() throws Exception {
    String database = Engines.migratedDatabase();
    try (Connection sidecar =
        Engines.postgres().connect(database, "ytempire_app", "the-sidecar-of-the-tests")) {
      assertThrows(
          SQLException.class,
          () ->
              Platform.rows(
                  sidecar, "select app.create_api_token('service', null, 'n', 'x', now(), null)"));
    }
  }

  @Test
  void a_token_that_an_old_replica_makes_keeps_its_scopes() throws Exception {
    String database = published();
    run(
        database,
        "insert into core.users (user_id, email, display_name) values (gen_random_uuid(), 'a@example.com', 'A')");
    try (Connection before =
            Engines.postgres().connect(database, "ytempire_app", "the-sidecar-of-the-tests");
        var statement = before.createStatement()) {
      statement.execute(
          "prepare make (text) as select app.create_api_token($1, null, 'n', $1::bytea, now(), null);"
              + " prepare find (text) as select * from app.find_api_token($1::bytea)");
      Database.migrate(access(database));
      statement.execute("execute make('service')");
      assertEquals(
          "42501",
          assertThrows(SQLException.class, () -> statement.execute("execute make('operator')"))
              .getSQLState());
      assertEquals(
          "service", Platform.rows(before, "execute find('service')").getFirst().get("kind"));
    }
    assertEquals(
        List.of(Map.of("kind", "service", "scopes", "{administer,read,sync}")),
        rows(database, "select kind, scopes::text from app.list_api_tokens_with_scopes()"));
    run(database, "update sec.upgrade set ends_at = now()");
    try (Connection after =
        Engines.postgres().connect(database, "ytempire_app", "the-sidecar-of-the-tests")) {
      assertThrows(
          SQLException.class,
          () ->
              Platform.rows(
                  after, "select app.create_api_token('service', null, 'n', 'late', now(), null)"));
    }
  }

  @Test
  void an_administrator_under_row_security_opens_the_upgrade_day() throws Exception {
    String database = published();
    run(database, ROWS);
    Database.migrate(access(database));
    String migration = Files.readString(MIGRATIONS.resolve("V039__tenant_proofs.sql"));
    String day = migration.substring(migration.indexOf("do $$"));
    String managed = "managed_" + UUID.randomUUID().toString().replace("-", "");
    run(
        database,
        "create role %1$s noinherit; grant ytempire_owner, ytempire_directory to %1$s; update sec.upgrade set unproven_until = now(), ends_at = now()"
            .formatted(managed));
    try (Connection admin = Engines.admin(database);
        var statement = admin.createStatement()) {
      statement.execute("set session authorization " + managed);
      statement.execute(day);
      statement.execute("reset session authorization");
      assertEquals(
          List.of(Map.of("is_open", true)),
          Platform.rows(admin, "select unproven_until > now() as is_open from sec.upgrade"));
      statement.execute("drop owned by %1$s; drop role %1$s".formatted(managed));
    }
  }

  @Test
  void a_replica_of_the_version_before_needs_no_proof_of_its_tenants() throws Exception {
    String database = published();
    run(database, ROWS);
    String ada = "00000000-0000-4000-8000-00000000000a";
    try (Connection before =
            Engines.postgres().connect(database, "ytempire_app", "the-sidecar-of-the-tests");
        var statement = before.createStatement()) {
      statement.execute("prepare look as select email from analytics.users");
      Database.migrate(access(database));
      statement.execute("set app.tenant_id = '" + ada + "'");
      assertEquals(
          List.of(Map.of("email", "a@example.com")), Platform.rows(before, "execute look"));
      statement.execute(
          "insert into analytics.videos (video_id, channel_id, title, published_at) values ('oldoldoldol', 'UC' || repeat('a', 22), 'x', now())");
      assertEquals(
          1,
          Platform.rows(before, "select * from app.plan_users('{%s}'::uuid[])".formatted(ada))
              .size());
      // Whoever begins a proof must give one.
      statement.execute("set app.tenant_id = '" + ada + ":0'");
      assertEquals(
          "42501",
          assertThrows(SQLException.class, () -> Platform.rows(before, "execute look"))
              .getSQLState());
      statement.execute("set app.tenant_id = '" + ada + "'");
      run(database, "update sec.upgrade set unproven_until = now()");
      assertEquals(
          "42501",
          assertThrows(SQLException.class, () -> Platform.rows(before, "execute look"))
              .getSQLState());
    }
  }

  @Test
  void a_migration_that_fails_leaves_the_version_before_at_work() throws Exception {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.createUser("ada@example.com");
      platform.addChannel(ada, platform.world.accounts().getFirst().channels().getFirst().id());
      Path broken = Engines.folder("broken");
      Files.writeString(
          broken.resolve("V998__fine.sql"),
          "alter table core.users drop column display_name cascade");
      Files.writeString(broken.resolve("V999__broken.sql"), "alter table core.nothing add x int");
      RuntimeException failure =
          assertThrows(
              RuntimeException.class,
              () ->
                  Database.migrate(
                      access(platform.database),
                      List.of(
                          "classpath:sql/migrations",
                          "classpath:sql/repeatable",
                          "filesystem:" + broken)));
      assertTrue(String.valueOf(failure.getMessage()).contains("V999"), failure.getMessage());
      // The sidecar that runs goes on, and one that starts finds its version.
      platform.get("/v1/users/" + ada, Platform.OPERATOR_TOKEN).expect(200);
      platform.restart();
      assertEquals(
          "ada@example.com",
          platform
              .get("/v1/users/" + ada, Platform.OPERATOR_TOKEN)
              .expect(200)
              .text("displayName"));
    }
  }

  @Test
  @Timeout(180)
  void an_idle_tenant_transaction_does_not_hold_up_an_upgrade() throws Exception {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.createUser("ada@example.com");
      var made =
          platform
              .post("/v1/users/" + ada + "/database-login", Platform.OPERATOR_TOKEN, Map.of())
              .expect(201);
      Path newer = Engines.folder("newer");
      Files.writeString(
          newer.resolve("V998__newer.sql"),
          "alter table core.channel_days add column newer integer; alter table core.users add column newer integer;"
              + " create or replace view analytics.newer with (security_barrier) as select 1 as one where (select sec.tenant()) is not null");
      try (Connection tenant =
          Engines.postgres()
              .connect(platform.database, made.text("login"), made.text("password"))) {
        try (var statement = tenant.createStatement()) {
          statement.execute("begin; select * from analytics.users, analytics.youtube_metrics");
        }
        CompletableFuture<Void> upgrade =
            CompletableFuture.runAsync(() ->
                Database.migrate(
                    access(platform.database),
                    List.of(
                        "classpath:sql/migrations",
                        "classpath:sql/repeatable",
                        "filesystem:" + newer)));
        while (!upgrade.isDone()) {
          platform.get("/v1/users/" + ada, Platform.OPERATOR_TOKEN).expect(200);
        }
        upgrade.get();
        SQLException ended =
            assertThrows(SQLException.class, () -> Platform.rows(tenant, "select 1 as one"));
        assertEquals("57P01", ended.getSQLState());
        assertTrue(
            String.valueOf(ended.getMessage()).contains("administrator command"),
            ended.getMessage());
      }
      platform.get("/v1/users/" + ada, Platform.OPERATOR_TOKEN).expect(200);
    }
  }

  @Test
  void two_sidecars_that_start_at_once_migrate_once() throws Exception {
    String database = Engines.freshDatabase();
    try (LocalRedis redis = Engines.redis()) {
      Config config = config(database, redis.url());
      CompletableFuture<App> one =
          CompletableFuture.supplyAsync(() -> App.start(config, Clock.systemUTC()));
      CompletableFuture<App> two =
          CompletableFuture.supplyAsync(() -> App.start(config, Clock.systemUTC()));
      try (App first = one.get();
          App second = two.get()) {
        assertTrue(first.port() != second.port());
      }
    }
    Map<String, Integer> runs = new HashMap<>();
    for (Map<String, Object> row :
        rows(
            database,
            "select script, success from flyway.flyway_schema_history where script like '%.sql'")) {
      assertEquals(true, row.get("success"), row.toString());
      runs.merge(String.valueOf(row.get("script")), 1, Integer::sum);
    }
    assertTrue(runs.size() >= 8, runs.toString());
    runs.forEach((script, count) -> assertEquals(1, count, script));
  }
}
