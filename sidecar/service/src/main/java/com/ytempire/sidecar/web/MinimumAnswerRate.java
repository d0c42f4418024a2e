package com.ytempire.sidecar.web;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the connection of a caller that reads its answer below a minimum rate. Jetty's own timeout
 * begins anew with each byte that is read: a caller of one byte a second would hold the memory or
 * the file of its answer, and its place in a bulkhead, for days. Only time counts in which a write
 * waits for the caller, none in which the server makes what it writes next. Whatever the caller
 * does, all writes together wait for the time by the rate, twice 30 seconds and a last one. Safe to
 * share between threads.
 */
final class MinimumAnswerRate extends Handler.Wrapper {
  private static final Logger log = LoggerFactory.getLogger(MinimumAnswerRate.class);

  /** For a page of four megabytes, the largest that is read, about three minutes in all. */
  private static final long BYTES_PER_SECOND = 32 * 1024;

  private static final Duration GRACE = Duration.ofSeconds(30);

  /** The minimum timeout of a write: a caller that reads at once is never cut off. */
  private static final Duration MIN_WRITE_TIMEOUT = Duration.ofSeconds(1);

  /**
   * How long the writes of an answer may wait in all when its time is spent. Without this bound who
   * reads a little within each second would be cut off by no write.
   */
  private static final Duration MAX_OVERRUN = Duration.ofSeconds(30);

  private final long bytesPerSecond;
  private final Duration grace;
  private final LongSupplier nanoTime;

  /** Times the answers of a handler: 32 KiB a second, and half a minute besides. */
  MinimumAnswerRate(Handler handler) {
    this(BYTES_PER_SECOND, GRACE, System::nanoTime);
    setHandler(handler);
  }

  /**
   * Times the answers of the handler that is set afterwards.
   *
   * @param bytesPerSecond that a caller must read, from the first byte to the last
   * @param grace how much longer than by its rate a caller may take in all
   * @param nanoTime as {@link System#nanoTime}
   */
  MinimumAnswerRate(long bytesPerSecond, Duration grace, LongSupplier nanoTime) {
    this.bytesPerSecond = bytesPerSecond;
    this.grace = grace;
    this.nanoTime = nanoTime;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    return super.handle(request, new TimedResponse(request, response), callback);
  }

  /** An answer whose writes, one after the other, each end in time or with the connection. */
  private final class TimedResponse extends Response.Wrapper {
    private final Scheduler scheduler;
    private final EndPoint connection;
    private long bytes;

    /** For how long writes have waited for the caller: each from its start to its callback. */
    private Duration waited = Duration.ZERO;

    TimedResponse(Request request, Response response) {
      super(request, response);
      scheduler = request.getComponents().getScheduler();
      connection = request.getConnectionMetaData().getConnection().getEndPoint();
    }

    @Override
    public void write(boolean last, @Nullable ByteBuffer content, Callback callback) {
      bytes += content == null ? 0 : content.remaining();
      Duration left = grace.plusMillis(bytes * 1000 / bytesPerSecond).minus(waited);
      if (left.plus(MAX_OVERRUN).isNegative()) {
        close();
      }
      Duration allowed = left.compareTo(MIN_WRITE_TIMEOUT) < 0 ? MIN_WRITE_TIMEOUT : left;
      long startedAt = nanoTime.getAsLong();
      Scheduler.Task closing =
          scheduler.schedule(this::close, allowed.toMillis(), TimeUnit.MILLISECONDS);
      super.write(
          last,
          content,
          Callback.from(
              () -> {
                closing.cancel();
                waited = waited.plusNanos(nanoTime.getAsLong() - startedAt);
              },
              callback));
    }

    private void close() {
      log.debug("a caller reads its answer too slowly: the connection is closed");
      connection.close();
    }
  }
}
