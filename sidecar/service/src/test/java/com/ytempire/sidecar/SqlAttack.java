package com.ytempire.sidecar;

import com.ytempire.sidecar.AttackCast.Person;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.util.PSQLException;

/**
 * Every relation and every function of the catalog, attacked through the wire by those who have a
 * login: each tenant's own, which may send any SQL, and the sidecar's, as if some statement of ours
 * had been led astray while it acted for one user.
 *
 * <p>A leak is: another user's canary in anything that comes back (rows, errors, notices, plans);
 * an outcome that differs between another user's key and one that nobody has; another user's rows
 * changed; an object made or altered where nothing may be.
 */
final class SqlAttack {
  private static final int MEMBER_TRIES = 10;

  private static final String SIDECAR = "ytempire_app";
  private static final String SIDECAR_PASSWORD = "the-sidecar-of-the-tests";

  /**
   * They look across users because that is what they are for; everything else of theirs is hidden.
   */
  private static final Set<String> DIRECTORY =
      Set.of(
          "list_users",
          "find_users",
          "list_tiers",
          "find_api_token",
          "find_api_token_with_scopes",
          "create_api_token",
          "list_api_tokens",
          "list_api_tokens_with_scopes",
          "revoke_api_token",
          "touch_api_token",
          "expire_api_token",
          "list_grants",
          // Ids alone: whose reports, and whose links, are looked at.
          "list_report_users",
          "billing_user",
          "due_billing_users",
          "is_stripe_event_known",
          "note_stripe_event",
          "list_verification_users",
          "channels_to_erase",
          "find_upload_watch",
          "pending_revocations",
          "list_revocations",
          "channels_to_identify",
          "count_hub_watches",
          "forget_revocation",
          "held_bytes",
          "sweep_held_batches",
          // How many leases of the runs that it was given last longer; the sidecar names its own
          // runs.
          "renew_fetch_leases",
          "event_subscribers",
          "create_webhook_subscription",
          "list_webhook_subscriptions",
          "delete_webhook_subscription",
          "resume_webhook_subscription",
          "is_event_wanted",
          "claim_webhook_deliveries",
          "note_webhook_answer",
          "note_webhook_failure",
          "sweep_webhooks",
          "webhook_secrets",
          "change_webhook_secret",
          "list_upload_watches",
          "request_execution_erasure",
          "claim_execution_erasure",
          "continue_execution_erasure",
          "note_passed_over_execution",
          "read_passed_over_executions",
          "forget_passed_over_execution",
          "require_operator",
          "end_execution_erasure_pass",
          "sweep_execution_erasures",
          "claim_dashboard_organization",
          "claim_dashboard_removal",
          "postpone_dashboard_removal",
          "end_dashboard_removal",
          "record_platform_act",
          "price_at",
          "list_prices",
          "add_price",
          "delete_price",
          "list_platform_costs",
          "record_platform_cost",
          "hold_platform_costs",
          "end_platform_costs",
          "record_provider_total",
          "list_provider_totals");

  /** They end or hold up the session that calls them, and nothing else. */
  private static final Set<String> NOT_CALLED =
      Set.of(
          "pg_sleep",
          "pg_sleep_for",
          "pg_sleep_until",
          "pg_terminate_backend",
          "pg_cancel_backend",
          "pg_stat_reset",
          // It may roll up and delete rows of everybody, which is its purpose.
          "maintain",
          "set_views_48h",
          "fill_rollups",
          "list_rollup_parts",
          "list_rollup_users",
          "is_rollup_check_due",
          "list_wrong_rollups",
          "repair_rollups",
          "note_rollup_check",
          "binary_upgrade_set_next_pg_authid_oid");

  private record Relation(String name, boolean ours, List<String> columns, List<String> types) {
    boolean has(String column) {
      return columns.contains(column);
    }
  }

  private record Routine(String name, String schema, boolean directory, List<String> types) {}

  private final String database;
  private final List<Person> people;
  private final Canaries canaries;
  private final Attempts attempts;
  private final GrafanaQueries grafana = new GrafanaQueries();
  private final Connection admin;
  private final List<Relation> relations;
  private final List<Routine> routines;
  private final List<String> roles;
  private final Fingerprints stored;
  private final Map<String, String> baseline;

  SqlAttack(String database, List<Person> people, Attempts attempts) throws SQLException {
    this.database = database;
    this.people = people;
    this.canaries = new Canaries(people);
    this.attempts = attempts;
    this.admin = Engines.admin(database);
    this.relations = relations();
    this.routines = routines();
    this.roles =
        column("select quote_ident(rolname) as x from pg_roles where rolname !~ '^pg_' order by 1");
    this.stored = new Fingerprints(admin, people.stream().map(Person::userId).toList());
    this.baseline = new HashMap<>(stored.now());
  }

  private List<String> column(String sql) throws SQLException {
    return Platform.rows(admin, sql).stream().map(row -> String.valueOf(row.get("x"))).toList();
  }

  private List<Relation> relations() throws SQLException {
    List<Relation> found = new ArrayList<>();
    for (Map<String, Object> row :
        Platform.rows(
            admin,
            """
            select c.oid::regclass::text as name, n.nspname not in ('pg_catalog', 'information_schema') as ours,
                   string_agg(a.attname, ',' order by a.attnum) as columns,
                   string_agg(a.atttypid::regtype::text, ',' order by a.attnum) as types
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
              join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             where c.relkind in ('r', 'v', 'm', 'p', 'f') and n.nspname !~ '^pg_toast'
             group by 1, 2 order by 2 desc, 1
            """)) {
      found.add(
          new Relation(
              String.valueOf(row.get("name")),
              Boolean.TRUE.equals(row.get("ours")),
              List.of(String.valueOf(row.get("columns")).split(",")),
              List.of(String.valueOf(row.get("types")).split(","))));
    }
    return found;
  }

  private List<Routine> routines() throws SQLException {
    List<Routine> found = new ArrayList<>();
    for (Map<String, Object> row :
        Platform.rows(
            admin,
            """
            select p.proname as name, n.nspname as schema, o.rolname = 'ytempire_directory' as directory,
                   coalesce((select string_agg(t::regtype::text, ';' order by i) from unnest(p.proargtypes) with ordinality u (t, i)), '') as types
              from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles o on o.oid = p.proowner
             where p.prokind in ('f', 'p')
               and not exists (select from unnest(p.proargtypes) t
                                where t::regtype::text in ('internal', 'cstring') or t::regtype::text ~ '^any' or t::regtype::text ~ 'handler')
               and p.prorettype::regtype::text not in ('internal', 'trigger', 'event_trigger', 'cstring', 'language_handler')
               and (n.nspname <> 'pg_catalog' or p.provolatile <> 'i')
             order by 2, 1, 4
            """)) {
      String types = String.valueOf(row.get("types"));
      found.add(
          new Routine(
              String.valueOf(row.get("name")),
              String.valueOf(row.get("schema")),
              Boolean.TRUE.equals(row.get("directory")),
              types.isEmpty() ? List.of() : List.of(types.split(";"))));
    }
    return found;
  }

  /** What the catalog itself shows to be wrong. */
  List<String> catalogFaults() throws SQLException {
    return column("select fault || ': ' || object as x from app.isolation_faults()");
  }

  /** Whose login attacks. */
  enum Login {
    TENANT,
    SIDECAR
  }

  /** What is attacked, in the order in which it is. */
  enum Part {
    /** What may be made, held up, lifted or named without proof. */
    LIMITS,
    RELATIONS,
    /** Other roles, and what only the sidecar's second login may. */
    ROLES,
    ROUTINES,
    CATALOG
  }

  /**
   * Where an attack begins. It goes on to all the rest; one that ends at its first leak finds it
   * sooner.
   *
   * @param relation the first relation; empty: the first of the catalog
   */
  record Beginning(Login login, Part part, String relation) {
    private static final Beginning USUAL = new Beginning(Login.TENANT, Part.LIMITS, "");
  }

  /** Every login against every other user. */
  void run() throws SQLException {
    run(people, Beginning.USUAL);
  }

  /** As {@link #run()}, by the last user first, and from another beginning. */
  void run(Beginning beginning) throws SQLException {
    run(people.reversed(), beginning);
  }

  private void run(List<Person> attackers, Beginning beginning) throws SQLException {
    for (Routine routine : routines) {
      if (routine.directory() && !DIRECTORY.contains(routine.name())) {
        attempts.leak(
            routine.name(), "looks across users; if it must, say so in SqlAttack.DIRECTORY");
      }
    }
    relations.sort(Comparator.comparing(relation -> !relation.name().equals(beginning.relation())));
    List<Part> parts = new ArrayList<>(List.of(Part.values()));
    parts.sort(Comparator.comparing(part -> part != beginning.part()));
    for (Person attacker : attackers) {
      if (beginning.login() == Login.TENANT) {
        tenant(attacker, parts);
        sidecar(attacker, parts);
      } else {
        sidecar(attacker, parts);
        tenant(attacker, parts);
      }
    }
    unbound();
    admin.close();
  }

  // ---- a tenant's own login ----

  private void tenant(Person attacker, List<Part> parts) throws SQLException {
    try (Connection login =
        Engines.postgres().connect(database, attacker.login(), attacker.password())) {
      quietly(login, "set default_transaction_read_only = off");
      quietly(login, "set statement_timeout = '5s'");
      for (Part part : parts) {
        switch (part) {
          case LIMITS -> tryLimits(login, attacker);
          case RELATIONS -> tryRelations(login, attacker);
          case ROLES -> {
            connectElsewhere(attacker);
            for (String sql : byVictims(attacker, victim -> disguises(attacker, victim)).keySet()) {
              look(login, attacker, "tenant in disguise", sql);
              quietly(login, "reset role");
            }
          }
          case ROUTINES -> {
            for (Routine routine : routines) {
              for (String sql : byVictims(attacker, victim -> calls(routine, victim)).keySet()) {
                look(login, attacker, "tenant calls", sql);
              }
            }
            askAsGrafana(login, attacker);
          }
          case CATALOG -> {
            for (Relation relation : relations) {
              if (!relation.ours()) {
                for (String sql : readsOfCatalog(relation)) {
                  look(login, attacker, "tenant reads the catalog", sql);
                }
              }
            }
          }
        }
      }
      requireUntouched(attacker, "tenant's calls");
    }
  }

  /** What Grafana sends by a user's login, with others' channels and videos in its variables. */
  private void askAsGrafana(Connection login, Person attacker) {
    String own =
        grafana.of(attacker.channels(), attacker.videoId()).stream()
            .map(sql -> execute(login, sql))
            .collect(Collectors.joining());
    if (attacker.canaries().stream().noneMatch(own::contains)) {
      attempts.leak(
          "the dashboards",
          "show a user nothing of their own: what they do not show of others proves nothing");
    }
    for (String sql :
        byVictims(attacker, victim -> grafana.of(victim.channels(), victim.videoId())).keySet()) {
      look(login, attacker, "tenant asks as Grafana", sql);
    }
  }

  private void tryLimits(Connection login, Person attacker) {
    for (String sql : creations(attacker)) {
      refused(login, attacker, "tenant makes", sql);
    }
    for (String sql : blockades()) {
      refused(login, attacker, "tenant holds up others", sql);
    }
    for (String sql : escapes(attacker)) {
      refused(login, attacker, "tenant lifts its limits", sql);
    }
    for (String sql : glances()) {
      refused(login, attacker, "tenant looks at others' logins", sql);
    }
  }

  private void tryRelations(Connection login, Person attacker) throws SQLException {
    for (Relation relation : relations) {
      if (!relation.ours()) {
        continue;
      }
      for (String sql : byVictims(attacker, victim -> reads(relation, victim)).keySet()) {
        look(login, attacker, "tenant reads", sql);
      }
      Map<String, String> nobodys = new HashMap<>();
      for (Person victim : others(attacker)) {
        compare(login, attacker, victim, relation, nobodys);
        comparePlans(login, attacker, victim, relation);
      }
      for (String sql :
          byVictims(attacker, victim -> writes(relation, attacker, victim)).keySet()) {
        look(login, attacker, "tenant writes", sql);
      }
      for (String sql : alterations(relation, attacker)) {
        refused(login, attacker, "tenant alters", sql);
      }
      requireUntouched(attacker, "tenant writes to " + relation.name());
    }
  }

  // ---- the sidecar's login, acting for one user ----

  private void sidecar(Person attacker, List<Part> parts) throws SQLException {
    try (Connection login = Engines.postgres().connect(database, SIDECAR, SIDECAR_PASSWORD)) {
      quietly(login, "set statement_timeout = '5s'");
      // It may make no temporary objects; the attacker of this class has what is more than that.
      Engines.asAdmin(
          database,
          "do $$ begin execute format('grant temporary on database %I to ytempire_app', current_database()); end $$");
      // As cheap as can be, so that the planner runs it before any condition that a view leaves to
      // it.
      quietly(
          login,
          "create function pg_temp.peek(anyelement) returns boolean language plpgsql cost 0.0000001 as $$ begin raise notice '%', $1; return true; end $$");
      prepareVictimsView(login);
      for (Part part : parts) {
        switch (part) {
          case LIMITS -> enterWithoutTheKey(login, attacker);
          case RELATIONS -> tryRelationsOfSidecar(login, attacker);
          case ROLES -> {
            for (String sql : operatorsAlone(attacker)) {
              refused(
                  login,
                  attacker,
                  "sidecar does what its second login may",
                  sql,
                  proven(login, attacker.userId()));
            }
            requireOperatorsAloneOfMembers(login, attacker);
          }
          case ROUTINES -> {
            call(login, attacker);
            try (Connection operator = Engines.asOperator(database)) {
              prepareVictimsView(operator);
              call(operator, attacker);
            }
          }
          case CATALOG -> {
            // A tenant's own login sees as much of it.
          }
        }
      }
      requireUntouched(attacker, "the sidecar for " + attacker);
    }
  }

  private void tryRelationsOfSidecar(Connection login, Person attacker) throws SQLException {
    for (Relation relation : relations) {
      if (!relation.ours()) {
        continue;
      }
      for (String sql : byVictims(attacker, victim -> reads(relation, victim)).keySet()) {
        inTransaction(login, attacker, List.of(), "sidecar reads", sql);
      }
      for (String column : relation.columns()) {
        inTransaction(
            login,
            attacker,
            List.of(),
            "sidecar reads",
            "select 1 from %s where pg_temp.peek(%s)".formatted(relation.name(), column));
      }
      for (Map.Entry<String, List<Person>> write :
          byVictims(attacker, victim -> writes(relation, attacker, victim)).entrySet()) {
        inTransaction(login, attacker, write.getValue(), "sidecar writes", write.getKey());
      }
      Map<String, String> nobodys = new HashMap<>();
      for (Person victim : others(attacker)) {
        compareAs(login, attacker, victim, relation, nobodys);
      }
      for (String sql : alterations(relation, attacker)) {
        refused(login, attacker, "sidecar alters", sql, proven(login, attacker.userId()));
      }
    }
  }

  /** Calls of the sidecar, by either of its logins, that name another user's things. */
  private void call(Connection login, Person attacker) throws SQLException {
    for (Routine routine : routines) {
      if (routine.schema().equals("pg_catalog") || routine.directory()) {
        continue;
      }
      for (Map.Entry<String, List<Person>> call :
          byVictims(attacker, victim -> calls(routine, victim)).entrySet()) {
        inTransaction(login, attacker, call.getValue(), "sidecar calls", call.getKey());
      }
    }
  }

  /** The attacker's own login, were it a member of the sidecar's first. */
  private void requireOperatorsAloneOfMembers(Connection login, Person attacker)
      throws SQLException {
    refused(
        login,
        attacker,
        "sidecar lets a tenant's login in",
        "grant ytempire_app to " + attacker.login(),
        proven(login, attacker.userId()));
    try {
      for (String sql : operatorsAlone(attacker)) {
        refusedToMember(attacker, sql);
      }
    } finally {
      Engines.asAdmin(database, "revoke ytempire_app from " + attacker.login());
    }
  }

  /** A running sidecar puts members out and ends their sessions: then it is tried once more. */
  private void refusedToMember(Person attacker, String sql) throws SQLException {
    for (int left = MEMBER_TRIES; ; left--) {
      Engines.asAdmin(database, "grant ytempire_app to " + attacker.login());
      try (Connection member =
          Engines.postgres().connect(database, attacker.login(), attacker.password())) {
        quietly(member, "set default_transaction_read_only = off");
        refused(member, attacker, "a member of the sidecar's login does what its second may", sql);
        return;
      } catch (IllegalStateException | SQLException e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  /** What an injection into a statement of the first login must not be able to do. */
  private static List<String> operatorsAlone(Person attacker) {
    return List.of(
        "select app.create_api_token('operator', null, 'x', 'x', now(), null, null)",
        "select app.create_api_token('service', null, 'x', 'x', now(), null, '{read}')",
        "select app.create_api_token('operator', null, 'x', 'x', now(), null)",
        "select * from app.list_api_tokens()",
        "select * from app.list_api_tokens_with_scopes()",
        "select app.revoke_api_token(gen_random_uuid(), now())",
        "select app.expire_api_token(gen_random_uuid(), now())",
        "select app.erase_user(now())",
        "select app.provision_tenant_login('SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$c3RvcmVk:c2VydmVy')",
        "select app.drop_tenant_login('%s')".formatted(attacker.login()),
        "select app.require_login_room(false, false)",
        "select app.drop_retired_logins()",
        "select app.enforce_tenant_limits()",
        "select app.observe_tenant_activity(now(), 1)",
        "select app.fill_rollups(now(), 1)",
        "select app.list_rollup_users()",
        "select app.close_databases()",
        "select app.maintain(now())",
        "select * from app.claim_execution_erasure(now(), now())",
        "select app.sweep_execution_erasures(now())",
        "select * from app.list_users(false, null, 10)",
        "select * from app.find_users(null, 'a', false, null, 10)",
        "select app.create_webhook_subscription('%s', 'https://example.com', '{video.published}', 'x', null, now())"
            .formatted(attacker.userId()),
        "select app.delete_webhook_subscription(gen_random_uuid())",
        "select app.change_webhook_secret(gen_random_uuid(), 'x', 'y')",
        "select app.forget_revocation(gen_random_uuid())",
        "select app.record_platform_act(now(), gen_random_uuid(), 'operator', 'user.erased', null, null, '{}')",
        "select app.tenant_key()",
        "select app.rotate_tenant_key()",
        "select sec.prove_tenant('%s')".formatted(attacker.userId()),
        "select secret from sec.tenant_key",
        "set role ytempire_operator",
        "update sec.upgrade set ends_at = 'infinity'");
  }

  /** The sidecar before it has said for whom, or having said nonsense. */
  private void unbound() throws SQLException {
    try (Connection login = Engines.postgres().connect(database, SIDECAR, SIDECAR_PASSWORD)) {
      for (String tenant : List.of("", "00000000-0000-4000-8000-000000000000", "nonsense")) {
        for (Relation relation : relations) {
          if (!relation.ours()) {
            continue;
          }
          Set<String> reads = new LinkedHashSet<>();
          people.forEach(victim -> reads.addAll(reads(relation, victim)));
          for (String sql : reads) {
            // Nobody acts: each user's canary is another's.
            String output = executeAs(login, claimOf(login, tenant), sql);
            attempts.tried("sidecar for nobody");
            judge(output, null, "for '" + tenant + "': " + sql);
          }
        }
      }
    }
  }

  /**
   * Runs a statement for the attacker in a transaction that is rolled back.
   *
   * @param victims who must see the same after it, in the same transaction: what would be committed
   */
  private void inTransaction(
      Connection login, Person attacker, List<Person> victims, String kind, String sql)
      throws SQLException {
    String claimed = proven(login, attacker.userId());
    attempts.tried(kind);
    if (victims.isEmpty()) {
      judge(executeAs(login, claimed, sql), attacker, sql);
    } else {
      String output = beginAs(login, claimed, sql);
      judge(output, attacker, sql);
      if (!output.startsWith("ERROR")) {
        requireSameViews(login, victims, sql);
      }
    }
    if (sql.startsWith("deallocate all")) {
      endTransaction(login);
      prepareVictimsView(login);
    }
  }

  private void requireSameViews(Connection login, List<Person> victims, String after)
      throws SQLException {
    // Without an id of its own, a transaction has written nothing.
    if (results(login, "select pg_current_xact_id_if_assigned() is null")
        .getFirst()
        .equals("t\t\n")) {
      endTransaction(login);
      return;
    }
    StringBuilder looks = new StringBuilder();
    for (Person victim : victims) {
      looks.append("%s; %s; ".formatted(claim(proven(login, victim.userId())), VICTIMS_VIEW));
    }
    List<String> seen = results(login, looks + "rollback");
    for (int i = 0; i < victims.size(); i++) {
      // An error is the only text.
      String now = seen.size() == 1 ? seen.getFirst() : seen.get(2 * i + 1);
      if (!now.equals(victimsBaseline(victims.get(i)))) {
        attempts.leak(after, "changed what " + victims.get(i) + " sees");
      }
    }
  }

  private final Map<String, String> views = new HashMap<>();

  private String victimsBaseline(Person victim) throws SQLException {
    String known = views.get(victim.userId());
    if (known != null) {
      return known;
    }
    try (Connection login = Engines.postgres().connect(database, SIDECAR, SIDECAR_PASSWORD)) {
      prepareVictimsView(login);
      String fresh = executeAs(login, proven(login, victim.userId()), VICTIMS_VIEW);
      if (fresh.startsWith("ERROR")) {
        throw new IllegalStateException("what " + victim + " sees cannot be read: " + fresh);
      }
      views.put(victim.userId(), fresh);
      return fresh;
    }
  }

  private static final String VICTIMS_VIEW = "execute victims_view";

  /** Some dozen views in one query: to plan it takes ten times as long as to run it. */
  private void prepareVictimsView(Connection login) {
    quietly(login, "prepare victims_view as " + victimsView());
  }

  private String victimsView() {
    return relations.stream()
        .filter(relation -> relation.name().matches("(analytics|app)\\..*"))
        .map(relation ->
            "select '%1$s', md5(string_agg(t::text, '|' order by t::text)) from %1$s t"
                .formatted(relation.name()))
        .collect(
            Collectors.joining(
                " union all ",
                "",
                " union all select 'logins', string_agg(l, '|') from app.tenant_logins() l"));
  }

  /** What the sidecar proves by its key, of each session. */
  private final Map<Connection, Map<String, String>> proven = new WeakHashMap<>();

  private String proven(Connection login, String tenant) throws SQLException {
    Map<String, String> ofSession = proven.computeIfAbsent(login, any -> new HashMap<>());
    String known = ofSession.get(tenant);
    if (known == null) {
      if (transaction(login) == TransactionState.FAILED) {
        quietly(login, "rollback");
      }
      known =
          String.valueOf(
              Platform.rows(
                      admin,
                      "select '%1$s:' || encode(sha256(outer_pad || sha256(inner_pad || '%1$s %2$s'::bytea)), 'hex') as x from sec.tenant_key where ends_at is null"
                          .formatted(
                              tenant,
                              Platform.rows(login, "select app.session_id() as x")
                                  .getFirst()
                                  .get("x")))
                  .getFirst()
                  .get("x"));
      ofSession.put(tenant, known);
    }
    return known;
  }

  /** What a session claims to act for: a tenant with its proof, or what is no tenant's id. */
  private String claimOf(Connection login, String tenant) throws SQLException {
    return tenant.matches("[0-9a-f-]{36}") ? proven(login, tenant) : tenant;
  }

  /** The statement by which a transaction of the sidecar claims to act for somebody. */
  private static String claim(String value) {
    return "set local app.tenant_id = '" + value + "'";
  }

  /** Another user's rows, with no proof but those that a statement of the sidecar can see. */
  private void enterWithoutTheKey(Connection login, Person attacker) throws SQLException {
    try (Connection other = Engines.postgres().connect(database, SIDECAR, SIDECAR_PASSWORD)) {
      for (Person victim : others(attacker)) {
        String id = victim.userId();
        for (String value :
            List.of(
                id,
                id + ":",
                id + ":" + "0".repeat(64),
                id + proven(login, attacker.userId()).substring(36),
                proven(other, id),
                id.toUpperCase(Locale.ROOT) + proven(other, id).substring(36))) {
          List<String> looks = new ArrayList<>();
          for (Relation relation : relations) {
            if (relation.ours()) {
              looks.add("select * from " + relation.name());
            }
          }
          for (String type : List.of("text", "uuid")) {
            if (type.equals("text") || value.length() == 36) {
              looks.add("select * from app.plan_users('{%s}'::%s[])".formatted(value, type));
              looks.add("select * from app.plan_channels('{%s}'::%s[])".formatted(value, type));
              looks.add(
                  "select * from app.read_grants('{%s}'::%s[], '{%s}')"
                      .formatted(value, type, victim.channels().getFirst()));
            }
          }
          for (String sql : looks) {
            String output = executeAs(login, value, sql);
            attempts.tried("sidecar without the key");
            judge(output, attacker, "by '" + value + "': " + sql);
          }
        }
      }
    }
  }

  // ---- what is tried ----

  private static List<String> readsOfCatalog(Relation relation) {
    String r = relation.name();
    return List.of(
        "select * from " + r,
        "select t::text from " + r + " t",
        "copy (select * from " + r + ") to stdout");
  }

  private static List<String> reads(Relation relation, Person victim) {
    String r = relation.name();
    String v = victim.userId();
    List<String> all =
        new ArrayList<>(
            List.of(
                "select * from " + r,
                "table " + r,
                "select t::text from " + r + " t",
                "select ctid, tableoid::regclass, * from " + r,
                "select string_agg(t::text, ',') from " + r + " t",
                "select to_jsonb(t) from " + r + " t",
                "select b.* from %1$s a right join %1$s b on a is distinct from b".formatted(r),
                "select v.* from analytics.users u full join %s v on true".formatted(r),
                "select v.* from analytics.users u, lateral (select * from %s offset 0) v"
                    .formatted(r),
                "with x as materialized (select * from %s) select * from x".formatted(r),
                "select * from %s tablesample system (100)".formatted(r),
                "select * from " + r + " for update",
                "explain (analyze, verbose, costs off, timing off, summary off) select * from " + r,
                "copy (select * from " + r + ") to stdout",
                "copy " + r + " to stdout",
                "deallocate all; prepare p as select * from %s; execute p; deallocate p"
                    .formatted(r),
                "begin; declare c cursor for select * from %s; fetch all from c; commit"
                    .formatted(r),
                "set row_security = off; select * from %s; reset row_security".formatted(r),
                "set enable_indexscan = off; set enable_bitmapscan = off; select * from %s; reset enable_indexscan; reset enable_bitmapscan"
                    .formatted(r),
                "select query_to_xml('select * from %s', true, false, '')".formatted(r),
                "select table_to_xml('%s', true, false, '')".formatted(r),
                "do $$ declare x record; begin for x in select * from %s loop raise notice '%%', x; end loop; end $$"
                    .formatted(r)));
    if (relation.has("user_id")) {
      all.addAll(
          List.of(
              "select * from %s where user_id = '%s'".formatted(r, v),
              "select * from %s where user_id::text like '%%'".formatted(r),
              "select * from %s where user_id = '%s' or true".formatted(r, v),
              "select * from %s where not (user_id = (select user_id from analytics.users))"
                  .formatted(r),
              "explain (analyze, verbose, costs off, timing off, summary off) select * from %s where user_id = '%s'"
                  .formatted(r, v)));
    }
    for (int i = 0; i < relation.columns().size(); i++) {
      if (relation.types().get(i).equals("text")) {
        // An error that tells the value, wherever the row is another's.
        String column = relation.columns().get(i);
        all.add(
            "select * from %1$s where case when %2$s then %3$s::int = 0 else false end"
                .formatted(r, relation.has("user_id") ? "user_id = '" + v + "'" : "true", column));
      }
    }
    return all;
  }

  private static List<String> writes(Relation relation, Person attacker, Person victim) {
    String r = relation.name();
    String v = victim.userId();
    List<String> all =
        new ArrayList<>(
            List.of(
                "delete from " + r,
                "delete from %s returning *".formatted(r),
                "truncate " + r,
                "copy %s from stdin".formatted(r),
                "insert into %1$s select * from %1$s".formatted(r),
                "insert into %1$s select * from %1$s on conflict do nothing".formatted(r),
                "merge into %1$s t using %1$s s on true when matched then delete".formatted(r)));
    for (String column : relation.columns()) {
      all.add("update %1$s set %2$s = %2$s".formatted(r, column));
      all.add("update %1$s set %2$s = null returning *".formatted(r, column));
    }
    if (relation.has("user_id")) {
      all.addAll(
          List.of(
              "delete from %s where user_id = '%s'".formatted(r, v),
              "update %s set user_id = '%s'".formatted(r, v),
              "update %s set user_id = '%s' where user_id = '%s'"
                  .formatted(r, attacker.userId(), v),
              "insert into %s (user_id) values ('%s')".formatted(r, v),
              "delete from %1$s using analytics.users u where %1$s.user_id <> u.user_id"
                  .formatted(r)));
      String key = key(relation);
      if (!key.isEmpty()) {
        String named = values(relation, v, victim, true);
        String unnamed = values(relation, v, victim, false);
        for (String set :
            List.of(
                "do nothing",
                "do update set %s = excluded.%1$s returning *".formatted(last(relation)),
                "do update set user_id = '%s' returning *".formatted(attacker.userId()),
                "do update set %1$s = excluded.%1$s where %2$s.user_id is not null returning *"
                    .formatted(last(relation), "m"))) {
          all.add("insert into %s as m %s on conflict (%s) %s".formatted(r, named, key, set));
          all.add("insert into %s as m %s on conflict (%s) %s".formatted(r, unnamed, key, set));
        }
      }
    }
    return all;
  }

  /** The columns of a relation's natural key, as ON CONFLICT names them. */
  private static String key(Relation relation) {
    for (List<String> key :
        List.of(
            List.of("user_id", "video_id", "date"),
            List.of("user_id", "video_id", "day"),
            List.of("user_id", "video_id", "observed_at"),
            List.of("user_id", "channel_id", "date"),
            List.of("user_id", "channel_id", "day"),
            List.of("user_id", "channel_id", "observed_at"),
            List.of("user_id", "video_id"),
            List.of("user_id", "channel_id"),
            List.of("user_id"))) {
      if (relation.columns().containsAll(key)) {
        return String.join(", ", key);
      }
    }
    return "";
  }

  private static String last(Relation relation) {
    return relation.has("views") ? "views" : relation.columns().getLast();
  }

  /** A row under the victim's keys. */
  private static String values(Relation relation, String user, Person victim, boolean nameUser) {
    Map<String, String> row = new LinkedHashMap<>();
    for (int i = 0; i < relation.columns().size(); i++) {
      String column = relation.columns().get(i);
      String type = relation.types().get(i);
      if (column.equals("user_id") && !nameUser) {
        continue;
      }
      row.put(
          column,
          switch (column) {
            case "user_id" -> "'" + user + "'";
            case "channel_id" -> "'" + victim.channels().getFirst() + "'";
            case "video_id" -> "'" + victim.videoId() + "'";
            case "date", "day" -> "'2026-11-01'";
            case "observed_at" -> "'2026-11-20T17:01:00Z'";
            default ->
                switch (type) {
                  case "bigint", "integer", "smallint", "numeric" -> "1";
                  case "boolean" -> "null";
                  case "date" -> "'2026-11-01'";
                  case "timestamp with time zone" -> "now()";
                  case "jsonb" -> "'{}'";
                  case "text[]" -> "'{}'";
                  case "bytea" -> "'x'";
                  case "uuid" -> "gen_random_uuid()";
                  default -> "'x'";
                };
          });
    }
    row.keySet().removeIf(column -> column.matches("revision_id|audit_id|notice_id"));
    return "(%s) values (%s)"
        .formatted(String.join(", ", row.keySet()), String.join(", ", row.values()));
  }

  private static List<String> alterations(Relation relation, Person attacker) {
    String r = relation.name();
    return List.of(
        "alter table %s disable row level security".formatted(r),
        "alter table %s no force row level security".formatted(r),
        "alter view %s reset (security_barrier)".formatted(r),
        "alter table %s owner to %s".formatted(r, attacker.login()),
        "alter table %s set schema public".formatted(r),
        "alter table %s add column mine int".formatted(r),
        "create policy mine on %s using (true)".formatted(r),
        "create rule mine as on insert to %s do also nothing".formatted(r),
        "create trigger mine before insert on %s execute function suppress_redundant_updates_trigger()"
            .formatted(r),
        "create index on %s (user_id)".formatted(r),
        "comment on view %s is 'mine'".formatted(r),
        "grant all on %s to public".formatted(r),
        "create or replace view %s as select 1".formatted(r),
        "drop view %s cascade".formatted(r),
        "drop table %s cascade".formatted(r));
  }

  private List<String> creations(Person attacker) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "create temp table mine (x int)",
                "create temp view mine as select 1",
                "create function pg_temp.mine() returns int language sql as 'select 1'",
                "create schema mine",
                "create role mine",
                "create database mine",
                "create extension file_fdw",
                "create publication mine for all tables",
                "create foreign data wrapper mine",
                "create language plperlu",
                "create event trigger mine on ddl_command_end execute function now()",
                "alter role %s superuser".formatted(attacker.login()),
                "alter role %s bypassrls".formatted(attacker.login()),
                "alter role ytempire_app password 'mine'",
                "alter system set log_statement = 'all'",
                "grant ytempire_app to %s".formatted(attacker.login()),
                "grant ytempire_owner to %s".formatted(attacker.login()),
                "reassign owned by ytempire_owner to %s".formatted(attacker.login()),
                "drop owned by ytempire_owner",
                "alter default privileges for role ytempire_owner grant all on tables to public",
                "copy (select 1) to program 'cat'",
                "copy (select 1) to '/tmp/mine'",
                "load 'auto_explain'",
                "checkpoint"));
    for (String schema : List.of("public", "analytics", "app", "core", "sec", "flyway")) {
      all.add("create table %s.mine (x int)".formatted(schema));
      all.add("create view %s.mine as select 1".formatted(schema));
      all.add("create function %s.mine() returns int language sql as 'select 1'".formatted(schema));
      all.add("create type %s.mine as (x int)".formatted(schema));
    }
    return all;
  }

  /** With these a tenant could hold up the sidecar, fill the disk or speak to other sessions. */
  private static List<String> blockades() {
    return List.of(
        "select pg_advisory_lock(1)",
        "select pg_advisory_lock(1, 2)",
        "select pg_advisory_lock_shared(1)",
        "select pg_advisory_xact_lock(1)",
        "select pg_advisory_xact_lock(1, 2)",
        "select pg_try_advisory_lock(1)",
        "select pg_try_advisory_lock_shared(1)",
        "select pg_try_advisory_xact_lock(1)",
        "select pg_notify('x', 'y')",
        "select lo_create(0)",
        "select lo_creat(-1)",
        "select lo_from_bytea(0, 'x')",
        "select lo_import('/etc/passwd')",
        "begin; lock table analytics.users in share mode; commit",
        "begin; lock table analytics.channels in access exclusive mode; commit",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
        "select pg_reload_conf()",
        "select pg_rotate_logfile()",
        "select pg_switch_wal()",
        "select pg_create_restore_point('mine')",
        "select pg_stat_reset()",
        "select pg_read_file('pg_hba.conf')",
        "select pg_ls_dir('.')");
  }

  /** What the server holds a login to, and the login cannot lift. */
  private static List<String> escapes(Person attacker) {
    return List.of(
        "set temp_file_limit = -1",
        "alter role %s set temp_file_limit = -1".formatted(attacker.login()),
        "alter role %s connection limit 100".formatted(attacker.login()),
        "alter role %s valid until 'infinity'".formatted(attacker.login()),
        "alter role %s createrole".formatted(attacker.login()),
        "update sec.tenant_limits set connections_each = 100",
        "select app.configure_tenant_login('%s', null, true)".formatted(attacker.login()),
        "select app.enforce_tenant_limits()",
        "select app.observe_tenant_activity(now(), 1)",
        "update sec.tenant_activity set is_paused = false",
        "update sec.login_days set made = 0",
        "delete from sec.login_days",
        "alter role %s connection limit 3".formatted(attacker.login()),
        "select app.drop_retired_logins()",
        "select app.close_databases()",
        "select app.maintain(now())",
        "call core.hide_statistics()",
        "select lo_create(0)",
        "select lo_from_bytea(0, 'x')");
  }

  /** Who else is there, what they do and how much of it there is. */
  private static List<String> glances() {
    return List.of(
        "select * from pg_roles",
        "select * from pg_user",
        "select * from pg_auth_members",
        "select * from pg_db_role_setting",
        "select * from pg_stat_activity",
        "select pg_stat_get_activity(null)",
        "select * from pg_stat_user_tables",
        "select * from pg_stat_database",
        "select * from pg_statio_all_tables",
        "select * from pg_locks",
        "select pg_database_size(current_database())",
        "select pg_current_wal_lsn()",
        "select pg_relation_size(oid) from pg_class where relname = 'channel_days'");
  }

  /** But for the databases of other tests, which are other installations of ours. */
  private void connectElsewhere(Person attacker) throws SQLException {
    for (String other :
        column(
            "select datname as x from pg_database where datallowconn and datname !~ '^test' and datname <> current_database()")) {
      attempts.tried("tenant connects elsewhere");
      try (Connection inside =
          Engines.postgres().connect(other, attacker.login(), attacker.password())) {
        attempts.leak(attacker + " in " + inside.getCatalog(), "was let in");
      } catch (SQLException e) {
        if (!"42501".equals(e.getSQLState())) {
          attempts.leak(attacker + " in " + other, String.valueOf(e.getMessage()));
        }
      }
    }
  }

  private List<String> disguises(Person attacker, Person victim) {
    String look = "select * from analytics.youtube_metrics";
    List<String> all = new ArrayList<>();
    for (String setting :
        List.of(
            "set app.tenant_id = '%s'",
            "select set_config('app.tenant_id', '%s', false)",
            "set session app.tenant_id to '%s'")) {
      for (Relation relation : relations) {
        if (relation.ours()) {
          all.add(setting.formatted(victim.userId()) + "; select * from " + relation.name());
        }
      }
    }
    for (String role : roles) {
      if (!role.equals(attacker.login())) {
        all.add("set role " + role + "; " + look);
        all.add("set session authorization " + role + "; " + look);
        all.add("set local role " + role + "; " + look);
        all.add("select set_config('role', '%s', false); %s".formatted(role, look));
        all.add(
            "select set_config('session_authorization', '%s', false); %s".formatted(role, look));
      }
    }
    all.add("set search_path = core, sec; select * from channel_days");
    all.add("set search_path = sec; select tenant()");
    all.add("select sec.tenant()");
    all.add("select sec.hidden_channels()");
    for (String setting : List.of("tenant_id", "user_id", "role")) {
      all.add("set app.%s = '%s'; %s".formatted(setting, victim.userId(), look));
    }
    return all;
  }

  private List<String> calls(Routine routine, Person victim) {
    if (NOT_CALLED.contains(routine.name())) {
      return List.of();
    }
    String name = routine.schema() + "." + routine.name();
    List<String> texts =
        routine.types().contains("text") && routine.types().size() <= 2
            ? List.of(
                "core.channel_days",
                "select * from core.channel_days",
                victim.channels().getFirst())
            : List.of(victim.channels().getFirst());
    return texts.stream()
        .map(text ->
            "select * from %s(%s)"
                .formatted(
                    name,
                    routine.types().stream()
                        .map(type -> argument(type, text, victim))
                        .collect(Collectors.joining(", "))))
        .toList();
  }

  private static String argument(String type, String text, Person victim) {
    return switch (type) {
      case "text", "character varying", "xid8" -> "'" + text + "'";
      case "text[]" -> "array['%s']".formatted(victim.channels().getFirst());
      case "name" -> "'" + victim.login() + "'";
      case "uuid" -> "'" + victim.userId() + "'";
      case "oid", "regclass" ->
          "(select min(oid) from pg_class where relname = 'channel_days')::" + type;
      case "boolean" -> "true";
      case "smallint", "integer", "bigint", "numeric", "real", "double precision" -> "1::" + type;
      case "timestamp with time zone", "timestamp without time zone", "date" -> "now()::" + type;
      case "bytea" -> "'\\x00'::bytea";
      case "xml" -> "'<a/>'::xml";
      case "refcursor" -> "'c'::refcursor";
      default -> "null::" + type;
    };
  }

  // ---- and how it is judged ----

  /**
   * Returns what is tried on the other users, each statement once with those whom it is tried on:
   * most name no user, and are the same for all.
   */
  private Map<String, List<Person>> byVictims(
      Person attacker, Function<Person, List<String>> statements) {
    Map<String, List<Person>> victims = new LinkedHashMap<>();
    for (Person victim : others(attacker)) {
      for (String sql : new LinkedHashSet<>(statements.apply(victim))) {
        victims.computeIfAbsent(sql, any -> new ArrayList<>()).add(victim);
      }
    }
    return victims;
  }

  private void look(Connection login, Person attacker, String kind, String sql) {
    String output = execute(login, sql);
    attempts.tried(kind);
    judge(output, attacker, sql);
  }

  /** The attacker is null where nobody acts: then every user's canary is another's. */
  private void judge(String output, @Nullable Person attacker, String sql) {
    String seen = canaries.seen(output, attacker, sql);
    if (!seen.isEmpty()) {
      attempts.leak(attacker + ": " + sql, "'" + seen + "' in: " + around(output, seen));
    }
  }

  private static String around(String output, String seen) {
    int at = output.indexOf(seen);
    return output.substring(Math.max(0, at - 80), Math.min(output.length(), at + 120));
  }

  private void refused(Connection login, Person attacker, String kind, String sql) {
    requireRefusal(execute(login, sql), attacker, kind, sql);
  }

  /** As {@link #refused}, in a transaction of the sidecar that claims to act for somebody. */
  private void refused(Connection login, Person attacker, String kind, String sql, String claimed) {
    requireRefusal(executeAs(login, claimed, sql), attacker, kind, sql);
  }

  private void requireRefusal(String output, Person attacker, String kind, String sql) {
    attempts.tried(kind);
    if (!output.startsWith("ERROR") && !output.contains("no privileges were granted")) {
      attempts.leak(attacker + ": " + sql, "was allowed");
    }
  }

  /**
   * A key of the victim must fare like one that nobody has.
   *
   * @param nobodys how the latter fares, which is the same for all victims
   */
  private void compare(
      Connection login,
      Person attacker,
      Person victim,
      Relation relation,
      Map<String, String> nobodys) {
    for (String[] pair : oracles(relation, victim)) {
      String real = execute(login, pair[0]);
      String nobody = nobodys.computeIfAbsent(pair[1], sql -> execute(login, sql));
      attempts.tried("tenant compares");
      if (!normal(real, victim).equals(normal(nobody, victim))) {
        attempts.leak(attacker + ": " + pair[0], "differs from " + pair[1] + ": " + real);
      }
    }
  }

  /** What the planner expects of a victim's key must be what it expects of one that nobody has. */
  private void comparePlans(Connection login, Person attacker, Person victim, Relation relation) {
    if (!relation.name().startsWith("analytics.")) {
      return;
    }
    for (String scan : List.of("on", "off")) {
      for (String[] pair : oracles(relation, victim)) {
        if (!pair[0].startsWith("select count(*)")) {
          continue;
        }
        for (String explain : List.of("explain ", "explain (analyze, timing off, summary off) ")) {
          String set = "set enable_seqscan = " + scan + "; " + explain;
          String real = execute(login, set + pair[0]);
          String nobody = execute(login, set + pair[1]);
          attempts.tried("tenant compares plans");
          if (!normal(real, victim).equals(normal(nobody, victim))) {
            attempts.leak(attacker + ": " + explain + pair[0], "differs from nobody's: " + real);
          }
        }
      }
    }
    quietly(login, "reset enable_seqscan");
  }

  private void compareAs(
      Connection login,
      Person attacker,
      Person victim,
      Relation relation,
      Map<String, String> nobodys)
      throws SQLException {
    List<String[]> pairs = new ArrayList<>(oracles(relation, victim));
    if (relation.name().matches("(analytics|app)\\..*")) {
      String insert = "insert into " + relation.name() + " " + values(relation, "", victim, false);
      pairs.add(new String[] {insert, nobodys(insert, victim)});
      String key = key(relation);
      if (!key.isEmpty()) {
        String upsert = insert + " on conflict (" + key + ") do nothing";
        pairs.add(new String[] {upsert, nobodys(upsert, victim)});
      }
    }
    for (String[] pair : pairs) {
      String claimed = proven(login, attacker.userId());
      String real = executeAs(login, claimed, pair[0]);
      String nobody = nobodys.computeIfAbsent(pair[1], sql -> executeAs(login, claimed, sql));
      attempts.tried("sidecar compares");
      if (!normal(real, victim).equals(normal(nobody, victim))) {
        attempts.leak(attacker + ": " + pair[0], "differs from " + pair[1] + ": " + real);
      }
      // The list of channels itself is where a user says which ones are theirs; the audit log tells
      // of what is gone.
      if (pair[0].startsWith("insert")
          && relation.has("channel_id")
          && !relation.name().equals("analytics.channels")
          && !real.startsWith("ERROR")) {
        attempts.leak(attacker + ": " + pair[0], "hung a row on another user's channel");
      }
    }
  }

  private static final String NOBODYS_CHANNEL = "UCnobodynobodynobodyno00";
  private static final String NOBODYS_VIDEO = "nobodyvideo";
  private static final String NOBODYS_NUMBER = "799999999999";
  private static final String NOBODYS_ID = "00000000-0000-4000-8000-000000000000";

  private static String nobodys(String sql, Person victim) {
    return sql.replace(victim.channels().getFirst(), NOBODYS_CHANNEL)
        .replace(victim.videoId(), NOBODYS_VIDEO)
        .replace(victim.number(), NOBODYS_NUMBER)
        .replace(victim.email(), "nobody@example.com")
        .replace(victim.userId(), NOBODYS_ID);
  }

  /** Without what differs each time: where the name stood, and the attempt's own time and id. */
  private static String normal(String output, Person victim) {
    return nobodys(output, victim)
        .replaceAll("Position: \\d+", "")
        .replaceAll(
            "(Failing row contains \\([^)]*\\) = \\()[-0-9: .+]+, [-0-9a-f]{36}(?=, )",
            "$1now, new");
  }

  private static List<String[]> oracles(Relation relation, Person victim) {
    List<String> real = new ArrayList<>();
    String r = relation.name();
    for (int i = 0; i < relation.columns().size(); i++) {
      String column = relation.columns().get(i);
      String type = relation.types().get(i);
      String value =
          switch (column) {
            case "user_id" -> victim.userId();
            case "channel_id" -> victim.channels().getFirst();
            case "video_id" -> victim.videoId();
            case "email" -> victim.email();
            default -> type.equals("bigint") ? victim.number() : "";
          };
      if (!value.isEmpty()) {
        real.add("select count(*) from %s where %s = '%s'".formatted(r, column, value));
        real.add(
            "select 1 / (case when %2$s = '%3$s' then 0 else 1 end) from %1$s"
                .formatted(r, column, value));
        real.add(
            "select * from %1$s where 1 / (case when %2$s = '%3$s' then 0 else 1 end) = 2"
                .formatted(r, column, value));
        real.add("delete from %s where %s = '%s'".formatted(r, column, value));
      }
    }
    return real.stream().map(sql -> new String[] {sql, nobodys(sql, victim)}).toList();
  }

  private void requireUntouched(Person attacker, String after) throws SQLException {
    Map<String, String> fresh = stored.now();
    for (Person person : others(attacker)) {
      String now = Objects.requireNonNull(fresh.get(person.userId()));
      if (!now.equals(baseline.get(person.userId()))) {
        attempts.leak(after, "changed rows of " + person);
        baseline.put(person.userId(), now);
      }
    }
  }

  private List<Person> others(Person attacker) {
    return people.stream().filter(person -> person != attacker).toList();
  }

  private static void quietly(Connection login, String sql) {
    try (Statement statement = login.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  /** Everything that comes back: rows, counts, notices, and the error with all its fields. */
  private static String execute(Connection login, String sql) {
    if (sql.startsWith("copy") && (sql.endsWith("to stdout") || sql.endsWith("from stdin"))) {
      return copy(login, sql);
    }
    String output = String.join("", results(login, sql));
    if (output.startsWith("ERROR")) {
      // A script that failed in its own transaction leaves it open.
      endTransaction(login);
    }
    return output;
  }

  /** By the driver's own calls: as a statement, it would leave an answer behind to the next one. */
  private static String copy(Connection login, String sql) {
    try {
      CopyManager copies = login.unwrap(PGConnection.class).getCopyAPI();
      if (sql.endsWith("from stdin")) {
        return copies.copyIn(sql).endCopy() + " rows\n";
      }
      ByteArrayOutputStream copied = new ByteArrayOutputStream();
      copies.copyOut(sql, copied);
      return copied.toString(StandardCharsets.UTF_8);
    } catch (SQLException e) {
      requireSession(login, e);
      endTransaction(login);
      return error(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs a statement in a transaction that claims to act for somebody and is rolled back. Returns
   * what {@link #execute} returns of it.
   */
  private static String executeAs(Connection login, String claimed, String sql) {
    if (sql.startsWith("copy")) {
      String output = beginAs(login, claimed, sql);
      endTransaction(login);
      return output;
    }
    return runAs(login, claimed, sql, "; rollback");
  }

  /** As {@link #executeAs}, and leaves the transaction open. */
  private static String beginAs(Connection login, String claimed, String sql) {
    if (sql.startsWith("copy")) {
      runAs(login, claimed, "", "");
      return execute(login, sql);
    }
    return runAs(login, claimed, sql, "");
  }

  /** All is sent at once: the way there and back takes longer than most of the steps. */
  private static String runAs(Connection login, String claimed, String sql, String end) {
    // The last one may have ended by an error, and its transaction not at all.
    String begin = transaction(login) == TransactionState.IDLE ? "begin; " : "rollback; begin; ";
    List<String> results = results(login, begin + claim(claimed) + "; " + sql + end);
    if (results.getFirst().startsWith("ERROR")) {
      return results.getFirst();
    }
    // Without what begin, claim and end say.
    int first = begin.startsWith("begin") ? 2 : 3;
    int last = results.size() - (end.isEmpty() ? 1 : 2);
    return String.join("", results.subList(first, last)) + results.getLast();
  }

  /**
   * Runs statements that are sent at once.
   *
   * @return a text for each result and one for all notices; the error alone if there is one
   */
  private static List<String> results(Connection login, String sql) {
    List<StringBuilder> results = new ArrayList<>();
    try (Statement statement = login.createStatement()) {
      boolean isResult = statement.execute(sql);
      while (isResult || statement.getUpdateCount() >= 0) {
        StringBuilder result = new StringBuilder();
        if (isResult) {
          append(result, statement);
        } else {
          result.append(statement.getUpdateCount()).append(" rows\n");
        }
        results.add(result);
        isResult = statement.getMoreResults();
      }
      StringBuilder notices = new StringBuilder();
      for (SQLWarning warning = statement.getWarnings();
          warning != null;
          warning = warning.getNextWarning()) {
        notices.append(warning.getMessage()).append('\n');
      }
      results.add(notices);
    } catch (SQLException e) {
      requireSession(login, e);
      return List.of(error(e));
    }
    return results.stream().map(StringBuilder::toString).toList();
  }

  /** Of a session that has ended every statement fails: nothing would be tried any more. */
  private static void requireSession(Connection login, SQLException e) {
    String state = String.valueOf(e.getSQLState());
    try {
      if (login.isClosed() || state.startsWith("08") || state.equals("57P01")) {
        throw new IllegalStateException("the session did not outlive the attempt", e);
      }
    } catch (SQLException closed) {
      throw new IllegalStateException(closed);
    }
  }

  private static String error(SQLException e) {
    StringBuilder error = new StringBuilder("ERROR ").append(e.getSQLState()).append(' ');
    error.append(e.getMessage());
    if (e instanceof PSQLException full && full.getServerErrorMessage() != null) {
      error.append(full.getServerErrorMessage()).append(full.getServerErrorMessage().getDetail());
    }
    return error.append('\n').toString();
  }

  private static TransactionState transaction(Connection login) {
    try {
      return login.unwrap(BaseConnection.class).getTransactionState();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void endTransaction(Connection login) {
    if (transaction(login) != TransactionState.IDLE) {
      quietly(login, "rollback");
    }
  }

  private static void append(StringBuilder output, Statement statement) throws SQLException {
    try (var rows = statement.getResultSet()) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        for (int i = 1; i <= columns; i++) {
          output.append(rows.getString(i)).append('\t');
        }
        output.append('\n');
      }
    }
  }
}
