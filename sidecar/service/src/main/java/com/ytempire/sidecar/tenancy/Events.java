package com.ytempire.sidecar.tenancy;

import com.ytempire.sidecar.web.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what happened to a user as events, which start workflows. An event is written in the
 * transaction in which it happens, for whoever has subscribed by then, so that it is published if
 * and only if it happened; without a subscriber nothing is written.
 */
public final class Events {
  /** How long counts of one cause wait for more of it. */
  private static final Duration SETTLED_AFTER = Duration.ofSeconds(30);

  private Events() {}

  /** The kind of an event; {@code schemas/event.json} has the fields of each. */
  public enum Kind {
    /** Rows of the user were stored, and no more came for half a minute. */
    SYNC_FINISHED,
    /** Google no longer takes a channel's grant. */
    RECONNECT_NEEDED,
    /** A channel's owner granted access, for the first time or again. */
    CHANNEL_CONNECTED,
    /** Of a day's bucket of quota little is left for the user. */
    QUOTA_LOW,
    /** A video was seen for the first time, soon after it was published. */
    NEW_VIDEO,
    /** What a user's videos of a month cost on average is above a limit. */
    COST_LIMIT_PASSED,
    /** A check of the user's data found a fault, or found it gone. */
    QUALITY_INCIDENT,
    /** The user's tier is another than before. */
    TIER_CHANGED;

    /** As it stands in the contract. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Publishes what happened to the tenant of this transaction.
   *
   * @param id of the event; two with the same are one, which is delivered once
   * @param data the fields of its kind, beside those that every event has
   */
  public static void publish(
      Handle handle,
      Kind kind,
      UUID id,
      @Nullable String channelId,
      Instant at,
      Map<String, ?> data) {
    handle
        .attach(EventDao.class)
        .publish(id, kind.label(), channelId, at, Json.MAPPER.writeValueAsString(data));
  }

  /**
   * Publishes counts for the tenant of this transaction; what one cause brings in pieces adds up to
   * one event, which is sent when no more has come for half a minute.
   *
   * @param cause what the pieces have in common, an execution for instance
   * @param counts whole numbers by the field that they add up in
   * @param data fields that are the same in all pieces
   */
  public static void publishCounts(
      Handle handle,
      Kind kind,
      String cause,
      Instant at,
      Map<String, Integer> counts,
      Map<String, ?> data) {
    handle
        .attach(EventDao.class)
        .publishCounts(
            kind.label(),
            cause,
            at,
            at.plus(SETTLED_AFTER),
            Json.MAPPER.writeValueAsString(counts),
            Json.MAPPER.writeValueAsString(data));
  }

  /** Whether anybody has subscribed to this kind, so that it is worth finding out. */
  public static boolean isWanted(Handle handle, Kind kind) {
    return handle.attach(EventDao.class).isWanted(kind.label());
  }

  /** The id of an event that may be found more than once and must be delivered once. */
  public static UUID idOf(Kind kind, UUID userId, String what) {
    return UUID.nameUUIDFromBytes(
        (kind.label() + " " + userId + " " + what).getBytes(StandardCharsets.UTF_8));
  }
}
