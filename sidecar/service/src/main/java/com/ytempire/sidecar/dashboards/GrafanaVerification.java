package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.dashboards.Provisioner.DatabaseAddress;
import com.ytempire.sidecar.dashboards.Provisioner.Organization;
import com.ytempire.sidecar.dashboards.Provisioner.Viewer;
import com.ytempire.sidecar.tenancy.Secrets;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
    try (Grafana grafana = new Grafana(url, user, password)) {
      steps.accept("Grafana " + grafana.version() + " answers at " + url);
      return new Run(grafana, steps, faults).run();
    } catch (GrafanaException e) {
      faults.accept(String.valueOf(e.getMessage()));
      return false;
    } catch (IllegalArgumentException e) {
      faults.accept(url + " is no address");
      return false;
    }
  }

  /** One run: what it has made so far. */
  private static final class Run {
    private final Grafana grafana;
    private final Provisioner provisioner;
    private final Consumer<String> steps;
    private final Consumer<String> faults;
    private final String name = "YTEMPIRE verify " + Secrets.random().substring(0, 8);
    private @Nullable Organization organization;
    private @Nullable Viewer viewer;

    Run(Grafana grafana, Consumer<String> steps, Consumer<String> faults) {
      this.grafana = grafana;
      this.provisioner = new Provisioner(grafana, steps);
      this.steps = steps;
      this.faults = faults;
    }

    boolean run() {
      boolean isDone = false;
      try {
        isDone = provision();
      } catch (GrafanaException e) {
        faults.accept(String.valueOf(e.getMessage()));
      }
      return remove() && isDone;
    }

    private boolean provision() throws GrafanaException {
      DashboardFiles files = DashboardFiles.load();
      files.faults().forEach(faults);
      DashboardSettings settings =
          new DashboardSettings(BigDecimal.TEN, "Europe/Berlin", "symbol", null, List.of());
      boolean isDone = files.faults().isEmpty();
      // The second time nothing is new, and everything must be found again.
      for (int time = 1; time <= 2; time++) {
        Organization found = provisioner.organization(organization, name);
        if (organization != null && !organization.equals(found)) {
          faults.accept("the organization was not found again");
          isDone = false;
        }
        organization = found;
        viewer = provisioner.viewer(viewer, name.replace(' ', '-'), name, found);
        provisioner.dataSource(found, NO_DATABASE, "verify", Secrets.random());
        if (!provisioner.hasDataSource(found, "verify")) {
          faults.accept("the data source was not found again");
          isDone = false;
        }
        List<String> refused =
            provisioner.dashboards(
                found, files.render(settings), files.home(), settings.timeZone(), time == 1);
        refused.forEach(faults);
        isDone &= refused.isEmpty();
      }
      Organization made = Objects.requireNonNull(organization);
      for (String uid : files.titles().keySet()) {
        if (!grafana.hasDashboard(made.id(), uid)) {
          faults.accept("dashboard '" + uid + "' was not found again");
          isDone = false;
        }
      }
      long account = Objects.requireNonNull(viewer).id();
      grafana.accounts().setPassword(account, Secrets.random());
      steps.accept("the account has another password");
      grafana.accounts().setEnabled(account, false);
      grafana.accounts().setEnabled(account, true);
      steps.accept("the account was disabled and enabled");
      return isDone;
    }

    private boolean remove() {
      Organization made = organization;
      if (made == null) {
        return true;
      }
      try {
        provisioner.remove(made, viewer);
        if (grafana.organizations().name(made.id()).isPresent()) {
          faults.accept("organization '" + made.name() + "' is still there; delete it by hand");
          return false;
        }
        return true;
      } catch (GrafanaException e) {
        faults.accept(
            "organization '%s' was not removed; delete it by hand: %s"
                .formatted(made.name(), e.getMessage()));
        return false;
      }
    }
  }
}
