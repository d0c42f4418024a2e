package com.ytempire.sidecar.events;

import com.ytempire.sidecar.web.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Measures what it takes to check events beside what it takes to read their JSON. */
public final class EventReading {
  /** How often both are measured, one after the other. */
  public static final int PAIRS = 61;

  private static final int WARM_UP = 200;

  /** What went through; read by nobody, so that nothing is optimized away. */
  private static volatile @Nullable Object last;

  private EventReading() {}

  /** Median seconds for a batch. */
  public record Comparison(double jsonSeconds, double checkedSeconds) {}

  /**
   * Compares both on the caller's thread.
   *
   * @param body a request, whose events are all good
   * @param now by which their times are judged
   */
  public static Comparison compare(byte[] body, Instant now) {
    EventReader reader = new EventReader();
    IntSupplier json = () -> keep(Json.BODIES.readTree(body).path("events").size());
    IntSupplier checked =
        () -> {
          List<EventReader.ParsedEvent> events =
              reader.readAll(Json.BODIES.readTree(body).path("events").values(), now);
          if (events.stream().anyMatch(event -> event.event() == null)) {
            throw new IllegalStateException("an event of the benchmark was rejected");
          }
          return keep(events);
        };
    for (int i = 0; i < WARM_UP; i++) {
      json.getAsInt();
      checked.getAsInt();
    }
    List<Double> jsonSeconds = new ArrayList<>();
    List<Double> checkedSeconds = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      jsonSeconds.add(seconds(json));
      checkedSeconds.add(seconds(checked));
    }
    return new Comparison(median(jsonSeconds), median(checkedSeconds));
  }

  private static int keep(Object result) {
    last = result;
    return 0;
  }

  private static double seconds(IntSupplier work) {
    long began = System.nanoTime();
    work.getAsInt();
    return (System.nanoTime() - began) / 1e9;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
