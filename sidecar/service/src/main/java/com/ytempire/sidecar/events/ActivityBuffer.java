package com.ytempire.sidecar.events;

import com.ytempire.sidecar.tenancy.ActivityLog;
import com.ytempire.sidecar.tenancy.ActivityLog.Origin;
import com.ytempire.sidecar.web.Json;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Activities that wait to be recorded, by user, within bounds. Calls to Google are added up, so
 * that a user has one event of them however many there were. Safe to share between threads.
 */
final class ActivityBuffer {
  private static final String SOURCE = "ytempire/sidecar";

  /** The waiting activities of a user: events, and the calls of each method by their outcome. */
  private static final class UserActivities {
    private final List<Activity> events = new ArrayList<>();
    private final Map<String, Map<String, Integer>> calls = new TreeMap<>();
  }

  /** An event of the sidecar's own, and what caused it. */
  record Activity(RecordedEvent event, Origin origin) {}

  private final int maxEvents;
  private final int maxOfUser;
  private final Clock clock;
  private Map<UUID, UserActivities> waiting = new LinkedHashMap<>();
  private int size;

  /**
   * Creates a buffer.
   *
   * @param maxEvents of all users together; calls of a user count as one
   * @param maxOfUser of one user, so that none takes the room of all
   */
  ActivityBuffer(int maxEvents, int maxOfUser, Clock clock) {
    this.maxEvents = maxEvents;
    this.maxOfUser = maxOfUser;
    this.clock = clock;
  }

  /** Adds an event; answers whether there was room for it. */
  boolean add(ActivityLog.Kind kind, UUID userId, Origin origin, Map<String, ?> data) {
    Activity activity = activity(kind, clock.instant(), origin, data);
    synchronized (this) {
      UserActivities ofUser = waiting.get(userId);
      if (size >= maxEvents || ofUser != null && ofUser.events.size() >= maxOfUser) {
        return false;
      }
      waiting.computeIfAbsent(userId, id -> new UserActivities()).events.add(activity);
      size++;
      return true;
    }
  }

  /** Adds a call to Google; answers whether there was room for it. */
  synchronized boolean addCall(UUID userId, String method, String outcome) {
    UserActivities ofUser = waiting.get(userId);
    if (ofUser == null || ofUser.calls.isEmpty()) {
      if (size >= maxEvents) {
        return false;
      }
      size++;
    }
    waiting
        .computeIfAbsent(userId, id -> new UserActivities())
        .calls
        .computeIfAbsent(method, name -> new TreeMap<>())
        .merge(outcome, 1, Integer::sum);
    return true;
  }

  /** Takes everything that waits. */
  Map<UUID, List<Activity>> take() {
    Map<UUID, UserActivities> taken;
    synchronized (this) {
      taken = waiting;
      waiting = new LinkedHashMap<>();
      size = 0;
    }
    Instant now = clock.instant();
    Map<UUID, List<Activity>> byUser = new LinkedHashMap<>();
    taken.forEach((userId, ofUser) -> {
      List<Activity> events = new ArrayList<>(ofUser.events);
      if (!ofUser.calls.isEmpty()) {
        events.add(activity(ActivityLog.Kind.YOUTUBE_CALLED, now, Origin.NONE, ofUser.calls));
      }
      byUser.put(userId, events);
    });
    return byUser;
  }

  private static Activity activity(
      ActivityLog.Kind kind, Instant at, Origin origin, Map<String, ?> data) {
    return new Activity(
        new RecordedEvent(
            UUID.randomUUID(),
            at.truncatedTo(ChronoUnit.MICROS),
            kind.label(),
            SOURCE,
            null,
            null,
            Json.MAPPER.writeValueAsString(data)),
        origin);
  }
}
