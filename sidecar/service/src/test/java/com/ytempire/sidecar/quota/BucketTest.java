package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.web.Contract;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows of buckets, also on the days that have 23 or 25 hours. */
final class BucketTest {
  @ParameterizedTest(name = "at {0} the day resets at {1} and has {2} hours")
  @CsvSource({
    "2026-07-01T12:00:00Z, 2026-07-02T07:00:00Z, 24",
    "2026-12-01T12:00:00Z, 2026-12-02T08:00:00Z, 24",
    "2026-03-08T09:00:00Z, 2026-03-09T07:00:00Z, 23",
    "2026-11-01T09:00:00Z, 2026-11-02T08:00:00Z, 25",
    "2026-11-21T07:59:59Z, 2026-11-21T08:00:00Z, 24",
    "2026-11-21T08:00:00Z, 2026-11-22T08:00:00Z, 24",
  })
  void the_day_ends_at_pacific_midnight(Instant now, Instant resetsAt, int hours) {
    Bucket.Window window = Bucket.DATA_GENERAL.window(now);
    assertEquals(resetsAt, window.end());
    assertEquals(Duration.ofHours(hours), Duration.between(window.start(), window.end()));
  }

  @Test
  void the_minute_ends_with_the_minute() {
    Bucket.Window window = Bucket.ANALYTICS_MINUTE.window(Instant.parse("2026-11-21T08:00:59.9Z"));
    assertEquals(Instant.parse("2026-11-21T08:01:00Z"), window.end());
  }

  @Test
  void the_contract_lists_exactly_these_buckets() {
    List<String> inContract = new ArrayList<>();
    Contract.load()
        .document("bucket")
        .get("enum")
        .forEach(bucket -> inContract.add(bucket.stringValue()));
    assertEquals(List.of(Bucket.values()).stream().map(Bucket::label).toList(), inContract);
  }
}
