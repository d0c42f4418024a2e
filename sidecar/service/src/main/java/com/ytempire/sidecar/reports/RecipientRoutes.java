package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.reports.ReportDao.StoredRecipient;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Endpoint.Page;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Routes that recipients reach by links in mails, without a login or cookie: they verify their
 * address and unsubscribe. A GET changes nothing, because mail scanners follow links: it shows a
 * button. The POST to unsubscribe is that of RFC 8058, too.
 */
final class RecipientRoutes {
  private static final String UNDO = "undo";

  private final Database database;
  private final ReportLinks links;
  private final ReportTemplates templates;
  private final Clock clock;

  RecipientRoutes(Database database, ReportLinks links, ReportTemplates templates, Clock clock) {
    this.database = database;
    this.links = links;
    this.templates = templates;
    this.clock = clock;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                ReportLinks.UNSUBSCRIBE, "The page on which a recipient stops a kind of report")
            .query("token", "As the link has it.")
            .answersPage(400)
            .with(this::showUnsubscribe),
        Endpoint.post(
                ReportLinks.UNSUBSCRIBE, "Stop a kind of report for a recipient, in one click")
            .query("token", "As the link has it.")
            .query(UNDO, "on: send it again.")
            .answersPage(400)
            .with(this::unsubscribe),
        Endpoint.get(ReportLinks.VERIFY, "The page on which a recipient confirms an address")
            .query("token", "As the link has it.")
            .answersPage(400)
            .with(this::showVerify),
        Endpoint.post(ReportLinks.VERIFY, "Confirm the address of a recipient")
            .query("token", "As the link has it.")
            .answersPage(400)
            .with(this::verify));
  }

  private interface Act {
    Page run(ReportDao dao, ReportLinks.Token token, StoredRecipient recipient);
  }

  private Page with(Request request, boolean isToVerify, Act act) {
    Optional<ReportLinks.Token> token =
        request
            .query("token")
            .flatMap(text -> links.open(text, clock.instant()))
            .filter(each -> (each.kind() == null) == isToVerify);
    return token
        .map(known ->
            Tenant.as(
                known.userId(),
                () ->
                    database.asTenant(handle -> {
                      ReportDao dao = handle.attach(ReportDao.class);
                      return dao.recipients().stream()
                          .filter(each -> each.recipientId().equals(known.recipientId()))
                          .findFirst()
                          .map(recipient -> act.run(dao, known, recipient))
                          .orElseGet(this::expired);
                    })))
        .orElseGet(this::expired);
  }

  private Page showUnsubscribe(Request request) {
    return with(
        request,
        false,
        (dao, token, recipient) -> {
          String kind = label(token);
          return recipient.unsubscribedKinds().contains(kind)
              ? stopped(token, recipient)
              : page(
                  "Stop %s reports?".formatted(kind),
                  "%s gets no more %s reports.".formatted(recipient.email(), kind),
                  "Stop %s reports".formatted(kind),
                  links.again(token));
        });
  }

  private Page unsubscribe(Request request) {
    boolean isUndone = request.query(UNDO).isPresent();
    return with(
        request,
        false,
        (dao, token, recipient) -> {
          if (isUndone) {
            dao.resubscribe(token.recipientId(), label(token));
            return page(
                "Subscribed again",
                "%s gets %s reports.".formatted(recipient.email(), label(token)),
                null,
                "");
          }
          dao.unsubscribe(token.recipientId(), label(token));
          return stopped(token, recipient);
        });
  }

  private Page stopped(ReportLinks.Token token, StoredRecipient recipient) {
    return page(
        "Unsubscribed",
        "%s gets no more %s reports.".formatted(recipient.email(), label(token)),
        "Send them again",
        links.again(token) + "&" + UNDO + "=on");
  }

  private Page showVerify(Request request) {
    return with(
        request,
        true,
        (dao, token, recipient) ->
            recipient.verifiedAt() != null
                ? verified(recipient)
                : page(
                    "Get reports at %s?".formatted(recipient.email()),
                    "%s wants reports about YouTube channels mailed to you."
                        .formatted(
                            dao.owner().map(ReportDao.Owner::displayName).orElse("A customer")),
                    "Yes, send them",
                    links.again(token)));
  }

  private Page verify(Request request) {
    return with(
        request,
        true,
        (dao, token, recipient) -> {
          dao.verify(token.recipientId(), clock.instant());
          return verified(recipient);
        });
  }

  private Page verified(StoredRecipient recipient) {
    return page(
        "Confirmed",
        "Reports are mailed to %s. Each has a link by which to stop it."
            .formatted(recipient.email()),
        null,
        "");
  }

  private static String label(ReportLinks.Token token) {
    ReportKind kind = token.kind();
    return kind == null ? "" : kind.label();
  }

  private Page expired() {
    return new Page(
        400,
        templates.html(
            "page",
            values(
                "This link no longer works",
                "It has expired, was cut short, or the address was removed from the reports. Nothing was changed.",
                null,
                "")));
  }

  private Page page(String title, String text, @Nullable String button, String action) {
    return new Page(200, templates.html("page", values(title, text, button, action)));
  }

  private static Map<String, @Nullable Object> values(
      String title, String text, @Nullable String button, String action) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("title", title);
    values.put("text", text);
    values.put("button", button);
    values.put("action", action);
    return values;
  }
}
