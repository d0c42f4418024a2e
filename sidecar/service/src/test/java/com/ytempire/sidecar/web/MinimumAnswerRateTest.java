package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long an answer may take that its caller reads slowly. Time passes when a test says so. */
final class MinimumAnswerRateTest {
  private static final int MEBIBYTE = 1 << 20;

  /** More than the buffers of both ends hold. */
  private static final int LARGE = 64 * MEBIBYTE;

  private static final Duration GRACE = Duration.ofSeconds(7);

  private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 1);
  private final ManualScheduler scheduler = new ManualScheduler();
  private final Server server = new Server(new QueuedThreadPool(), scheduler, null);
  private final ServerConnector connector = new ServerConnector(server, 1, 1);
  private final CompletableFuture<Boolean> written = new CompletableFuture<>();

  /** Runs nothing by itself. Jetty's own timeouts are among its tasks. */
  private static final class ManualScheduler extends AbstractLifeCycle implements Scheduler {
    private final BlockingQueue<ManualTask> tasks = new LinkedBlockingQueue<>();

    private static final class ManualTask implements Task {
      private final Runnable work;
      private final Duration delay;
      private volatile boolean isCancelled;

      ManualTask(Runnable work, Duration delay) {
        this.work = work;
        this.delay = delay;
      }

      @Override
      public boolean cancel() {
        isCancelled = true;
        return true;
      }
    }

    @Override
    public Task schedule(Runnable work, long delay, TimeUnit unit) {
      ManualTask task = new ManualTask(work, Duration.of(delay, unit.toChronoUnit()));
      tasks.add(task);
      return task;
    }

    /** The next task of this delay; null: none comes. */
    ManualTask await(Duration delay) throws InterruptedException {
      ManualTask task = tasks.poll(60, TimeUnit.SECONDS);
      while (task != null && !task.delay.equals(delay)) {
        task = tasks.poll(60, TimeUnit.SECONDS);
      }
      assertNotNull(task, () -> "nothing was to be done after " + delay);
      return task;
    }
  }

  /** Starts a server whose answers must be read at a mebibyte a second. */
  private void start(Handler answer) throws Exception {
    MinimumAnswerRate rate = new MinimumAnswerRate(MEBIBYTE, GRACE, nanoTime::get);
    rate.setHandler(answer);
    server.setHandler(rate);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private Socket get() throws IOException {
    Socket caller = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
    caller.setSoTimeout(60_000);
    caller
        .getOutputStream()
        .write(
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    return caller;
  }

  private static Callback noting(CompletableFuture<Boolean> written, Callback callback) {
    return Callback.from(
        () -> {
          callback.succeeded();
          written.complete(true);
        },
        failure -> {
          callback.failed(failure);
          written.completeExceptionally(failure);
        });
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  private final class OneWrite extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      response.write(true, bytes(LARGE), noting(written, callback));
      return true;
    }
  }

  /** A large write and one of a mebibyte, between which an hour passes. */
  private final class TwoWrites extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      response.write(
          false,
          bytes(LARGE),
          Callback.from(
              () -> {
                nanoTime.addAndGet(TimeUnit.HOURS.toNanos(1));
                response.write(true, bytes(MEBIBYTE), noting(written, callback));
              },
              callback::failed));
      return true;
    }
  }

  /** Reads what is on its way, up to the end that the server made before so many bytes. */
  private static void assertEnded(InputStream answer, int bytes) throws IOException {
    byte[] buffer = new byte[MEBIBYTE];
    long read = 0;
    try {
      for (int count = 0; count >= 0; count = answer.read(buffer)) {
        read += count;
      }
    } catch (SocketException e) {
      // Reset: another way to end it. A timeout would be no SocketException.
    }
    assertTrue(read < bytes, "all of it was read");
  }

  @Test
  void who_reads_nothing_in_time_loses_the_connection() throws Exception {
    start(new OneWrite());
    try (Socket caller = get()) {
      ManualScheduler.ManualTask closing = scheduler.await(GRACE.plusSeconds(64));
      assertTrue(!written.isDone(), "nobody has read it");
      closing.work.run();
      ExecutionException failure =
          assertThrows(ExecutionException.class, () -> written.get(60, TimeUnit.SECONDS));
      assertTrue(failure.getCause() instanceof IOException, String.valueOf(failure.getCause()));
      assertEnded(caller.getInputStream(), LARGE);
    }
  }

  @Test
  void who_reads_all_in_time_keeps_the_connection() throws Exception {
    start(new OneWrite());
    try (Socket caller = get();
        InputStream answer = caller.getInputStream()) {
      assertTrue(answer.readAllBytes().length > LARGE);
      assertTrue(written.get(60, TimeUnit.SECONDS));
      assertTrue(scheduler.await(GRACE.plusSeconds(64)).isCancelled, "nothing is left to close it");
    }
  }

  /** The delay of closing a second write, when its caller took so long to read the first. */
  private void assertSecondWriteHas(Duration left, Duration firstTook) throws Exception {
    start(new TwoWrites());
    try (Socket caller = get();
        InputStream answer = caller.getInputStream()) {
      ManualScheduler.ManualTask first = scheduler.await(GRACE.plusSeconds(64));
      nanoTime.addAndGet(firstTook.toNanos());
      assertTrue(answer.readAllBytes().length > LARGE + MEBIBYTE);
      assertTrue(written.get(60, TimeUnit.SECONDS));
      assertTrue(first.isCancelled);
      assertTrue(scheduler.await(left).isCancelled);
    }
  }

  @Test
  void only_time_in_which_a_write_waits_for_its_reader_counts() throws Exception {
    assertSecondWriteHas(GRACE.plusSeconds(65 - 40), Duration.ofSeconds(40));
  }

  @Test
  void a_write_has_a_second_though_all_time_is_spent() throws Exception {
    assertSecondWriteHas(Duration.ofSeconds(1), Duration.ofSeconds(100));
  }

  @Test
  void who_reads_a_little_within_each_second_loses_the_connection_in_the_end() throws Exception {
    start(new TwoWrites());
    try (Socket caller = get();
        InputStream answer = caller.getInputStream()) {
      var _ = scheduler.await(GRACE.plusSeconds(64));
      // 65 seconds by the rate, the grace, and 30 seconds after that.
      nanoTime.addAndGet(GRACE.plusSeconds(65 + 31).toNanos());
      assertEnded(answer, LARGE + MEBIBYTE);
      assertThrows(ExecutionException.class, () -> written.get(60, TimeUnit.SECONDS));
    }
  }

  @Test
  void the_servers_answers_are_timed() {
    Handler.Wrapper edge = com.ytempire.sidecar.web.Server.edge();
    assertEquals(MinimumAnswerRate.class, edge.getClass());
    assertEquals(KnownMethods.class, edge.getHandler().getClass());
  }
}
