package com.ytempire.sidecar.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Detects callers that disconnect while their requests are served, so that nothing more is spent on
 * them. Nobody reads from a connection while its request is served: the server would see the end of
 * it only when it answers. Here one thread waits for all of them to become readable, which without
 * a byte to read means that the other side has closed. Safe to share between threads.
 */
final class DisconnectMonitor implements AutoCloseable {
  private final Selector selector;
  private final Queue<Watch> arriving = new ConcurrentLinkedQueue<>();

  DisconnectMonitor() {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().name("disconnect-monitor").daemon().start(this::look);
  }

  /** A caller that is watched, until closed. */
  final class Watch implements AutoCloseable {
    private final SocketChannel channel;
    private final Runnable gone;
    private boolean isOver;

    private Watch(SocketChannel channel, Runnable gone) {
      this.channel = channel;
      this.gone = gone;
    }

    /** From here on {@code gone} is not run, and is not running. */
    @Override
    public synchronized void close() {
      isOver = true;
      SelectionKey key = channel.keyFor(selector);
      if (key != null && key.attachment() == this) {
        key.cancel();
      }
    }

    private synchronized boolean isOver() {
      return isOver;
    }

    private synchronized void signal() {
      if (!isOver) {
        isOver = true;
        gone.run();
      }
    }
  }

  /** Runs {@code gone}, once and by another thread, if the caller closes its connection. */
  Watch watch(SocketChannel channel, Runnable gone) {
    Watch watch = new Watch(channel, gone);
    arriving.add(watch);
    selector.wakeup();
    return watch;
  }

  private void look() {
    try {
      while (selector.isOpen()) {
        selector.select(DisconnectMonitor::look);
        // After a selection, which drops the keys that were cancelled.
        List<Watch> all = new ArrayList<>();
        for (Watch watch = arriving.poll(); watch != null; watch = arriving.poll()) {
          all.add(watch);
        }
        all.forEach(this::register);
      }
    } catch (ClosedSelectorException e) {
      // the server has stopped
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void register(Watch watch) {
    try {
      if (!watch.isOver()) {
        watch.channel.register(selector, SelectionKey.OP_READ, watch);
      }
    } catch (CancelledKeyException e) {
      // Its last request has just ended; the next selection drops that key.
      arriving.add(watch);
      selector.wakeup();
    } catch (ClosedChannelException e) {
      watch.signal();
    }
  }

  private static void look(SelectionKey key) {
    Watch watch = (Watch) key.attachment();
    key.cancel();
    try {
      // Bytes are the caller's next request, sent early.
      if (watch.channel.socket().getInputStream().available() == 0) {
        watch.signal();
      }
    } catch (IOException e) {
      watch.signal();
    }
  }

  @Override
  public void close() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
