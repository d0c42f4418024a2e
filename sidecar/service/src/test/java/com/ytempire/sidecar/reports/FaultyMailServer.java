package com.ytempire.sidecar.reports;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * A mail server at the wire that fails as real ones do, by RFC 5321: 550 for a mailbox that does
 * not exist (4.2.3), 451 for one that is tried later (greylisting, RFC 6647), silence (a client
 * waits minutes: 4.5.3.2), an answer of more and more lines (4.2.1 knows no greatest number), and a
 * connection that ends after the mail was taken and before 250, after which a client must send it
 * again (6.1).
 */
final class FaultyMailServer implements AutoCloseable {
  /** What it does with the next mails. */
  enum Mode {
    TAKES,
    SILENT,
    GREETS_WITHOUT_END,
    TAKES_WITHOUT_END,
    DIES_AFTER_TAKING
  }

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration LINE_PAUSE = Duration.ofMillis(50);
  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Sources of the mails that were taken. */
  final List<String> mails = new CopyOnWriteArrayList<>();

  /** Addresses that it refuses for good, and for now. */
  final Set<String> refused = ConcurrentHashMap.newKeySet();

  final Set<String> deferred = ConcurrentHashMap.newKeySet();

  /** Addresses at which it ends the connection without an answer. */
  final Set<String> dying = ConcurrentHashMap.newKeySet();

  volatile Mode mode = Mode.TAKES;

  /** What happens between a mail and its 250. */
  volatile Runnable beforeAnswer = () -> {};

  FaultyMailServer() {
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        BufferedWriter out =
            new BufferedWriter(
                new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8))) {
      if (mode == Mode.GREETS_WITHOUT_END) {
        sayWithoutEnd(out, "220");
      }
      say(out, "220 stand-in ESMTP");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (mode == Mode.SILENT) {
          continue;
        }
        String word = line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT);
        switch (word) {
          case "RCPT" -> {
            if (dying.stream().anyMatch(line::contains)) {
              return;
            }
            say(out, recipient(line));
          }
          case "DATA" -> {
            say(out, "354 go on");
            add(body(in));
            if (mode == Mode.DIES_AFTER_TAKING) {
              return;
            }
            beforeAnswer.run();
            if (mode == Mode.TAKES_WITHOUT_END) {
              sayWithoutEnd(out, "250");
            }
            say(out, "250 2.0.0 taken");
          }
          case "QUIT" -> {
            say(out, "221 bye");
            return;
          }
          default -> say(out, "250 OK");
        }
      }
    } catch (IOException e) {
      // The client went away.
    }
  }

  private synchronized void add(String mail) {
    mails.add(mail);
    notifyAll();
  }

  /** Waits until so many mails were taken. */
  synchronized List<String> await(int count) {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (mails.size() < count) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError(mails.size() + " mails instead of " + count);
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return List.copyOf(mails);
  }

  private String recipient(String line) {
    String address = line.replaceFirst("(?i)RCPT TO:<([^>]*)>.*", "$1");
    if (refused.contains(address)) {
      return "550 5.1.1 no such mailbox";
    }
    return deferred.contains(address) ? "451 4.7.1 greylisted, try later" : "250 OK";
  }

  private static String body(BufferedReader in) throws IOException {
    StringBuilder body = new StringBuilder();
    for (String line = in.readLine(); line != null && !line.equals("."); line = in.readLine()) {
      body.append(line.startsWith("..") ? line.substring(1) : line).append('\n');
    }
    return body.toString();
  }

  private static void say(BufferedWriter out, String line) throws IOException {
    out.write(line + "\r\n");
    out.flush();
  }

  /** A line and another one, as long as a test may wait. */
  private static void sayWithoutEnd(BufferedWriter out, String code) throws IOException {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (System.nanoTime() < end) {
      say(out, code + "-a moment");
      LockSupport.parkNanos(LINE_PAUSE.toNanos());
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
