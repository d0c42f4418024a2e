package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.SqlAttack.Part;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The attacks of {@link AttackTest} on a product without one guard after the other. */
final class GuardRemovalTest {
  /** What finds that a guard is gone. */
  private sealed interface Finder {
    /** An attack over HTTP. */
    record Http() implements Finder {}

    /** The look at the catalog alone: a second guard stands behind the first. */
    record Catalog() implements Finder {}

    /** An attack by SQL, which begins where the hole is, so that the rest need not be tried. */
    record Sql(SqlAttack.Beginning beginning) implements Finder {}

    Finder HTTP = new Http();
    Finder CATALOG = new Catalog();
    Finder TENANT = tenant(Part.LIMITS, "");
    Finder SIDECAR = sidecar(Part.LIMITS, "");

    static Finder tenant(Part part, String relation) {
      return new Sql(new SqlAttack.Beginning(SqlAttack.Login.TENANT, part, relation));
    }

    static Finder sidecar(Part part, String relation) {
      return new Sql(new SqlAttack.Beginning(SqlAttack.Login.SIDECAR, part, relation));
    }
  }

  /** A guard that is taken away. */
  private record Damage(String what, Finder foundBy, String sql) {}

  private static final String METRICS = "analytics.youtube_metrics";

  private static final String METRICS_VIEW =
      "create or replace view analytics.youtube_metrics %s as select user_id, channel_id, day as date, views, engaged_views,"
          + " watch_time_minutes, average_view_duration_seconds, average_view_percentage, likes, comments, shares,"
          + " subscribers_gained, subscribers_lost, revenue_usd, ad_revenue_usd, gross_revenue_usd, monetized_playbacks,"
          + " playback_based_cpm_usd, ad_impressions, cpm_usd, created_at, updated_at from core.channel_days %s";

  private static final List<Damage> IN_SQL =
      List.of(
          new Damage(
              "a WHERE in a view",
              Finder.tenant(Part.RELATIONS, METRICS),
              METRICS_VIEW.formatted("with (security_barrier)", "")),
          new Damage(
              "a security_barrier",
              Finder.sidecar(Part.RELATIONS, METRICS),
              "alter view analytics.youtube_metrics reset (security_barrier)"),
          new Damage(
              "the column grants that leave out user_id",
              Finder.sidecar(Part.RELATIONS, METRICS),
              "grant insert (user_id), update (user_id) on analytics.youtube_metrics to ytempire_app"),
          new Damage(
              "the privacy of a table",
              Finder.tenant(Part.RELATIONS, "core.channel_days"),
              "grant usage on schema core to ytempire_reader; grant select on core.channel_days to ytempire_reader"),
          new Damage(
              "the composite foreign key of a table",
              Finder.sidecar(Part.RELATIONS, METRICS),
              "alter table core.channel_days drop constraint channel_days_of_own_channel"),
          new Damage(
              "user_id in a unique key",
              Finder.tenant(Part.RELATIONS, "analytics.video_metrics"),
              "alter table core.video_days drop constraint video_days_pkey; alter table core.video_days add primary key (video_id, day)"),
          new Damage(
              "that a tenant's login is who it is, whatever it sets",
              Finder.tenant(Part.ROLES, ""),
              "create or replace function sec.tenant() returns uuid language sql stable security definer"
                  + " as $$ select nullif(left(current_setting('app.tenant_id', true), 36), '')::uuid $$"),
          new Damage(
              "the proof of the tenant that the sidecar names",
              Finder.SIDECAR,
              "create or replace function sec.tenant() returns uuid language plpgsql stable security definer as $$ declare l record; begin"
                  + " select * into l from sec.login_role where role_name = session_user;"
                  + " return case l.kind when 'tenant' then l.user_id when 'service' then"
                  + " nullif(left(current_setting('app.tenant_id', true), 36), '')::uuid end; end $$"),
          new Damage(
              "that the proof is of one session",
              Finder.SIDECAR,
              "create or replace function sec.session_id() returns text language sql stable as $$ select 'any' $$"),
          new Damage(
              "the end of the time without proofs",
              Finder.SIDECAR,
              "update sec.upgrade set unproven_until = 'infinity'"),
          new Damage(
              "that members of the sidecar's login are not its second login",
              Finder.sidecar(Part.ROLES, ""),
              "create or replace function app.require_operator() returns void language plpgsql stable security definer as $$ begin"
                  + " if session_user = 'ytempire_app' then raise exception 'no' using errcode = '42501'; end if; end $$"),
          new Damage(
              "that the second login alone reads the key of proofs",
              Finder.CATALOG,
              "grant execute on function app.tenant_key() to ytempire_app"),
          new Damage(
              "that disconnected channels are hidden",
              Finder.tenant(Part.RELATIONS, METRICS),
              "create or replace function sec.hidden_channels() returns text[] language sql stable as $$ select '{}'::text[] $$"),
          new Damage(
              "the user in an erasure",
              Finder.sidecar(Part.ROUTINES, ""),
              "alter function app.erase_channel_data(text) owner to postgres; create or replace function app.erase_channel_data(p_channel_id text)"
                  + " returns void language sql security definer as $$ delete from core.channel_days where channel_id = p_channel_id $$"),
          new Damage(
              "the user in dropping a login",
              Finder.sidecar(Part.ROUTINES, ""),
              "create or replace function app.drop_tenant_login(p_login name) returns void language sql security definer"
                  + " as $$ delete from sec.login_role where role_name = p_login $$"),
          new Damage(
              "that only the directory looks across users",
              Finder.TENANT,
              "create function app.peek() returns setof text language sql security definer as $$ select email from core.users $$;"
                  + " grant create on schema app to ytempire_directory; alter function app.peek() owner to ytempire_directory;"
                  + " grant execute on function app.peek() to ytempire_app"),
          new Damage(
              "that nobody makes temporary objects",
              Finder.TENANT,
              "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$"),
          new Damage(
              "that nobody notifies other sessions",
              Finder.TENANT,
              "grant execute on function pg_notify(text, text) to public"),
          new Damage(
              "that nobody sees others' sessions",
              Finder.TENANT,
              "grant select on pg_stat_activity to public; grant execute on function pg_stat_get_activity(integer) to public"),
          new Damage(
              "that the planner keeps no statistics of ids",
              Finder.CATALOG,
              "alter table core.video_days alter column user_id set statistics 100"),
          new Damage(
              "that no index over all users serves a reader",
              Finder.CATALOG,
              "create index on core.users (email)"),
          new Damage(
              "a policy, behind which the view still asks",
              Finder.CATALOG,
              "drop policy tenant on core.users; create policy tenant on core.users using (true) with check (true)"),
          new Damage(
              "row security, behind which the view still asks",
              Finder.CATALOG,
              "alter table core.videos no force row level security"));

  private static final String FIND_TOKEN =
      "create or replace function app.find_api_token_with_scopes(p_token_hash bytea) returns table (token_id uuid, kind text, user_id uuid, scopes text[], name text,"
          + " token_hash bytea, created_at timestamptz, expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz)"
          + " language sql stable security definer set search_path = pg_catalog, pg_temp as $$"
          + " select t.token_id, %s, coalesce(t.scopes, '{read,sync,administer,erase}'), t.name, t.token_hash, t.created_at, %s, t.last_used_at"
          + " from core.api_tokens t where %s $$";

  private static final List<Damage> IN_HTTP =
      List.of(
          new Damage(
              "that a revoked token is refused",
              Finder.HTTP,
              FIND_TOKEN.formatted(
                  "t.kind, t.user_id",
                  "t.expires_at, null::timestamptz",
                  "t.token_hash = p_token_hash")),
          new Damage(
              "that an expired token is refused",
              Finder.HTTP,
              FIND_TOKEN.formatted(
                  "t.kind, t.user_id",
                  "null::timestamptz, t.revoked_at",
                  "t.token_hash = p_token_hash")),
          new Damage(
              "that a user's token is one user's",
              Finder.HTTP,
              FIND_TOKEN.formatted(
                  "'service', null::uuid",
                  "t.expires_at, t.revoked_at",
                  "t.token_hash = p_token_hash")),
          new Damage(
              "a WHERE in a view, by HTTP",
              Finder.HTTP,
              METRICS_VIEW.formatted("with (security_barrier)", "")));

  @Test
  void the_suite_fails_whenever_a_guard_is_removed() throws Exception {
    StringBuilder report = new StringBuilder("Guards taken away, one at a time:\n");
    List<String> green = new ArrayList<>();
    try (Platform platform = new Platform(2, 2)) {
      AttackCast cast = new AttackCast(platform, 2);
      assertEquals(
          "",
          red(attempts -> new HttpAttack(platform, cast, attempts).run()),
          "red with every guard in place");
      for (Damage damage : IN_HTTP) {
        Map<String, Object> intact =
            platform
                .admin(
                    "select pg_get_functiondef('app.find_api_token_with_scopes'::regproc) as function, pg_get_viewdef('analytics.youtube_metrics') as view")
                .getFirst();
        run(platform.database, damage.sql());
        String found = red(attempts -> new HttpAttack(platform, cast, attempts).run());
        run(
            platform.database,
            intact.get("function")
                + "; create or replace view analytics.youtube_metrics with (security_barrier) as "
                + String.valueOf(intact.get("view")).replace(";", "")
                + " with cascaded check option");
        note(report, green, damage, found);
      }
      // A database is copied only while nobody is in it.
      platform.app.close();
      String whole = Engines.copyOf(platform.database);
      assertEquals(
          "",
          red(attempts -> new SqlAttack(whole, cast.people, attempts).run()),
          "red with every guard in place");
      assertEquals(List.of(), catalogFaults(whole, cast), "faults with every guard in place");
      for (Damage damage : IN_SQL) {
        String copy = Engines.copyOf(platform.database);
        run(copy, damage.sql());
        String found =
            damage.foundBy() instanceof Finder.Sql sql
                ? red(attempts -> new SqlAttack(copy, cast.people, attempts).run(sql.beginning()))
                : String.join("; ", catalogFaults(copy, cast));
        note(report, green, damage, found);
        // What is wrong with any database of the server is a fault of each.
        Engines.asAdmin("postgres", "drop database " + copy + " with (force)");
      }
      assertEquals(List.of(), catalogFaults(whole, cast), "faults that a damage left behind");
    }
    System.out.println(report);
    assertEquals(List.of(), green, "the suite stayed green without: " + green);
  }

  private static List<String> catalogFaults(String database, AttackCast cast) throws SQLException {
    return new SqlAttack(database, cast.people, new Attempts(true)).catalogFaults();
  }

  private static void note(StringBuilder report, List<String> green, Damage damage, String found) {
    report.append(
        "  %-4s  without %s%n        %s%n"
            .formatted(
                found.isEmpty() ? "GREEN" : "red",
                damage.what(),
                found
                    .lines()
                    .findFirst()
                    .orElse("")
                    .replaceAll("tenant_[0-9a-f]{32}", "a tenant")));
    if (found.isEmpty()) {
      green.add(damage.what());
    }
  }

  private interface Attack {
    void run(Attempts attempts) throws SQLException;
  }

  /** The first leak found; empty when there is none. */
  private static String red(Attack attack) throws SQLException {
    try {
      attack.run(new Attempts(true));
      return "";
    } catch (Attempts.FirstLeak leak) {
      return String.valueOf(leak.getMessage());
    }
  }

  private static void run(String database, String sql) throws SQLException {
    try (Connection admin = Engines.admin(database);
        var statement = admin.createStatement()) {
      statement.execute(sql);
    }
  }
}
