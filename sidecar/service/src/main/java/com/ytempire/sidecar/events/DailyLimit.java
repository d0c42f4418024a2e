package com.ytempire.sidecar.events;

import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Limits the events that are recorded of a user on a day (UTC), by when they arrive: their own
 * times are the sender's choice. Whoever asks holds the user ({@link EventDao#lockUser}).
 *
 * @param events of a user and day
 */
record DailyLimit(int events, Instant now) {
  private LocalDate today() {
    return LocalDate.ofInstant(now, ZoneOffset.UTC);
  }

  /**
   * Refuses a batch with more new events than the day has room for, before anything is written.
   *
   * @param batch events whose keys all differ; those that were recorded before need no room
   */
  void require(EventDao dao, List<RecordedEvent> batch) {
    long room = Math.max(0, events - dao.arrivals(today()));
    if (batch.size() <= room) {
      return;
    }
    int fresh = batch.size() - dao.known(batch);
    if (fresh > room) {
      throw Problem.until(
          Type.TOO_MANY_EVENTS,
          "Of a user %,d events are recorded on a day (UTC); today has room for %,d more, and this batch has %,d new ones. None of it was recorded. Send it again after midnight UTC, with the same ids, or have your operator raise YTEMPIRE_EVENTS_PER_USER_DAY."
              .formatted(events, room, fresh),
          today().plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC));
    }
  }

  /** Notes that events were recorded. */
  void count(EventDao dao, int recorded) {
    if (recorded > 0) {
      dao.addArrivals(today(), recorded);
    }
  }
}
