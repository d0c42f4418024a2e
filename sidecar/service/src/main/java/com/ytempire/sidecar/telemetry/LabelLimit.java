package com.ytempire.sidecar.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Limits the number of values of each label of each meter, and of meters in all. A value or meter
 * beyond the limit is not recorded: a label that a caller can choose costs a figure, never memory.
 * Safe to share between threads.
 */
final class LabelLimit implements MeterFilter {
  /** Values of one label of one meter. The label with most, the route, has fewer than this. */
  static final int VALUES = 150;

  /** Combinations of labels of all meters. */
  static final int METERS = 5000;

  /** Meter name and label name. */
  private record Label(String meter, String name) {}

  private final Map<Label, Set<String>> values = new ConcurrentHashMap<>();
  private final Set<Meter.Id> meters = ConcurrentHashMap.newKeySet();

  @Override
  public MeterFilterReply accept(Meter.Id id) {
    if (meters.contains(id)) {
      return MeterFilterReply.NEUTRAL;
    }
    synchronized (this) {
      if (meters.size() >= METERS) {
        return MeterFilterReply.DENY;
      }
      for (Tag tag : id.getTagsAsIterable()) {
        Set<String> known = known(id, tag);
        if (known.size() >= VALUES && !known.contains(tag.getValue())) {
          return MeterFilterReply.DENY;
        }
      }
      for (Tag tag : id.getTagsAsIterable()) {
        known(id, tag).add(tag.getValue());
      }
      meters.add(id);
    }
    return MeterFilterReply.NEUTRAL;
  }

  private Set<String> known(Meter.Id id, Tag tag) {
    return values.computeIfAbsent(
        new Label(id.getName(), tag.getKey()), label -> ConcurrentHashMap.newKeySet());
  }
}
