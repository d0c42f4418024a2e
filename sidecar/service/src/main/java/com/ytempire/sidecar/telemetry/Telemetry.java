package com.ytempire.sidecar.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The meters that Prometheus scrapes. No label ever holds a user, a channel or a video, and each
 * has a bounded number of values ({@link LabelLimit}). Safe to share between threads.
 */
public final class Telemetry implements AutoCloseable {
  /**
   * Upper bounds of the buckets of requests' durations: from a page of rows to a fetch that waits.
   */
  private static final Duration[] REQUEST_BUCKETS =
      Stream.of(100, 250, 500, 1000, 2500, 10_000, 60_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbage = new JvmGcMetrics();

  public Telemetry() {
    registry.config().meterFilter(new LabelLimit());
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    garbage.bindTo(registry);
    // From the start, because Prometheus sees no increase in a counter that begins with 1.
    for (String outcome : List.of("delivered", "failed", "given-up")) {
      registry.counter("ytempire.webhooks.deliveries", "outcome", outcome);
    }
    for (String limited : List.of("false", "true")) {
      registry.counter("ytempire.auth.failures", "limited", limited);
    }
  }

  /** Where parts that bring meters of their own register them. */
  public MeterRegistry registry() {
    return registry;
  }

  /**
   * Records that an HTTP request was answered.
   *
   * @param method one of the methods that the API knows, else {@code other}
   * @param path template of a route, else {@code other}
   */
  public void recordRequest(String method, String path, int status, Duration took) {
    Timer.builder("ytempire.http.requests")
        .description("HTTP requests answered")
        .tags("method", method, "path", path, "status", String.valueOf(status))
        .serviceLevelObjectives(REQUEST_BUCKETS)
        .register(registry)
        .record(took);
  }

  /** A call went out to Google. */
  public void recordCall(String method, String outcome, Duration took) {
    Timer.builder("ytempire.youtube.calls")
        .description("Calls to Google")
        .tags("method", method, "outcome", outcome)
        .register(registry)
        .record(took);
  }

  /** A token that is none was shown; {@code limited}: by an address that has shown too many. */
  public void recordRefusedToken(boolean limited) {
    registry.counter("ytempire.auth.failures", "limited", String.valueOf(limited)).increment();
  }

  /** An event was sent to a subscriber; {@code outcome}: delivered, failed or given-up. */
  public void recordDelivery(String outcome) {
    registry.counter("ytempire.webhooks.deliveries", "outcome", outcome).increment();
  }

  /**
   * Records that events of the sidecar's own were not kept.
   *
   * @param reason one of a fixed few
   */
  public void recordDroppedEvents(String reason, int events) {
    registry.counter("ytempire.events.dropped", "reason", reason).increment(events);
  }

  /**
   * Records that rows were not stored.
   *
   * @param kind of row, one of a fixed few
   * @param reason one of a fixed few
   */
  public void recordRejectedRows(String kind, String reason, int rows) {
    registry.counter("ytempire.rows.rejected", "kind", kind, "reason", reason).increment(rows);
  }

  /** Records that the cache held an entry that this platform did not write there. */
  public void recordRejectedCacheEntry() {
    registry.counter("ytempire.cache.rejected").increment();
  }

  /** A limit of tenants' database logins was enforced; {@code reason}: one of a fixed few. */
  public void recordEnforcement(String reason, long count) {
    registry.counter("ytempire.database.logins.enforced", "reason", reason).increment(count);
  }

  /** Shows a number that is read when Prometheus asks. */
  public void gauge(
      String name, String description, String tag, String value, Supplier<Number> number) {
    Gauge.builder(name, number).description(description).tag(tag, value).register(registry);
  }

  /** The page for Prometheus. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    garbage.close();
    registry.close();
  }
}
