package com.ytempire.sidecar.tenancy;

import com.ytempire.sidecar.web.Problem.Fault;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/** The time zones that users can have: those of IANA, by their names. */
public final class TimeZones {
  private TimeZones() {}

  /** Whether there is a time zone of this name. */
  public static boolean contains(String name) {
    return ZoneId.getAvailableZoneIds().contains(name);
  }

  /** Returns what is wrong with the field {@code timeZone} of a body; empty: nothing. */
  public static Optional<Fault> fault(String name) {
    return contains(name)
        ? Optional.empty()
        : Optional.of(
            new Fault(
                "/timeZone",
                "must be an IANA time zone such as Europe/Berlin, and there is none of this name"));
  }

  /**
   * Returns the zone of a stored name; UTC for one that there is not, which was written by hand.
   */
  public static ZoneId zone(String name) {
    return contains(name) ? ZoneId.of(name) : ZoneOffset.UTC;
  }
}
