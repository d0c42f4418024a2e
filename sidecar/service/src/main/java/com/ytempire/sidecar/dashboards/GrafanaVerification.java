package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.dashboards.Provisioner.DatabaseAddress;
import com.ytempire.sidecar.dashboards.Provisioner.Organization;
import com.ytempire.sidecar.dashboards.Provisioner.Viewer;
import com.ytempire.sidecar.tenancy.Secrets;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the provisioning of a user once against a real Grafana, with an organization and an account
 * of its own that are removed at the end, whatever happens.
 */
public final class GrafanaVerification {
  /** It never answers: what is verified is Grafana. */
  private static final DatabaseAddress NO_DATABASE =
      new DatabaseAddress("127.0.0.1:1", "ytempire", "disable", 3);

  private GrafanaVerification() {}

  /**
   * Verifies a Grafana.
   *
   * @param url its root address
   * @param user a server administrator
   * @param steps takes each step that was done
   * @param faults takes what failed
   * @return whether every step was done
   */
  public static boolean run(
      String url, String user, String password, Consumer<String> steps, Consumer<String> faults) {
    Grafana opened;
    try {
      opened = new Grafana(url, user, password);
    } catch (IllegalArgumentException e) {
      faults.accept(url + " is no address");
      return false;
    }
    try (Grafana grafana = opened) {
      steps.accept("Grafana " + grafana.version() + " answers at " + url);
      return new Run(url, grafana, steps, faults).run();
    } catch (GrafanaException e) {
      faults.accept(String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** One run: what it has made so far. */
  private static final class Run {
    private final String url;
    private final Grafana grafana;
    private final Provisioner provisioner;
    private final Consumer<String> steps;
    private final Consumer<String> faults;
    private final String name = "YTEMPIRE verify " + Secrets.random().substring(0, 8);
    private final String login = name.replace(' ', '-');

    /** Whether Grafana was asked to make something: it may be there though no answer came. */
    private boolean mayHaveMade;

    private @Nullable Organization organization;
    private @Nullable Viewer viewer;
    private boolean isDone = true;

    Run(String url, Grafana grafana, Consumer<String> steps, Consumer<String> faults) {
      this.url = url;
      this.grafana = grafana;
      this.provisioner = new Provisioner(grafana, steps);
      this.steps = steps;
      this.faults = faults;
    }

    boolean run() {
      try {
        provision();
      } catch (GrafanaException e) {
        fail(
            e.status() == 404
                ? e.getMessage()
                    + "; a proxy may keep administrators out: name Grafana's own address, in our stack http://grafana-admin:3000 from a sidecar's container"
                : String.valueOf(e.getMessage()));
      } finally {
        remove();
      }
      return isDone;
    }

    private void fail(String fault) {
      faults.accept(fault);
      isDone = false;
    }

    private void provision() throws GrafanaException {
      DashboardFiles files = DashboardFiles.load();
      files.faults().forEach(this::fail);
      DashboardSettings settings =
          new DashboardSettings(BigDecimal.TEN, "Europe/Berlin", "symbol", null, List.of());
      List<ObjectNode> rendered = files.render(settings);
      // The second time nothing is new, and everything must be found again.
      mayHaveMade = true;
      for (int time = 1; time <= 2; time++) {
        Organization found = provisioner.organization(organization, name);
        if (organization != null && !organization.equals(found)) {
          fail("the organization was not found again");
        }
        organization = found;
        // Noted before it is confined: what fails in between leaves an account, too.
        Viewer account = provisioner.account(viewer, login, name, found);
        viewer = account;
        provisioner.confine(account, found);
        provisioner.dataSource(found, NO_DATABASE, "verify", Secrets.random());
        if (!provisioner.hasDataSource(found, "verify")) {
          fail("the data source was not found again");
        }
        provisioner
            .dashboards(found, rendered, files.home(), settings.timeZone(), time == 1)
            .forEach(this::fail);
      }
      Organization made = Objects.requireNonNull(organization);
      if (!grafana.homeDashboard(made.id()).equals(files.home())) {
        fail("the home dashboard is not '%s'".formatted(files.home()));
      }
      Viewer account = Objects.requireNonNull(viewer);
      String password = Secrets.random();
      grafana.accounts().setPassword(account.id(), password);
      steps.accept("the account has another password");
      grafana.accounts().setEnabled(account.id(), false);
      grafana.accounts().setEnabled(account.id(), true);
      steps.accept("the account was disabled and enabled");
      try (Grafana session = new Grafana(url, account.login(), password)) {
        verifyAccess(session, made, account, rendered);
      }
    }

    /** Verifies what the account may read, in a session of its own. */
    private void verifyAccess(
        Grafana session, Organization made, Viewer account, List<ObjectNode> dashboards)
        throws GrafanaException {
      if (!session.ownOrganizations().equals(List.of(made.id()))) {
        fail("the account sees other organizations than its own");
      }
      for (ObjectNode dashboard : dashboards) {
        String uid = dashboard.path("uid").asString("");
        int panels = session.panels(made.id(), uid);
        if (panels != dashboard.path("panels").size()) {
          fail(
              "dashboard '%s' has %d panels for the account instead of %d"
                  .formatted(uid, panels, dashboard.path("panels").size()));
        }
      }
      try {
        var _ = session.accounts().login(account.id());
        fail("the account may read the accounts of Grafana");
      } catch (GrafanaException e) {
        if (e.status() != 403) {
          throw e;
        }
      }
      steps.accept(
          "the account sees its %d dashboards, and may administer nothing"
              .formatted(dashboards.size()));
    }

    private void remove() {
      if (!mayHaveMade) {
        return;
      }
      try {
        Organization made = organization;
        if (made != null) {
          provisioner.remove(made, viewer);
          if (grafana.organizations().name(made.id()).isPresent()) {
            fail(remains() + " is still there; delete it by hand");
          }
        }
        removeUnanswered();
      } catch (GrafanaException | RuntimeException e) {
        fail(
            "%s was not removed; delete it by hand if it is there: %s"
                .formatted(remains(), e.getMessage()));
      }
    }

    /** What may be there, by name. */
    private String remains() {
      return "organization '%s' or account '%s'"
          .formatted(
              organization == null ? name : organization.name(),
              viewer == null ? login : viewer.login());
    }

    /**
     * Removes what Grafana made though its answer was lost, once more when the request was
     * repeated; and the organization that it makes for a new account where accounts are assigned to
     * none.
     */
    private void removeUnanswered() throws GrafanaException {
      for (String made : List.of(login, login + "-2")) {
        Optional<Long> account = grafana.accounts().find(made);
        if (account.isPresent()) {
          grafana.accounts().delete(account.get());
        }
      }
      for (String made : List.of(name, name + " (2)", login, login + "-2")) {
        Optional<Long> found = grafana.organizations().find(made);
        if (found.isPresent()) {
          grafana.organizations().delete(found.get());
        }
      }
    }
  }
}
