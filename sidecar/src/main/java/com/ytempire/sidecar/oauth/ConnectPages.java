package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.config.Config.Legal;
import com.ytempire.sidecar.tenancy.Channel;
import com.ytempire.sidecar.web.Endpoint.Page;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a channel sees of us while connecting it: what is asked for and why, which
 * channel to pick, and the links that YouTube's Developer Policies demand (III.A.1, III.A.2). Plain
 * HTML without a script: for a phone, a keyboard, a screen reader, light and dark.
 */
final class ConnectPages {
  static final String PATH = "/v1/connect";
  static final String START = "/v1/connect/start";

  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="robots" content="noindex"><title>%s · YTEMPIRE</title>
      <style>
      :root{color-scheme:light dark;--ink:#16202c;--soft:#55606f;--line:#d7dce3;--paper:#fff;--ground:#f4f6f9;--accent:#0b57d0;--on-accent:#fff;--warn:#8a3b00;--warn-ground:#fff4e5}
      @media(prefers-color-scheme:dark){:root{--ink:#e8edf4;--soft:#a3afbf;--line:#38424f;--paper:#1a212b;--ground:#10151c;--accent:#8ab4f8;--on-accent:#0b1a33;--warn:#ffb870;--warn-ground:#33240f}}
      *{box-sizing:border-box}
      body{margin:0;background:var(--ground);color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
      main{max-width:38rem;margin:0 auto;padding:1.25rem 1rem 2rem}
      .card{background:var(--paper);border:1px solid var(--line);border-radius:1rem;padding:1.5rem;margin-top:.75rem}
      .brand{font-weight:700;letter-spacing:.02em}
      h1{font-size:1.55rem;line-height:1.25;margin:0 0 .5rem}
      h2{font-size:1.05rem;margin:1.5rem 0 .4rem}
      p{margin:.4rem 0}ul{margin:.3rem 0;padding-left:1.2rem}li{margin:.25rem 0}
      .channel{border:1px solid var(--line);border-radius:.75rem;padding:.8rem 1rem;margin:.8rem 0;overflow-wrap:anywhere}
      .channel strong{display:block;font-size:1.1rem}.channel .soft{display:block;word-break:break-all}
      details{margin-top:1.2rem}summary{cursor:pointer;font-weight:600;padding:.3rem 0}
      .soft,footer{color:var(--soft);font-size:.93rem}
      .warn{color:var(--warn);background:var(--warn-ground);border-radius:.6rem;padding:.7rem .9rem;margin:.8rem 0}
      a{color:var(--accent)}
      label{display:flex;gap:.7rem;align-items:flex-start;padding:.6rem 0;cursor:pointer}
      input[type=checkbox]{width:1.35rem;height:1.35rem;margin:.1rem 0 0;flex:none;accent-color:var(--accent)}
      .go{display:inline-block;width:100%%;text-align:center;border:0;border-radius:.7rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;padding:.85rem 1.4rem;margin-top:.7rem;cursor:pointer;text-decoration:none}
      :focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:.3rem}
      footer{padding:1rem .3rem 0}
      @media(min-width:34rem){.go{width:auto;min-width:16rem}.card{padding:2rem}}
      </style></head><body><main><div class="brand">YTEMPIRE</div>
      """;

  private static final String FOOT =
      """
      <footer><p>YTEMPIRE uses YouTube API Services. %s</p>
      <p><a href="https://www.youtube.com/t/terms">YouTube Terms of Service</a> · <a href="https://policies.google.com/privacy">Google Privacy Policy</a> · %s<a href="https://security.google.com/settings/security/permissions">take access back at Google</a></p></footer>
      </main></body></html>
      """;

  private final String publicUrl;
  private final Legal legal;

  ConnectPages(String publicUrl, Legal legal) {
    this.publicUrl = publicUrl;
    this.legal = legal;
  }

  /** The address of the first page. */
  String link(String sealedState) {
    return publicUrl + PATH + "?state=" + URLEncoder.encode(sealedState, StandardCharsets.UTF_8);
  }

  /**
   * The first page.
   *
   * @param customer who will receive the data
   * @param notAgreed whether it is shown again because the terms were not agreed to
   */
  Page welcome(
      Channel channel,
      GrantDao.Customer customer,
      String state,
      boolean offersRevenue,
      boolean notAgreed) {
    boolean again = channel.connection().equals("reconnect-needed");
    String privacy =
        legal.privacyPolicyUrl() == null
            ? "how YTEMPIRE uses my data, as said on this page"
            : "<a href=\"%s\">YTEMPIRE's privacy policy</a>"
                .formatted(escape(legal.privacyPolicyUrl()));
    String html =
        """
        <div class="card"><h1>%1$s</h1>
        %2$s
        <div class="channel"><strong>%3$s</strong><a href="https://www.youtube.com/channel/%4$s">See it on YouTube</a> <span class="soft">%4$s</span></div>
        <p>Who receives them: <strong>%14$s</strong>, %6$s, a customer of YTEMPIRE. If you do not know who that is, close this page.</p>
        <h2>What we ask Google for, and why</h2>
        <ul>
        <li><b>See your YouTube account</b>: your videos, and views, likes, comments and subscribers, to show you live numbers.</li>
        <li><b>See your YouTube Analytics reports</b>: views and watch time of each day, where they come from, how thumbnails do, to show you what works.</li>
        %5$s
        </ul>
        <p>Only to read. We cannot upload, change or delete anything, and nobody but you and whom you choose sees your numbers.</p>
        <h2>On Google's pages</h2>
        <ul>
        <li>Choose the account <b>%6$s</b>, or the one that manages the channel.</li>
        <li>When Google lists several channels, pick <b>%3$s</b>. A Brand Account stands there under its own name.</li>
        <li>Leave all boxes ticked that Google shows.</li>
        </ul>
        <details><summary>What becomes of your data</summary>
        <p class="soft">We store the channel's numbers, its videos' titles, descriptions and thumbnails' addresses, and a key that lets us read them, encrypted. Titles are refreshed or deleted within 30 days. Disconnect at any time, here or at Google: what we fetched is erased within 7 days here, within 30 after a withdrawal at Google. That erases nothing at YouTube. This page sets no cookie.%7$s</p></details>
        <form method="get" action="%8$s">
        <input type="hidden" name="state" value="%9$s">
        %10$s
        <label><input type="checkbox" name="agree" required%11$s><span>I agree to be bound by the <a href="https://www.youtube.com/t/terms">YouTube Terms of Service</a> and have read the <a href="https://policies.google.com/privacy">Google Privacy Policy</a> and %12$s.</span></label>
        %13$s<button class="go" type="submit">Continue to Google</button>
        </form></div>
        """
            .formatted(
                again ? "Reconnect your channel" : "Connect your channel",
                again
                    ? "<p>Google no longer lets us read this channel: the access was withdrawn or has run out. Connect it again to keep its history; otherwise it is erased.</p>"
                    : "<p>This lets YTEMPIRE read the numbers of one channel:</p>",
                escape(channel.channelName()),
                escape(channel.channelId()),
                offersRevenue
                    ? "<li><b>See monetary reports</b>: the channel's revenue, on your way to your goal. Only if you tick it below.</li>"
                    : "",
                escape(customer.email()),
                legal.contact() == null
                    ? ""
                    : " Questions, or to have everything deleted: " + escape(legal.contact()) + ".",
                START,
                escape(state),
                offersRevenue
                    ? "<label><input type=\"checkbox\" name=\"revenue\" checked><span>Show me this channel's <b>revenue</b> too. Without it, revenue stays unread; you can add it later by connecting again.</span></label>"
                    : "",
                notAgreed ? " aria-invalid=\"true\" aria-describedby=\"agree-first\"" : "",
                privacy,
                notAgreed
                    ? "<p class=\"warn\" id=\"agree-first\" role=\"alert\">Tick the box above to go on.</p>"
                    : "",
                escape(customer.displayName()));
    return page(200, again ? "Reconnect your channel" : "Connect your channel", html);
  }

  Page connected(String title, boolean revenue) {
    return page(
        200,
        "Connected",
        """
        <div class="card"><h1>Connected</h1>
        <div class="channel"><strong>%s</strong>is connected%s.</div>
        <p>Its live numbers arrive within 15 minutes; YouTube's daily reports are two to three days behind, wherever you read them. You can close this page.</p></div>
        """
            .formatted(escape(title), revenue ? ", with its revenue" : ", without its revenue"));
  }

  /** The owner picked one of its channels, but not this one. */
  Page wrongChannel(
      String pickedTitle, String pickedId, String wantedName, String wantedId, String again) {
    return page(
        409,
        "That was another channel",
        """
        <div class="card"><h1>That was another channel</h1>
        <p>You picked</p><div class="channel"><strong>%1$s</strong><a href="https://www.youtube.com/channel/%2$s">See it on YouTube</a> <span class="soft">%2$s</span></div>
        <p>but this link is for</p><div class="channel"><strong>%3$s</strong><a href="https://www.youtube.com/channel/%4$s">See it on YouTube</a> <span class="soft">%4$s</span></div>
        <p>Nothing was connected or stored. Google connects one channel at a time, the one you pick in its list.</p>
        <ul><li>Try again and choose the other channel in Google's list.</li>
        <li>If it is not in the list, choose <b>Use another account</b>: the one that owns or manages it.</li>
        <li>If you want to connect the channel that you picked, add it in YTEMPIRE first; it gets a link of its own.</li></ul>
        <a class="go" href="%5$s">Try again</a></div>
        """
            .formatted(
                escape(pickedTitle),
                escape(pickedId),
                escape(wantedName),
                escape(wantedId),
                escape(again)));
  }

  Page expired() {
    return tell(
        400,
        "This link no longer works",
        "It has expired, was cut short, or its channel was removed. Ask for a new one where you got it.",
        null);
  }

  /** Anything else, with a way to begin again where there is one. */
  Page tell(int status, String title, String text, @Nullable String again) {
    return page(
        status,
        title,
        "<div class=\"card\"><h1>%s</h1><p>%s</p>%s</div>"
            .formatted(
                escape(title),
                escape(text),
                again == null
                    ? ""
                    : "<a class=\"go\" href=\"%s\">Begin again</a>".formatted(escape(again))));
  }

  private Page page(int status, String title, String body) {
    return new Page(
        status,
        HEAD.formatted(escape(title))
            + body
            + FOOT.formatted(
                legal.contact() == null ? "" : "Contact: " + escape(legal.contact()) + ".",
                legal.privacyPolicyUrl() == null
                    ? ""
                    : "<a href=\"%s\">YTEMPIRE's privacy policy</a> · "
                        .formatted(escape(legal.privacyPolicyUrl()))));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
