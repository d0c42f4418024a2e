package com.ytempire.sidecar;

import static com.ytempire.sidecar.testing.Platform.OPERATOR_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.GrafanaStandIn.Account;
import com.ytempire.sidecar.GrafanaStandIn.Organization;
import com.ytempire.sidecar.dashboards.GrafanaVerification;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Users' organizations in Grafana, against a stand-in that checks and remembers. */
final class DashboardsTest {
  private final GrafanaStandIn grafana = new GrafanaStandIn();
  private Platform platform;

  @BeforeEach
  void start() {
    platform =
        new Platform(
            2,
            1,
            Map.of(
                "YTEMPIRE_GRAFANA_URL",
                grafana.url(),
                "YTEMPIRE_GRAFANA_PASSWORD",
                GrafanaStandIn.PASSWORD,
                "YTEMPIRE_GRAFANA_PUBLIC_URL",
                "https://dashboards.example.com"));
  }

  @AfterEach
  void close() {
    platform.close();
    grafana.close();
    assertEquals(List.of(), grafana.faults);
  }

  /** Provisions a user's dashboards, after the job that may be at it. */
  private Answer provision(String user) {
    AtomicReference<Answer> answer = new AtomicReference<>();
    Polling.until(
        "nobody else who provisions the user",
        () -> {
          answer.set(platform.post("/v1/users/" + user + "/dashboards", OPERATOR_TOKEN, Map.of()));
          return answer.get().status() != 429;
        });
    return answer.get();
  }

  private Answer read(String user) {
    return platform.get("/v1/users/" + user + "/dashboards", OPERATOR_TOKEN);
  }

  private Organization only() {
    synchronized (grafana) {
      assertEquals(2, grafana.organizations.size(), "beside the operators' own");
      return grafana.organizations.entrySet().stream()
          .filter(entry -> entry.getKey() != 1)
          .findFirst()
          .orElseThrow()
          .getValue();
    }
  }

  private Organization organization(long id) {
    synchronized (grafana) {
      return Objects.requireNonNull(grafana.organizations.get(id));
    }
  }

  private static JsonNode source(Organization organization) {
    return Objects.requireNonNull(organization.dataSources.get("ytempire"));
  }

  private Account viewer() {
    synchronized (grafana) {
      assertEquals(2, grafana.accounts.size(), "beside the administrator");
      return grafana.accounts.values().stream()
          .filter(account -> account.id() != 1)
          .findFirst()
          .orElseThrow();
    }
  }

  /** Runs the job that a replica runs every few seconds. */
  private void runJob() {
    platform.app.runDashboards();
  }

  private String user(String email) {
    String user = platform.createUser(email);
    runJob();
    return user;
  }

  @Test
  void a_new_user_gets_an_organization_with_the_three_dashboards() throws Exception {
    String ada = user("ada@example.com");
    Organization organization = only();
    assertEquals("YTEMPIRE " + ada, organization.name);
    assertEquals(
        Set.of("ytempire-revenue", "ytempire-channels", "ytempire-costs"),
        organization.dashboards.keySet());
    assertEquals(
        "ytempire-revenue",
        Objects.requireNonNull(organization.preferences).get("homeDashboardUID").asString());
    JsonNode source = source(organization);
    assertEquals(3, source.at("/jsonData/maxOpenConns").asInt(), "no more than the login has");
    // The login is this user's own, and works.
    try (Connection login =
        Engines.postgres()
            .connect(
                platform.database,
                source.get("user").asString(),
                source.at("/secureJsonData/password").asString())) {
      assertEquals(
          List.of(Map.of("email", "ada@example.com")),
          Platform.rows(login, "select email from analytics.users"));
    }
    assertEquals(Map.of(organizationId(), "Viewer"), viewer().roles());
    Answer link = read(ada).expect(200);
    assertEquals("ready", link.text("state"));
    assertEquals("https://dashboards.example.com/?orgId=" + organizationId(), link.text("url"));
    assertEquals(3, link.body().get("dashboards").size());
    assertFalse(link.body().toString().contains("assword"), "no secret in a link");
  }

  private long organizationId() {
    synchronized (grafana) {
      return grafana.organizations.keySet().stream().mapToLong(id -> id).max().orElseThrow();
    }
  }

  @Test
  void reconciling_twice_changes_nothing() {
    String ada = user("ada@example.com");
    String login = source(only()).get("user").asString();
    synchronized (grafana) {
      grafana.calls.clear();
    }
    platform.clock.advance(Duration.ofMinutes(61));
    runJob();
    synchronized (grafana) {
      assertTrue(grafana.calls.contains("GET /api/dashboards/uid/ytempire-costs"), "was checked");
      assertFalse(grafana.calls.contains("POST /api/dashboards/db"));
      assertFalse(grafana.calls.contains("POST /api/orgs"));
      assertFalse(grafana.calls.contains("PUT /api/datasources/uid/ytempire"));
    }
    Answer again = provision(ada).expect(200);
    assertTrue(again.body().get("password").isNull(), "the account was there");
    assertEquals(login, source(only()).get("user").asString());
  }

  @Test
  void a_lost_grafana_database_is_made_up_for() {
    String ada = user("ada@example.com");
    String before = source(only()).get("user").asString();
    grafana.reset();
    // The id that was ours is somebody else's now.
    grafana.addOrganization("Somebody else");
    Answer made = provision(ada).expect(200);
    assertFalse(made.text("password").isEmpty(), "a new account");
    synchronized (grafana) {
      assertEquals(0, organization(2).dashboards.size(), "not taken over");
      Organization ours = organization(organizationId());
      assertEquals(3, ours.dashboards.size());
      assertNotEquals(before, source(ours).get("user").asString());
    }
    JsonNode logins =
        platform.get("/v1/users/" + ada + "/database-logins", OPERATOR_TOKEN).body().get("logins");
    assertEquals(1, logins.size(), "the login whose password was lost is gone");
  }

  @Test
  void an_organization_of_the_same_name_is_never_taken_over() {
    String ada = platform.createUser("ada@example.com");
    String name = "YTEMPIRE " + ada;
    long foreign = grafana.addOrganization(name);
    provision(ada).expect(200);
    synchronized (grafana) {
      assertEquals(0, organization(foreign).dashboards.size());
      assertEquals(name + " (2)", organization(organizationId()).name);
    }
  }

  private static Map<String, Consumer<GrafanaStandIn>> theirs(long organization) {
    return Map.of(
        "a member beside our administrator",
        grafana -> grafana.addAccount("somebody", organization),
        "a data source",
        grafana ->
            in(grafana, organization).dataSources.put("theirs", Platform.JSON.createObjectNode()),
        "a folder",
        grafana -> in(grafana, organization).folders.put("theirs", "Theirs"),
        "a dashboard",
        grafana ->
            in(grafana, organization).dashboards.put("theirs", Platform.JSON.createObjectNode()));
  }

  private static Organization in(GrafanaStandIn grafana, long organization) {
    return Objects.requireNonNull(grafana.organizations.get(organization));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a member beside our administrator", "a data source", "a folder", "a dashboard"})
  void an_organization_of_our_administrator_is_not_taken_over_with(String what) {
    String ada = platform.createUser("ada@example.com");
    String name = "YTEMPIRE " + ada;
    long foreign = grafana.makeOrganization(name);
    synchronized (grafana) {
      Objects.requireNonNull(theirs(foreign).get(what)).accept(grafana);
    }
    provision(ada).expect(200);
    synchronized (grafana) {
      assertFalse(organization(foreign).dashboards.containsKey("ytempire-revenue"));
      assertFalse(organization(foreign).dataSources.containsKey("ytempire"));
      Organization ours =
          grafana.organizations.values().stream()
              .filter(each -> each.dashboards.containsKey("ytempire-revenue"))
              .findFirst()
              .orElseThrow();
      assertEquals(name + " (2)", ours.name);
    }
  }

  @Test
  void an_organization_of_which_grafana_sent_no_answer_is_the_users() {
    synchronized (grafana) {
      grafana.losing = "POST /api/orgs";
    }
    String ada = user("ada@example.com");
    synchronized (grafana) {
      assertEquals(2, grafana.organizations.size(), "it was made");
      grafana.losing = "";
    }
    provision(ada).expect(200);
    assertEquals("YTEMPIRE " + ada, only().name);
    assertEquals(3, only().dashboards.size());
  }

  @Test
  void an_account_never_keeps_an_organization_of_its_own() {
    synchronized (grafana) {
      grafana.givesOwnOrganization = true;
    }
    user("ada@example.com");
    assertEquals(3, only().dashboards.size());
    assertEquals(Set.of("Viewer"), Set.copyOf(viewer().roles().values()));
    assertEquals(1, viewer().roles().size());
  }

  @Test
  void an_erased_user_leaves_nothing_in_grafana() {
    String ada = user("ada@example.com");
    String bob = user("bob@example.com");
    synchronized (grafana) {
      grafana.broken = 503;
    }
    platform
        .delete(
            "/v1/users/%s?confirm=%s"
                .formatted(ada, URLEncoder.encode("ada@example.com", StandardCharsets.UTF_8)),
            OPERATOR_TOKEN)
        .expect(200);
    runJob();
    synchronized (grafana) {
      assertEquals(3, grafana.organizations.size());
      grafana.broken = 0;
    }
    platform.clock.advance(Duration.ofMinutes(2));
    runJob();
    assertEquals("YTEMPIRE " + bob, only().name);
    assertEquals("user-" + bob.substring(0, 8), viewer().login());
    assertEquals(0, platform.count("core.dashboard_removals"));
  }

  @Test
  void an_organization_that_our_administrator_looks_at_is_erased_too() {
    String ada = user("ada@example.com");
    synchronized (grafana) {
      grafana.current = organizationId();
    }
    erase(ada);
    runJob();
    synchronized (grafana) {
      assertEquals(Set.of(1L), grafana.organizations.keySet());
    }
    assertEquals(0, platform.count("core.dashboard_removals"));
  }

  @Test
  void a_viewer_that_renames_itself_stays_the_same_account() {
    String ada = user("ada@example.com");
    Account before = viewer();
    grafana.rename(before.login(), "somebody");
    platform.clock.advance(Duration.ofMinutes(61));
    runJob();
    assertEquals(before.id(), viewer().id());
    assertEquals(before.login(), viewer().login());
    grafana.rename(before.login(), "somebody");
    platform.patch("/v1/users/" + ada, OPERATOR_TOKEN, Map.of("isActive", false)).expect(200);
    runJob();
    assertTrue(viewer().isDisabled());
    erase(ada);
    runJob();
    synchronized (grafana) {
      assertEquals(Set.of(1L), grafana.accounts.keySet());
    }
  }

  @Test
  void a_renamed_viewer_whose_login_is_taken_gets_a_free_one() {
    user("ada@example.com");
    Account before = viewer();
    grafana.rename(before.login(), "somebody");
    grafana.addAccount(before.login(), 1);
    platform.clock.advance(Duration.ofMinutes(61));
    runJob();
    synchronized (grafana) {
      assertEquals(
          before.login() + "-2", Objects.requireNonNull(grafana.accounts.get(before.id())).login());
    }
  }

  @Test
  void other_members_are_removed_from_a_users_organization() {
    user("ada@example.com");
    long forgotten = grafana.addAccount("forgotten", organizationId());
    long colleague = grafana.addAccount("colleague", organizationId());
    synchronized (grafana) {
      Objects.requireNonNull(grafana.accounts.get(colleague)).roles().put(1L, "Viewer");
    }
    platform.clock.advance(Duration.ofMinutes(61));
    runJob();
    synchronized (grafana) {
      assertFalse(grafana.accounts.containsKey(forgotten), "it was a member of nothing else");
      assertEquals(
          Map.of(1L, "Viewer"), Objects.requireNonNull(grafana.accounts.get(colleague)).roles());
      assertTrue(grafana.accounts.containsKey(1L));
    }
  }

  @Test
  void a_viewer_that_is_a_server_administrator_is_reported() {
    String ada = user("ada@example.com");
    synchronized (grafana) {
      grafana.serverAdministrators.add(viewer().id());
    }
    provision(ada).expectProblem(502, "grafana-refused");
  }

  @Test
  void an_erased_users_account_is_deleted_without_its_organization() {
    String ada = user("ada@example.com");
    synchronized (grafana) {
      grafana.organizations.remove(organizationId());
      grafana.accounts.values().forEach(account -> account.roles().keySet().retainAll(Set.of(1L)));
    }
    erase(ada);
    runJob();
    synchronized (grafana) {
      assertEquals(Set.of(1L), grafana.accounts.keySet());
    }
    assertEquals(0, platform.count("core.dashboard_removals"));
  }

  @Test
  void an_erasure_deletes_no_account_that_took_the_id() {
    String ada = user("ada@example.com");
    long id = viewer().id();
    grafana.reset();
    while (grafana.addAccount("other", 1) < id) {
      // Grafana gives ids anew.
    }
    erase(ada);
    runJob();
    synchronized (grafana) {
      assertTrue(grafana.accounts.containsKey(id));
    }
  }

  private void erase(String user) {
    platform
        .delete("/v1/users/%s?confirm=ada%%40example.com".formatted(user), OPERATOR_TOKEN)
        .expect(200);
  }

  @Test
  void a_deactivated_users_account_is_disabled_though_provisioning_fails() {
    String ada = user("ada@example.com");
    synchronized (grafana) {
      grafana.broken = 500;
    }
    for (int i = 0; i < 3; i++) {
      provision(ada).expectProblem(503, "unavailable");
    }
    platform.patch("/v1/users/" + ada, OPERATOR_TOKEN, Map.of("isActive", false)).expect(200);
    synchronized (grafana) {
      grafana.broken = 0;
      grafana.refusedDashboard = "ytempire-costs";
    }
    platform.clock.advance(Duration.ofSeconds(61));
    runJob();
    assertTrue(viewer().isDisabled());
  }

  @Test
  void answers_to_customers_name_no_inner_address_and_quote_nothing_of_grafana() {
    synchronized (grafana) {
      grafana.broken = 500;
    }
    String ada = user("ada@example.com");
    assertEquals("Grafana answered with an error", read(ada).expect(200).text("problem"));
    assertFalse(provision(ada).text("detail").contains("/api/"));
  }

  @Test
  void the_dashboards_login_is_none_of_the_users_two_and_is_replaced() {
    String ada = user("ada@example.com");
    String login = source(only()).get("user").asString();
    String path = "/v1/users/" + ada + "/database-login";
    for (int i = 0; i < 2; i++) {
      assertTrue(platform.post(path, OPERATOR_TOKEN, Map.of()).text("login").startsWith("tenant_"));
    }
    platform.post(path, OPERATOR_TOKEN, Map.of()).expectProblem(409, "too-many-database-logins");
    var _ = platform.delete(path + "s/" + login, OPERATOR_TOKEN);
    runJob();
    assertNotEquals(login, source(only()).get("user").asString());
  }

  @Test
  void a_deactivated_user_cannot_sign_in_until_activated_again() {
    String ada = user("ada@example.com");
    platform.patch("/v1/users/" + ada, OPERATOR_TOKEN, Map.of("isActive", false)).expect(200);
    runJob();
    assertTrue(viewer().isDisabled());
    platform.patch("/v1/users/" + ada, OPERATOR_TOKEN, Map.of("isActive", true)).expect(200);
    runJob();
    assertFalse(viewer().isDisabled());
  }

  @Test
  void while_grafana_is_unavailable_nothing_else_waits_and_it_is_retried() {
    synchronized (grafana) {
      grafana.broken = 500;
    }
    String ada = user("ada@example.com");
    String bob = user("bob@example.com");
    Answer away = provision(ada).expectProblem(503, "unavailable");
    assertTrue(away.text("detail").contains("Grafana answered"), away.text("detail"));
    assertEquals("failing", read(ada).expect(200).text("state"));
    JsonNode warnings = platform.get("/health/ready", null).expect(200).body().get("warnings");
    assertTrue(warnings.get("dashboards").asString().contains("Grafana answered"));
    platform.get("/v1/users/" + ada, OPERATOR_TOKEN).expect(200);
    synchronized (grafana) {
      grafana.broken = 0;
    }
    platform.clock.advance(Duration.ofMinutes(10));
    runJob();
    assertEquals("ready", read(ada).expect(200).text("state"));
    assertEquals("ready", read(bob).expect(200).text("state"));
    assertFalse(
        platform.get("/health/ready", null).expect(200).body().get("warnings").has("dashboards"));
  }

  @Test
  void a_dashboard_that_grafana_refuses_stops_no_other() {
    synchronized (grafana) {
      grafana.refusedDashboard = "ytempire-costs";
    }
    String ada = platform.createUser("ada@example.com");
    Answer made = provision(ada).expect(200);
    assertTrue(made.body().get("faults").get(0).asString().contains("ytempire-costs"));
    assertEquals(2, only().dashboards.size());
    assertEquals("ready", read(ada).expect(200).text("state"));
  }

  @Test
  void an_older_grafana_that_answers_differently_is_provisioned_too() {
    synchronized (grafana) {
      grafana.version = "11.6.0";
    }
    String ada = user("ada@example.com");
    provision(ada).expect(200);
    assertEquals(3, only().dashboards.size());
    assertEquals("utc", Objects.requireNonNull(only().preferences).get("timezone").asString());
  }

  @Test
  void a_password_is_answered_once_and_kept_nowhere() throws SQLException {
    String ada = user("ada@example.com");
    Answer reset =
        platform
            .post("/v1/users/" + ada + "/dashboards/password", OPERATOR_TOKEN, Map.of())
            .expect(200);
    assertEquals(viewer().password(), reset.text("password"));
    assertEquals(viewer().login(), reset.text("login"));
    assertEquals(
        0,
        platform.count(
            "core.dashboard_organizations o where o::text like '%" + viewer().password() + "%'"));
  }

  @Test
  void settings_change_the_provisioned_dashboards() {
    String ada = user("ada@example.com");
    String token = platform.token("user", ada);
    String path = "/v1/users/" + ada + "/dashboard-settings";
    assertEquals("symbol", platform.get(path, token).expect(200).text("currencyFormat"));
    platform
        .patch(
            path,
            token,
            Map.of(
                "targetRevenueUsd", "12000.00",
                "timeZone", "Europe/Berlin",
                "currencyFormat", "code",
                "defaultPeriod", "28d",
                "hiddenPanels", List.of("cost-analysis/break-even")))
        .expect(200);
    runJob();
    Organization organization = only();
    JsonNode costs = Objects.requireNonNull(organization.dashboards.get("ytempire-costs"));
    assertEquals("now-28d", costs.at("/time/from").asString());
    Set<String> titles = new TreeSet<>();
    costs.get("panels").forEach(panel -> titles.add(panel.get("title").asString()));
    assertFalse(titles.contains("Break-Even"), titles.toString());
    assertTrue(titles.contains("Cost per Video"), titles.toString());
    assertFalse(organization.dashboards.toString().contains("currencyUSD"));
    assertEquals(
        "Europe/Berlin",
        Objects.requireNonNull(organization.preferences).get("timezone").asString());
    assertEquals("utc", costs.get("timezone").asString(), "its rows are days");
    assertEquals(
        "12000.00", platform.get("/v1/users/" + ada, token).expect(200).text("targetRevenueUsd"));
    String bob = platform.createUser("bob@example.com");
    platform
        .get("/v1/users/" + bob + "/dashboard-settings", token)
        .expectProblem(404, "unknown-user");
    Answer bad = platform.patch(path, token, Map.of("hiddenPanels", List.of("x"))).expect(400);
    assertTrue(bad.text("detail").contains("cost-analysis/break-even"), bad.text("detail"));
  }

  /** The exit status of the command. */
  private int verify(Path secret, OutputStream out, OutputStream err) {
    return Commands.run(
        Map.of(),
        new PrintStream(out),
        new PrintStream(err),
        ahead -> Clock.systemUTC(),
        "grafana",
        "verify",
        "--url",
        grafana.url(),
        "--password-file",
        secret.toString());
  }

  @Test
  void verify_goes_through_every_step_and_leaves_nothing() throws Exception {
    Path secret = Files.createTempFile("grafana", ".password");
    try {
      Files.writeString(secret, GrafanaStandIn.PASSWORD + "\n");
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      assertEquals(0, verify(secret, out, err));
      List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
      assertTrue(lines.getFirst().startsWith("Grafana 12.3.0 answers"), lines.toString());
      assertTrue(
          lines.contains("the account sees its 3 dashboards, and may administer nothing"),
          lines.toString());
      assertTrue(lines.getLast().matches("organization \\d+ was deleted"), lines.toString());
      assertEquals("", err.toString(StandardCharsets.UTF_8));
      synchronized (grafana) {
        assertEquals(Set.of(1L), grafana.organizations.keySet());
        assertEquals(Set.of(1L), grafana.accounts.keySet());
        grafana.refusedDashboard = "ytempire-costs";
      }
      assertEquals(1, verify(secret, out, err));
      assertTrue(err.toString(StandardCharsets.UTF_8).contains("ytempire-costs"));
      synchronized (grafana) {
        assertEquals(Set.of(1L), grafana.organizations.keySet(), "removed after a failure, too");
        grafana.keepsAdministratorsOut = true;
      }
      assertEquals(1, verify(secret, out, err));
      assertTrue(
          err.toString(StandardCharsets.UTF_8).contains("name Grafana's own address"),
          err.toString(StandardCharsets.UTF_8));
    } finally {
      Files.delete(secret);
    }
  }

  @Test
  void verify_removes_an_account_that_could_not_be_confined() {
    List<String> faults = new ArrayList<>();
    synchronized (grafana) {
      grafana.givesOwnOrganization = true;
      grafana.failing = "POST /api/orgs/\\d+/users";
    }
    assertFalse(
        GrafanaVerification.run(
            grafana.url(), "admin", GrafanaStandIn.PASSWORD, step -> {}, faults::add));
    assertEquals(1, faults.size(), faults.toString());
    synchronized (grafana) {
      assertEquals(Set.of(1L), grafana.accounts.keySet());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST /api/orgs", "POST /api/admin/users"})
  void verify_removes_what_grafana_made_though_no_answer_came(String call) {
    List<String> faults = new ArrayList<>();
    synchronized (grafana) {
      grafana.givesOwnOrganization = true;
      grafana.losing = call;
    }
    assertFalse(
        GrafanaVerification.run(
            grafana.url(), "admin", GrafanaStandIn.PASSWORD, step -> {}, faults::add));
    assertEquals(1, faults.size(), faults.toString());
    synchronized (grafana) {
      assertEquals(Set.of(1L), grafana.organizations.keySet());
      assertEquals(Set.of(1L), grafana.accounts.keySet());
    }
  }

  @Test
  void verify_names_what_may_be_left_where_it_cannot_look() {
    List<String> faults = new ArrayList<>();
    synchronized (grafana) {
      grafana.losing = "POST /api/orgs|GET /api/orgs/name/.*";
    }
    assertFalse(
        GrafanaVerification.run(
            grafana.url(), "admin", GrafanaStandIn.PASSWORD, step -> {}, faults::add));
    assertEquals(2, faults.size(), faults.toString());
    assertTrue(
        faults
            .getLast()
            .matches(
                "organization 'YTEMPIRE verify .{8}' or account 'YTEMPIRE-verify-.{8}' was not removed; delete it by hand if it is there: .*"),
        faults.toString());
  }

  @Test
  void verify_removes_what_it_made_whatever_breaks() {
    IllegalStateException broken = new IllegalStateException("broken");
    assertEquals(
        broken,
        assertThrows(
            IllegalStateException.class,
            () ->
                GrafanaVerification.run(
                    grafana.url(),
                    "admin",
                    GrafanaStandIn.PASSWORD,
                    step -> {
                      if (step.startsWith("data source")) {
                        throw broken;
                      }
                    },
                    fault -> {})));
    synchronized (grafana) {
      assertEquals(Set.of(1L), grafana.organizations.keySet());
      assertEquals(Set.of(1L), grafana.accounts.keySet());
    }
  }

  @Test
  void two_provision_one_user_only_one_after_the_other() {
    String ada = user("ada@example.com");
    platform.execute(
        "update core.dashboard_organizations set leased_until = '%s', due_at = '-infinity'"
            .formatted(platform.clock.instant().plusSeconds(60)));
    Answer busy =
        platform
            .post("/v1/users/" + ada + "/dashboards", OPERATOR_TOKEN, Map.of())
            .expectProblem(429, "busy");
    assertTrue(busy.text("detail").contains("being provisioned"));
    synchronized (grafana) {
      grafana.calls.clear();
    }
    runJob();
    synchronized (grafana) {
      assertEquals(List.of(), grafana.calls);
    }
    // The other one has died.
    platform.clock.advance(Duration.ofMinutes(2));
    provision(ada).expect(200);
  }
}
