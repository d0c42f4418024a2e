package com.ytempire.simulator;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.internet.MimeMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A mail server in memory that takes every mail over SMTP and delivers it to nobody, for a demo and
 * tests: GreenMail. As of its source (2.1): it speaks SMTP with ESMTP's EHLO, takes any recipient
 * (it makes a mailbox for an address that it does not know), offers no STARTTLS on a plain port,
 * and keeps mails until it is closed. Real servers refuse, defer and break off; tests have a
 * stand-in of their own for that. Safe to share between threads.
 */
public final class Mailbox implements AutoCloseable {
  private final GreenMail server;
  private final Set<MimeMessage> known = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<MimeMessage> mails = new ArrayList<>();

  private Mailbox(GreenMail server) {
    this.server = server;
  }

  /** Starts it; port 0: any free one. */
  public static Mailbox start(int port) {
    GreenMail server = new GreenMail(new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    server.start();
    return new Mailbox(server);
  }

  public int port() {
    return server.getSmtp().getPort();
  }

  /**
   * The mails that were taken, in the order in which they were first seen here: a mail keeps its
   * place. GreenMail lists them by recipient.
   */
  public synchronized List<MimeMessage> mails() {
    for (MimeMessage mail : server.getReceivedMessages()) {
      if (known.add(mail)) {
        mails.add(mail);
      }
    }
    return List.copyOf(mails);
  }

  /** The mails to an address, as their reader sees them. */
  public List<ReceivedMail> mailsTo(String address) {
    return mails().stream().map(ReceivedMail::read).filter(mail -> mail.isTo(address)).toList();
  }

  @Override
  public void close() {
    server.stop();
  }
}
