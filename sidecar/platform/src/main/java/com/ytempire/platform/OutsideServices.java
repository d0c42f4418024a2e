package com.ytempire.platform;

import com.ytempire.simulator.ElevenLabs;
import com.ytempire.simulator.Mailbox;
import com.ytempire.simulator.MailboxPage;
import com.ytempire.simulator.OpenAi;
import com.ytempire.simulator.StripeSimulator;
import java.time.Clock;
import java.util.Map;

/**
 * The stand-ins of the outside services but YouTube: a mail server with a page that shows its
 * mails, OpenAI, ElevenLabs and Stripe. All of them run in this process.
 *
 * @param mailboxPage shows the mails to browsers of this machine
 */
public record OutsideServices(
    Mailbox mailbox,
    MailboxPage mailboxPage,
    OpenAi openAi,
    ElevenLabs elevenLabs,
    StripeSimulator stripe)
    implements AutoCloseable {
  /** By which the simulated Stripe signs its events. */
  public static final String STRIPE_SECRET = "whsec_ofTheSimulator";

  /** The price of a tier at the simulated Stripe. */
  public static String price(String tier) {
    return "price_simulated_" + tier;
  }

  /**
   * Starts them.
   *
   * @param mailboxPort of the page
   */
  static OutsideServices start(Clock clock, int mailboxPort) {
    Mailbox mailbox = Mailbox.start(0);
    return new OutsideServices(
        mailbox,
        MailboxPage.start(mailbox, mailboxPort),
        OpenAi.start(clock, 0),
        ElevenLabs.start(0),
        new StripeSimulator());
  }

  /** The sidecar's settings that lead to them. */
  Map<String, String> settings() {
    return Map.of(
        // A week shows both ends of it.
        "YTEMPIRE_STRIPE_GRACE_DAYS",
        "2",
        "YTEMPIRE_SMTP_HOST",
        "127.0.0.1",
        "YTEMPIRE_SMTP_PORT",
        String.valueOf(mailbox.port()),
        "YTEMPIRE_SMTP_SECURITY",
        "none",
        "YTEMPIRE_MAIL_FROM",
        "YTEMPIRE <reports@ytempire.example>",
        "YTEMPIRE_STRIPE_URL",
        stripe.url(),
        "YTEMPIRE_STRIPE_API_KEY",
        StripeSimulator.API_KEY,
        "YTEMPIRE_STRIPE_WEBHOOK_SECRETS",
        STRIPE_SECRET,
        "YTEMPIRE_STRIPE_PRICES",
        "%s=starter,%s=growth,%s=scale"
            .formatted(price("starter"), price("growth"), price("scale")));
  }

  @Override
  public void close() {
    mailboxPage.close();
    mailbox.close();
    openAi.close();
    elevenLabs.close();
    stripe.close();
  }
}
