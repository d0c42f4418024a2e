package com.ytempire.platform.week;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Fault;
import com.ytempire.platform.ModelPrices;
import com.ytempire.platform.Platform;
import com.ytempire.platform.Sync;
import com.ytempire.platform.SyncRun;
import com.ytempire.simulator.ReceivedMail;
import com.ytempire.simulator.World;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Seven mornings of a platform whose clock is moved from one to the next: n8n syncs, mails the
 * reports that are due and, to the operators, the incidents; on one of them YouTube is away, and on
 * three something happens to a subscription at Stripe. Used by one thread, once.
 */
public final class Week {
  private static final int DAYS = 7;
  private static final int LATE_DAY = 2;
  private static final int OUTAGE_DAY = 4;
  private static final int GRACE_OVER_DAY = 5;
  private static final int PAID_DAY = 6;

  /** After nine in each user's zone, and less than six hours after. */
  private static final LocalTime MORNING = LocalTime.of(9, 10);

  /** So that the week lies behind the database, whose time nobody moves. */
  private static final Duration SPAN = Duration.ofDays(DAYS + 1);

  private final Platform platform;
  private final List<Customer> customers;
  private final Consumer<String> progress;
  private final OperatorWorkflows workflows;
  private final WeekReports reports;
  private final WeekCosts costs;
  private final WeekPayments payments;
  private final List<Fault> faults = new ArrayList<>();
  private final List<LocalDate> dates = new ArrayList<>();

  /**
   * Prepares a week.
   *
   * @param platform with a clock of its own, synced once
   * @param customers all its users
   * @param progress takes what happens
   */
  public Week(Platform platform, List<Customer> customers, Consumer<String> progress) {
    this.platform = platform;
    this.customers = customers;
    this.progress = progress;
    this.workflows = new OperatorWorkflows(platform);
    this.reports = new WeekReports(platform, customers);
    this.costs = new WeekCosts(platform, customers);
    this.payments = new WeekPayments(platform, customers.getFirst());
    LocalDate today = LocalDate.ofInstant(platform.clock().instant(), World.PACIFIC);
    for (int day = 1; day <= DAYS; day++) {
      dates.add(today.plusDays(day));
    }
  }

  /** The moment at which a platform is to start so that its week is over by now. */
  public static Instant startFor(Instant now) {
    return now.minus(SPAN);
  }

  /**
   * What came of a week.
   *
   * @param lines for people, with what each user got
   * @param faults empty: all held
   */
  public record Result(List<String> lines, List<Fault> faults) {}

  /** Lives through the week. */
  public Result run() throws Exception {
    reports.subscribe();
    ModelPrices.add(platform.operator());
    String scheduled = workflows.load("scheduled-reports.json");
    String quality = workflows.load("data-quality.json");
    String success = workflows.load("weekly-success.json");
    String tiers = workflows.load("tier-change.json");
    if (!workflows.publish(tiers, "tier-changed")) {
      faults.add(Fault.of(Fault.Kind.EVENTS, "the trigger of tier-change.json did not subscribe"));
    }
    payments.link();
    WeekOutage outage = new WeekOutage(platform, customers, workflows, quality, progress);
    for (LocalDate date : dates) {
      int day = dates.indexOf(date) + 1;
      progress.accept("day %d of %d, %s".formatted(day, DAYS, date));
      platform.moveTo(date.atTime(MORNING).atZone(World.PACIFIC).toInstant());
      costs.book(date);
      happen(day);
      if (day == OUTAGE_DAY) {
        faults.addAll(outage.run());
      } else {
        sync(date);
      }
      run(scheduled, "scheduled-reports.json", date);
      run(quality, "data-quality.json", date);
      if (date.getDayOfWeek() == DayOfWeek.MONDAY) {
        run(success, "weekly-success.json", date);
      }
    }
    check(tiers);
    return new Result(lines(), List.copyOf(faults));
  }

  private void happen(int day) {
    switch (day) {
      case LATE_DAY -> payments.failPayment();
      case GRACE_OVER_DAY -> payments.failPaymentAgain();
      case PAID_DAY -> payments.pay();
      default -> {}
    }
  }

  private void sync(LocalDate date) throws Exception {
    Sync sync = new SyncRun(platform).run();
    if (!sync.isSuccess()) {
      faults.add(
          Fault.of(Fault.Kind.EXECUTION, "the sync of %s: %s".formatted(date, sync.description())));
    }
  }

  private void run(String workflow, String name, LocalDate date) throws Exception {
    String ended = workflows.run(workflow);
    if (!ended.equals("success")) {
      faults.add(
          Fault.of(Fault.Kind.WORKFLOW, "%s of %s ended with %s".formatted(name, date, ended)));
    }
  }

  private void check(String tiers) throws Exception {
    faults.addAll(reports.faults(dates));
    faults.addAll(costs.faults(dates.getFirst(), dates.getLast()));
    faults.addAll(payments.faults());
    if (!OperatorWorkflows.isSoon(() -> workflows.successes(tiers) == payments.changes())) {
      faults.add(
          Fault.of(
              Fault.Kind.EVENTS,
              "%d changes of the tier started tier-change.json %d times"
                  .formatted(payments.changes(), workflows.successes(tiers))));
    }
    long advertising =
        workflows.operatorMails().stream()
            .filter(mail -> mail.text().contains("sent automatically with"))
            .count();
    if (advertising > 0) {
      faults.add(
          Fault.of(
              Fault.Kind.MAIL, "n8n put a line of its own below %d mails".formatted(advertising)));
    }
    if (weeklySuccess() != 1) {
      faults.add(
          Fault.of(
              Fault.Kind.MAIL, "the operators got %d weekly mails".formatted(weeklySuccess())));
    }
  }

  private long weeklySuccess() {
    return workflows.operatorMails().stream()
        .filter(mail -> mail.text().contains("Users onboarded: "))
        .count();
  }

  private List<String> lines() {
    List<String> lines = new ArrayList<>(reports.lines());
    workflows.operatorMails().forEach(mail -> lines.add("operators: " + headings(mail)));
    lines.add("tier of " + payments.line());
    lines.add("costs by cost-analysis: " + costs.line(dates.getFirst(), dates.getLast()));
    return lines;
  }

  /** The subject of a mail to the operators, and its lines that are not of single users. */
  private static String headings(ReceivedMail mail) {
    return mail.header("Subject")
        + mail.text()
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith(" "))
            .collect(Collectors.joining("; ", ": ", ""));
  }

  /** The weekly reports that the users got. */
  public List<ReceivedMail> weeklyReports() {
    return reports.weekly();
  }
}
