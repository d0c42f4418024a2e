package com.ytempire.platform.week;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Fault;
import com.ytempire.platform.MailedReports;
import com.ytempire.platform.Platform;
import com.ytempire.simulator.ReceivedMail;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The reports that each user is to get in a week: a daily one for each date, a weekly one for the
 * Monday and a statement for the first of a month, each once. Used by one thread.
 */
final class WeekReports {
  /** Of the users in turn; nine o'clock in the first is not six hours before it is in the last. */
  private static final List<ZoneId> ZONES =
      List.of(
          ZoneId.of("America/New_York"),
          ZoneId.of("America/Chicago"),
          ZoneId.of("America/Denver"),
          ZoneId.of("America/Los_Angeles"));

  private final Map<Customer, MailedReports> reports = new LinkedHashMap<>();

  WeekReports(Platform platform, List<Customer> customers) {
    for (Customer customer : customers) {
      reports.put(
          customer, new MailedReports(platform, customer.userId(), customer.account().email()));
    }
  }

  /** Sets zones and recipients, and confirms each address by the link that was mailed to it. */
  void subscribe() throws InterruptedException {
    int index = 0;
    for (MailedReports each : reports.values()) {
      each.request(ZONES.get(index++ % ZONES.size()));
    }
    for (MailedReports each : reports.values()) {
      each.verify();
    }
  }

  /** The mails of each user, in words, one line a user. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    reports.forEach((customer, mailed) ->
        lines.add(
            "%s: %d daily, %d weekly, %d monthly"
                .formatted(
                    customer.account().email(),
                    mailed.mails("daily").size(),
                    mailed.mails("weekly").size(),
                    mailed.mails("monthly").size())));
    return lines;
  }

  /** What is missing, came twice, or is no report of these dates. */
  List<Fault> faults(List<LocalDate> dates) {
    List<Fault> faults = new ArrayList<>();
    Map<String, List<LocalDate>> expected =
        Map.of(
            "daily",
            dates,
            "weekly",
            dates.stream().filter(date -> date.getDayOfWeek() == DayOfWeek.MONDAY).toList(),
            "monthly",
            dates.stream().filter(date -> date.getDayOfMonth() == 1).toList());
    reports.forEach((customer, mailed) ->
        expected.forEach((kind, periods) -> {
          List<ReceivedMail> mails = mailed.mails(kind);
          TreeSet<String> wanted = new TreeSet<>();
          periods.forEach(period -> wanted.add("<%s-%s".formatted(kind, period)));
          TreeSet<String> got = new TreeSet<>();
          mails.forEach(mail -> got.add(period(mail, kind)));
          if (!got.equals(wanted) || mails.size() != wanted.size()) {
            faults.add(
                Fault.of(
                    Fault.Kind.MAIL,
                    "%s got %d %s reports, %s, instead of %s"
                        .formatted(customer.account().email(), mails.size(), kind, got, wanted)));
          }
          mails.stream()
              .filter(mail -> mail.text().isBlank() || mail.html().isBlank())
              .forEach(mail ->
                  faults.add(
                      Fault.of(
                          Fault.Kind.MAIL,
                          "the mail %s has no text or no HTML"
                              .formatted(mail.header("Message-ID")))));
        }));
    return faults;
  }

  /** The kind and date with which the Message-ID of a report begins. */
  private static String period(ReceivedMail mail, String kind) {
    String id = mail.header("Message-ID");
    int end = 1 + kind.length() + "-2026-11-20".length();
    return id.length() < end ? id : id.substring(0, end);
  }

  /** The weekly reports of all users. */
  List<ReceivedMail> weekly() {
    return reports.values().stream().flatMap(each -> each.mails("weekly").stream()).toList();
  }
}
