package com.ytempire.simulator;

import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import jakarta.mail.internet.MimeMessage;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A page for browsers that lists the mails of a {@link Mailbox} and shows each: as HTML that can
 * run nothing and load nothing, as text, and with its headers. Only for this machine: it listens on
 * the loopback address and answers no other name, because the links in mails act without a login.
 */
public final class MailboxPage implements AutoCloseable {
  /** The newest mails that are listed. */
  static final int MAX_LISTED = 200;

  private static final Pattern OWN_NAME = Pattern.compile("(127\\.0\\.0\\.1|localhost)(:\\d+)?");

  private static final String STYLE =
      """
      <style>
        :root { color-scheme: light dark; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 760px; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; }
        td, th { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere; }
        iframe { width: 100%; height: 70vh; border: 1px solid #8884; background: #fff; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; }
      </style>
      """;

  private final Mailbox mailbox;
  private final Javalin server;

  private MailboxPage(Mailbox mailbox, int port) {
    this.mailbox = mailbox;
    this.server =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          config.concurrency.useVirtualThreads = true;
          config.jetty.host = "127.0.0.1";
          config.routes.before(MailboxPage::guard);
          config.routes.get("/", this::list);
          config.routes.get("/mails/{number}", this::show);
          config.routes.get("/mails/{number}/html", this::html);
        });
    server.start(port);
  }

  /** Starts it; port 0: any free one. */
  public static MailboxPage start(Mailbox mailbox, int port) {
    return new MailboxPage(mailbox, port);
  }

  /** Its address. */
  public String url() {
    return "http://127.0.0.1:" + server.port();
  }

  private static void guard(Context ctx) {
    String host = ctx.header("Host");
    if (host == null || !OWN_NAME.matcher(host).matches()) {
      throw new NotFoundResponse();
    }
    ctx.header("X-Content-Type-Options", "nosniff");
    ctx.header("Referrer-Policy", "no-referrer");
    ctx.header(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'none'");
  }

  private void list(Context ctx) {
    List<MimeMessage> mails = mailbox.mails();
    StringBuilder rows = new StringBuilder();
    for (int i = mails.size() - 1; i >= 0 && i >= mails.size() - MAX_LISTED; i--) {
      ReceivedMail mail = ReceivedMail.read(mails.get(i));
      rows.append(
          "<tr><td><a href=\"/mails/%d\">%s</a></td><td>%s</td><td>%s</td></tr>%n"
              .formatted(
                  i + 1,
                  escaped(mail.header("Subject")),
                  escaped(mail.header("To")),
                  escaped(mail.header("Date"))));
    }
    page(
        ctx,
        "Mailbox",
        rows.isEmpty()
            ? "<p>No mail has come yet.</p>"
            : "<table><tr><th>Subject</th><th>To</th><th>Date</th></tr>%s</table>".formatted(rows));
  }

  private void show(Context ctx) {
    ReceivedMail mail = mail(ctx);
    StringBuilder headers = new StringBuilder();
    mail.headers()
        .forEach((name, value) ->
            headers.append(
                "<tr><td>%s</td><td>%s</td></tr>%n".formatted(escaped(name), escaped(value))));
    page(
        ctx,
        mail.header("Subject"),
        """
        <p><a href="/">All mails</a> · to %s</p>
        <iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mails/%s/html" title="The mail as HTML"></iframe>
        <details><summary>Text</summary><pre>%s</pre></details>
        <details><summary>Headers</summary><table>%s</table></details>
        """
            .formatted(
                escaped(mail.header("To")),
                ctx.pathParam("number"),
                escaped(mail.text()),
                headers));
  }

  /** The mail as it came, in a page that runs no script and loads nothing. */
  private void html(Context ctx) {
    ReceivedMail mail = mail(ctx);
    ctx.header(
        "Content-Security-Policy",
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    String html =
        mail.html().isEmpty()
            ? "<head></head><pre>" + escaped(mail.text()) + "</pre>"
            : mail.html();
    // Links open beside the page, not in the frame.
    ctx.html(html.replaceFirst("<head>", "<head><base target=\"_blank\">"));
  }

  private ReceivedMail mail(Context ctx) {
    List<MimeMessage> mails = mailbox.mails();
    String number = ctx.pathParam("number");
    int index = number.matches("[1-9]\\d{0,6}") ? Integer.parseInt(number) : 0;
    if (index < 1 || index > mails.size()) {
      throw new NotFoundResponse("There is no such mail.");
    }
    return ReceivedMail.read(mails.get(index - 1));
  }

  private static void page(Context ctx, String title, String body) {
    ctx.html(
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>%1$s</title>%2$s</head><body><h1>%1$s</h1>
        %3$s</body></html>
        """
            .formatted(escaped(title), STYLE, body));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  @Override
  public void close() {
    server.stop();
  }
}
