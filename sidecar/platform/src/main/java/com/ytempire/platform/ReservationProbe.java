package com.ytempire.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;

/** Reserves units and settles them while the product is disturbed. Used by one thread. */
final class ReservationProbe {
  /** Of a bucket that no sync uses, so that nothing else is counted in it. */
  static final String BUCKET = "data.search";

  private static final int RESERVED_UNITS = 2;

  private static final int SETTLED_UNITS = 1;

  /** In which the settling request is on its way. */
  private static final int SETTLING_MILLISECONDS = 10;

  private static final int NOT_FOUND = 404;

  private final Platform platform;
  private final Random random;
  private final FaultLog faults;
  private int settled;

  ReservationProbe(Platform platform, Random random, FaultLog faults) {
    this.platform = platform;
    this.random = random;
    this.faults = faults;
  }

  /** Reserves units, and begins to settle them until it is known that they are. */
  Thread settle(String user) throws InterruptedException {
    String id =
        platform
            .operator()
            .post(
                "/v1/quota/reservations",
                Http.map(
                    "bucket",
                    BUCKET,
                    "units",
                    RESERVED_UNITS,
                    "interactive",
                    false,
                    "userId",
                    user))
            .get("reservationId")
            .stringValue();
    settled += SETTLED_UNITS;
    Thread settling =
        Thread.ofVirtual()
            .start(() -> {
              try {
                platform.whileAway(() -> trySettle(id));
              } catch (Exception e) {
                faults.add(Fault.Kind.UNITS, "a reservation was not settled: " + e.getMessage());
              }
            });
    Thread.sleep(random.nextInt(SETTLING_MILLISECONDS));
    return settling;
  }

  /** A reservation that is not there any more was settled by a request whose answer was lost. */
  private boolean trySettle(String id) {
    int status =
        platform
            .operator()
            .exchange(
                "/v1/quota/reservations/" + id + "/settle", Http.map("unitsSpent", SETTLED_UNITS))
            .statusCode();
    if (status / 100 != 2 && status != NOT_FOUND) {
      throw new UncheckedIOException(new IOException("settling was answered by " + status));
    }
    return true;
  }

  /**
   * What was reserved must have been settled once, and nothing be left reserved; returns the units
   * that differ.
   */
  long check(long spent, long held) {
    if (spent != settled || held != 0) {
      faults.add(
          Fault.Kind.UNITS,
          "of %s %d units were settled, %d are counted and %d still reserved"
              .formatted(BUCKET, settled, spent, held));
    }
    return Math.abs(spent - settled) + held;
  }
}
