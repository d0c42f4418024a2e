package com.ytempire.sidecar.events;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event that has been checked; {@code schemas/recorded-event.json}.
 *
 * @param at of the event itself, to the microsecond
 * @param channelId null: it is about the user
 * @param videoId null: it is about the channel or the user
 * @param data an object, as JSON; null: none
 */
record RecordedEvent(
    UUID id,
    Instant at,
    String type,
    String source,
    @Nullable String channelId,
    @Nullable String videoId,
    @Nullable String data) {

  /** The identity of an event: two events with the same key are one. */
  record Key(Instant at, UUID id) {}

  Key key() {
    return new Key(at, id);
  }
}
