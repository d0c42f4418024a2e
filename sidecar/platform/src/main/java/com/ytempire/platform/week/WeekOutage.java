package com.ytempire.platform.week;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Fault;
import com.ytempire.platform.Platform;
import com.ytempire.platform.SyncRun;
import com.ytempire.simulator.Faults;
import com.ytempire.simulator.ReceivedMail;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A morning on which YouTube answers 503 to every call: statistics grow old, an incident opens for
 * each user and is in the mail to the operators, and both end when YouTube is back. Used by one
 * thread.
 */
final class WeekOutage {
  private final Platform platform;
  private final List<Customer> customers;
  private final OperatorWorkflows workflows;
  private final String quality;
  private final Consumer<String> progress;

  /**
   * @param quality the workflow that mails incidents to the operators, in n8n
   */
  WeekOutage(
      Platform platform,
      List<Customer> customers,
      OperatorWorkflows workflows,
      String quality,
      Consumer<String> progress) {
    this.platform = platform;
    // Of a closed account nothing is due, so nothing grows old.
    this.customers =
        customers.stream()
            .filter(customer ->
                customer.account().channels().stream()
                    .anyMatch(channel -> !platform.world().closesAfterConnecting(channel)))
            .toList();
    this.workflows = workflows;
    this.quality = quality;
    this.progress = progress;
  }

  /** Has the outage begin and end; returns what was not as it should be. */
  List<Fault> run() throws Exception {
    List<Fault> faults = new ArrayList<>();
    Faults youTube = platform.simulator().faults();
    youTube.oneIn(Faults.Kind.SERVER_ERROR, 1);
    String sync;
    try {
      sync = workflows.start(platform.syncWorkflow());
      progress.accept("YouTube answers 503, the sync tries again and again");
      if (!OperatorWorkflows.isSoon(() -> open() == customers.size())) {
        faults.add(
            Fault.of(
                Fault.Kind.WORKFLOW,
                "the outage opened incidents of %d of %d users"
                    .formatted(open(), customers.size())));
      }
      faults.addAll(mail("open"));
    } finally {
      youTube.oneIn(Faults.Kind.SERVER_ERROR, 0);
    }
    progress.accept("YouTube is back");
    String ended = workflows.awaitEnd(platform.syncWorkflow(), sync);
    progress.accept("the sync of the outage ended with " + ended + "; the next tick follows");
    if (!new SyncRun(platform).run().isSuccess()) {
      faults.add(Fault.of(Fault.Kind.EXECUTION, "the sync after the outage did not succeed"));
    }
    if (!OperatorWorkflows.isSoon(() -> open() == 0)) {
      faults.add(
          Fault.of(
              Fault.Kind.WORKFLOW,
              "after the outage %d users still have an incident".formatted(open())));
    }
    faults.addAll(mail("closed"));
    return faults;
  }

  /** How many users have an open incident of freshness. */
  private long open() {
    return customers.stream()
        .filter(customer ->
            platform
                .operator()
                .get("/v1/users/%s/quality/incidents?state=open".formatted(customer.userId()))
                .get("incidents")
                .valueStream()
                .anyMatch(incident -> incident.get("check").stringValue().equals("freshness")))
        .count();
  }

  /** Has the incidents mailed to the operators, who must find those of the outage among them. */
  private List<Fault> mail(String state) throws Exception {
    String ended = workflows.run(quality);
    String wanted =
        "%s freshness: %d user%s"
            .formatted(state, customers.size(), customers.size() == 1 ? "" : "s");
    List<ReceivedMail> mails = workflows.operatorMails();
    String text = mails.isEmpty() ? "" : mails.getLast().text();
    return ended.equals("success") && text.contains(wanted)
        ? List.of()
        : List.of(
            Fault.of(
                Fault.Kind.MAIL,
                "the mail to the operators does not say '%s'; n8n ended with %s, and the mail is: %s"
                    .formatted(wanted, ended, text)));
  }
}
