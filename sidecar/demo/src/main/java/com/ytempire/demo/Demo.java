package com.ytempire.demo;

import com.ytempire.platform.Checks;
import com.ytempire.platform.Customers;
import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Dashboards;
import com.ytempire.platform.Fault;
import com.ytempire.platform.Kills;
import com.ytempire.platform.MailedReports;
import com.ytempire.platform.N8n;
import com.ytempire.platform.Platform;
import com.ytempire.platform.PlatformState;
import com.ytempire.platform.Progress;
import com.ytempire.platform.Sync;
import com.ytempire.platform.SyncRun;
import com.ytempire.platform.UserLogin;
import com.ytempire.platform.week.Week;
import com.ytempire.sidecar.CommandLineSetup.InvalidArgument;
import com.ytempire.simulator.Moments;
import com.ytempire.simulator.ReceivedMail;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Shows the product: starts a {@link Platform}, creates users and channels and connects each as its
 * owner would, lets n8n run the sync, looks whether every channel has its rows and every user sees
 * their own alone, and stays up. Run by {@code ./ytempire demo}. A later demo of the same customers
 * goes on with what the first one stored.
 *
 * <p>Exit status 0: every channel has its rows, users are isolated and units are what YouTube
 * counted. 1: not so. 2: it could not start.
 */
public final class Demo {
  private static final int STEPS = 10;
  private static final int STEPS_WITH_KILLS = 5;

  /** The number of steps of a demo that goes on with what is stored. */
  private static final int RESTART_STEPS = 6;

  private static final String REPORTS = "scheduled-reports.json";
  private static final String MAILS =
      "every mail that the product sends, the first daily report among them";
  private static final String MAILS_SINCE = "every mail that the product sends from now on";

  private Demo() {}

  /** Run with the folders in system properties, by the launcher. */
  public static void main(String[] arguments) {
    if (List.of(arguments).equals(List.of("--list-moments"))) {
      Moments.all().forEach(System.out::println);
      return;
    }
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (Options.HelpRequest e) {
      System.out.print(e.getMessage());
      return;
    } catch (InvalidArgument e) {
      System.err.println("ytempire: " + e.getMessage());
      System.exit(2);
      return;
    }
    int status;
    Path home = folder("ytempire.state").resolve("demo");
    try (Burners burners = options.busy() ? Burners.start() : Burners.none()) {
      if (options.busy()) {
        System.out.println(
            "Other work takes the processors (--busy): %d processes that never rest."
                .formatted(burners.count()));
      }
      status = run(options, home);
    } catch (InterruptedException e) {
      status = 2;
    } catch (Exception e) {
      System.err.println();
      System.err.println("ytempire: the demo cannot go on: " + e.getMessage());
      System.err.println("Logs are in " + home.resolve("logs"));
      status = 2;
    }
    System.exit(status);
  }

  private static Path folder(String property) {
    return Path.of(
        Objects.requireNonNull(
            System.getProperty(property), "start the demo with ./ytempire demo"));
  }

  private static int run(Options options, Path home) throws Exception {
    Instant at = options.at();
    if (at == null && options.week()) {
      at = Week.startFor(Instant.now());
    }
    if (at != null) {
      ZonedDateTime moment = at.atZone(World.PACIFIC).truncatedTo(ChronoUnit.SECONDS);
      System.out.println(
          "The product takes it to be %s in California (%s)."
              .formatted(moment, options.at() == null ? "--week" : "--at"));
    }
    Integer kills = options.kills();
    PlatformState earlier =
        options.fresh() ? null : RestartFailure.explain(() -> stored(options, home)).orElse(null);
    Progress progress =
        new Progress(
            System.out, kills != null ? STEPS_WITH_KILLS : earlier != null ? RESTART_STEPS : STEPS);
    Platform.Settings settings =
        new Platform.Settings(
            folder("ytempire.root"),
            folder("ytempire.state"),
            home,
            folder("ytempire.node"),
            folder("ytempire.pack"),
            options.users(),
            options.channels(),
            options.seed(),
            options.portBase(),
            at,
            options.pool(),
            earlier);
    if (earlier != null) {
      Platform platform =
          RestartFailure.explain(() -> restart(options, settings, earlier.login(), progress));
      throw new IllegalStateException(platform.supervisor().awaitFailure());
    }
    Platform platform = Platform.start(settings, progress);
    return kills == null ? show(options, platform, progress) : kill(kills, platform, progress);
  }

  /** What an earlier demo of these customers stored; empty: what is there is replaced. */
  private static Optional<PlatformState> stored(Options options, Path home) throws IOException {
    Optional<PlatformState> read = PlatformState.read(home);
    if (read.isEmpty()) {
      return read;
    }
    PlatformState state = read.get();
    PlatformState.SimulatedWorld world = state.world();
    if (!state.isOf(options.users(), options.channels(), options.seed())) {
      System.out.println(
          "What an earlier demo stored is of %d users with %d channels and seed %d; it is replaced."
              .formatted(world.users(), world.channels(), world.seed()));
      return Optional.empty();
    }
    if (!state
        .build()
        .equals(PlatformState.build(folder("ytempire.root"), folder("ytempire.pack")))) {
      System.out.println("What an earlier demo stored is of another build; it is replaced.");
      return Optional.empty();
    }
    System.out.println(
        "Going on with what the demo of %s stored; ./ytempire demo --fresh begins anew."
            .formatted(world.madeAt().truncatedTo(ChronoUnit.MINUTES)));
    return read;
  }

  /** Starts an earlier demo again: its addresses answer before what is new since is synced. */
  private static Platform restart(
      Options options, Platform.Settings settings, UserLogin earlier, Progress progress)
      throws Exception {
    Platform platform = Platform.start(settings, progress);
    if (!platform.credentialTest().startsWith("OK")) {
      throw new IllegalStateException(
          "n8n tested its credential for the sidecar: " + platform.credentialTest());
    }
    Checks checks = new Checks(platform);
    UserLogin login =
        checks.isUsable(earlier) ? earlier : checks.createLogin(platform.customer(earlier.email()));
    progress.step("Dashboards");
    String dashboardsUrl = "not drawn, because grafana/preview is not installed";
    if (whyNoDashboards(options, platform) == null) {
      Dashboards dashboards =
          new Dashboards(platform, platform.customer(login.email()), progress::at);
      dashboards.describe(login);
      dashboardsUrl = dashboards.serve(login);
    }
    progress.done(dashboardsUrl);
    platform.keep(login);
    System.out.println(
        "%n  All is back after %.1f s, with the rows that were stored: %s"
            .formatted(
                progress.elapsed().toMillis() / 1e3,
                checks.rows().entrySet().stream()
                    .filter(each -> each.getValue() > 0)
                    .map(each -> "%,d %s".formatted(each.getValue(), each.getKey()))
                    .collect(Collectors.joining(", "))));
    System.out.println(addresses(platform, login, dashboardsUrl, MAILS_SINCE));
    progress.step("Sync of what is new since");
    Sync sync = new SyncRun(platform).run();
    progress.done(sync.description() + (sync.isSuccess() ? "" : ". " + RestartFailure.HINT));
    return platform;
  }

  private static int kill(int kills, Platform platform, Progress progress) throws Exception {
    progress.step("Kills");
    try (Kills all = new Kills(platform, kills, progress)) {
      List<Fault> faults = all.run();
      progress.done(faults.isEmpty() ? "all hold" : faults.size() + " faults");
      faults.forEach(fault ->
          System.out.println("FAULT (%s): %s".formatted(fault.kind().label(), fault.detail())));
      return faults.isEmpty() ? 0 : 1;
    }
  }

  private static int show(Options options, Platform platform, Progress progress) throws Exception {
    progress.step("Users");
    List<Customer> customers =
        Customers.createAll(platform.operator(), platform.world(), progress::at);
    progress.done(customers.size() + " users, " + options.allChannels() + " channels");

    progress.step("Consent of each channel's owner");
    Customers.connectAll(platform.operator(), customers, progress::at);
    progress.done(options.allChannels() + " channels connected through the OAuth flow");

    Dashboards dashboards = new Dashboards(platform, customers.getFirst(), progress::at);
    if (whyNoDashboards(options, platform) == null) {
      dashboards.requestThumbnails();
    }
    MailedReports reports =
        new MailedReports(
            platform, customers.getFirst().userId(), customers.getFirst().account().email());
    if (!options.week()) {
      reports.request();
    }

    progress.step("Sync by n8n");
    long syncBegan = System.nanoTime();
    Sync sync = new SyncRun(platform).run();
    double syncSeconds = (System.nanoTime() - syncBegan) / 1e9;
    progress.done(sync.description());

    progress.step("Checks");
    Checks checks = new Checks(platform);
    UserLogin login = checks.createLogin(customers.getFirst());
    Findings findings = check(checks, customers, login, sync);
    progress.done(findings.words(options.allChannels()));

    JsonNode quota = platform.operator().get("/v1/quota").get("buckets");
    Map<String, Long> counted = countedByYouTube(platform, quota);
    Map<String, String> workflows = importWorkflows(platform);

    progress.step("Dashboards");
    String dashboardsUrl =
        showDashboards(options, platform, dashboards, login, findings.faults(), progress);

    String reportsWorkflow = Objects.requireNonNull(workflows.get(REPORTS));
    List<String> week = List.of();
    if (options.week()) {
      progress.step("A week");
      week = live(platform, customers, findings.faults(), progress);
    } else {
      progress.step("First daily report");
      progress.done(mailReport(reports, reportsWorkflow, findings.faults()));
    }

    if (!options.once()) {
      platform.n8n().publish(platform.syncWorkflow());
      platform.n8n().publish(reportsWorkflow);
    }
    Summary summary =
        new Summary(
            options,
            syncSeconds,
            progress.elapsed(),
            findings,
            sync.description(),
            platform.supervisor().restarts(),
            workflows.size(),
            quota,
            counted);
    System.out.println(summary.text());
    week.forEach(line -> System.out.println("  " + line));
    if (!options.once()) {
      if (options.at() == null && !options.week()) {
        platform.keep(login);
      }
      System.out.println(addresses(platform, login, dashboardsUrl, MAILS));
      System.out.println(
          Summary.next(
              platform.n8n().url(),
              platform.sidecarUrl(),
              dashboardsUrl,
              platform.outside().mailboxPage().url()));
      throw new IllegalStateException(platform.supervisor().awaitFailure());
    }
    return findings.faults().isEmpty() ? 0 : 1;
  }

  private static @Nullable String whyNoDashboards(Options options, Platform platform) {
    if (options.at() != null || options.week()) {
      return "the database takes it to be the machine's time, not that of the product";
    }
    if (options.once() && !options.dashboards()) {
      return "of --no-dashboards";
    }
    return Dashboards.isInstalled(platform.settings().root())
        ? null
        : "grafana/preview is not installed";
  }

  /**
   * Gives one user's dashboards a history, and draws them, with {@code --once}, or serves them.
   *
   * @return their address, or why they have none
   */
  private static String showDashboards(
      Options options,
      Platform platform,
      Dashboards dashboards,
      UserLogin login,
      List<Fault> faults,
      Progress progress)
      throws Exception {
    @Nullable String skipped = whyNoDashboards(options, platform);
    if (skipped != null) {
      progress.done("skipped: the dashboards, because " + skipped);
      return "not drawn, because " + skipped;
    }
    List<String> missed = dashboards.fetchHistory();
    dashboards.fetchThumbnails(options.once());
    long costs = dashboards.bookCosts();
    dashboards.describe(login);
    String booked =
        "%,d costs booked%s"
            .formatted(
                costs, missed.isEmpty() ? "" : "; not fetched: " + String.join(", ", missed));
    if (options.once()) {
      List<String> found = dashboards.draw(login);
      found.stream()
          .filter(line -> line.startsWith("FAULT "))
          .forEach(line -> faults.add(Fault.of(Fault.Kind.DASHBOARD, line.substring(6))));
      progress.done(
          found.isEmpty() ? "pictures in .ytempire/preview; " + booked : String.join("; ", found));
      return "";
    }
    String url = dashboards.serve(login);
    progress.done(url + "; " + booked);
    return url;
  }

  /** Lives through a week; returns what each user and the operators got. */
  private static List<String> live(
      Platform platform, List<Customer> customers, List<Fault> faults, Progress progress)
      throws Exception {
    Week.Result result = new Week(platform, customers, progress::note).run();
    faults.addAll(result.faults());
    progress.done(
        result.faults().isEmpty() ? "all came as it should" : result.faults().size() + " faults");
    return result.lines();
  }

  /** Has one user's recipient confirm the address, and n8n mail the report; returns the outcome. */
  private static String mailReport(MailedReports reports, String workflow, List<Fault> faults)
      throws Exception {
    reports.verify();
    String status = reports.send(workflow);
    List<ReceivedMail> mails = reports.mails("daily");
    if (!status.equals("success") || mails.size() != 1) {
      String fault =
          "%d daily reports were mailed, and n8n's execution ended with %s"
              .formatted(mails.size(), status);
      faults.add(Fault.of(Fault.Kind.MAIL, fault));
      return fault;
    }
    ReceivedMail mail = mails.getFirst();
    return "\"%s\" to %s".formatted(mail.header("Subject"), mail.header("To"));
  }

  /** Returns the units that the simulated YouTube counted, by bucket, in the window we report. */
  private static Map<String, Long> countedByYouTube(Platform platform, JsonNode quota) {
    Map<String, Long> counted = new HashMap<>();
    for (JsonNode bucket : quota) {
      // Of the same window, though it may have ended since.
      Instant window = Instant.parse(bucket.get("windowStartedAt").stringValue());
      String name = bucket.get("bucket").stringValue();
      Long units = platform.simulator().usage().at(window).get(name);
      if (units != null) {
        counted.put(name, units);
      }
    }
    return counted;
  }

  /**
   * Brings the other shipped workflows into n8n, for whoever looks around; returns their ids by the
   * names of their files.
   */
  private static Map<String, String> importWorkflows(Platform platform) throws IOException {
    List<Path> files;
    Path folder = platform.settings().root().resolve("n8n-nodes/workflows");
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> file.toString().endsWith(".json"))
              .filter(file -> !file.endsWith("multi-user-sync.json"))
              .sorted()
              .toList();
    }
    Map<String, String> ids = new HashMap<>();
    files.forEach(file ->
        ids.put(
            file.getFileName().toString(),
            platform.n8n().importWorkflow(file, platform.credential())));
    return ids;
  }

  private static Findings check(Checks checks, List<Customer> customers, UserLogin login, Sync sync)
      throws SQLException {
    Map<String, String> incomplete = checks.incompleteChannels(sync, customers);
    List<Fault> faults = new ArrayList<>();
    if (!sync.isSuccess()) {
      faults.add(Fault.of(Fault.Kind.EXECUTION, sync.description()));
    }
    incomplete.forEach((channel, reason) ->
        faults.add(Fault.of(Fault.Kind.ROWS, channel + " has not all its rows: " + reason)));
    faults.addAll(checks.connections());
    faults.addAll(checks.databaseGuards());
    Checks.Probes byLogin = checks.login(customers.getFirst(), login);
    Checks.Probes byToken = checks.token(customers.getFirst(), customers);
    faults.addAll(byLogin.faults());
    faults.addAll(byToken.faults());
    faults.addAll(checks.executionData(sync));
    faults.addAll(checks.units(Map.of()));
    return new Findings(
        checks.rows(),
        incomplete,
        checks.closedChannels(),
        faults,
        byLogin.count() + byToken.count());
  }

  private static String addresses(
      Platform platform, UserLogin login, String dashboards, String mails) {
    return """

      n8n editor   %s   %s / %s
      API page     %s/docs   Bearer %s
      Dashboards   %s   of %s, drawn without a Grafana
      Mailbox      %s   %s
      %s's own rows, and no others:
                   PGPASSWORD=%s psql -h 127.0.0.1 -p %d -U %s ytempire -c 'select date, sum(views) from youtube_metrics group by 1 order by 1'
      The workflows of sync and reports are published and run every 15 minutes. Ctrl-C stops everything.
    """
        .formatted(
            platform.n8n().url(),
            N8n.EMAIL,
            N8n.PASSWORD,
            platform.sidecarUrl(),
            platform.operatorToken(),
            dashboards,
            login.email(),
            platform.outside().mailboxPage().url(),
            mails,
            login.email(),
            login.password(),
            platform.postgres().port(),
            login.name());
  }
}
