package com.ytempire.sidecar.events;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.events.ActivityBuffer.Activity;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.tenancy.ActivityLog;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the sidecar's own activities among its users' events, some seconds later and in batches:
 * a transaction and a statement for each user. What finds no room, or meets a database that does
 * not answer, is counted and lost; the work that it tells of has long been done. Safe to share
 * between threads.
 */
public final class ActivityRecorder implements ActivityLog, AutoCloseable {
  /** How often what waits is to be recorded. */
  public static final Duration INTERVAL = Duration.ofSeconds(5);

  /**
   * Bounds.
   *
   * @param events that wait, of some hundred bytes each
   * @param eventsOfUser of these, of one user
   * @param timeout for all users of a batch together
   */
  record Limits(int events, int eventsOfUser, Duration timeout) {}

  private static final Limits LIMITS = new Limits(10_000, 500, Duration.ofSeconds(10));

  /** A sidecar that stops has little time. */
  private static final Duration TIMEOUT_AT_END = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(ActivityRecorder.class);

  /** The reason for which events were lost. */
  enum Drop {
    /** More came than is held between two batches. */
    FULL,
    /** The database did not answer in time. */
    UNAVAILABLE,
    /** The database failed otherwise. */
    FAILED,
    /** The user does not exist, or not any more. */
    UNKNOWN_USER;

    private String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Receives how many events were lost, and why. */
  @FunctionalInterface
  public interface DropObserver {
    /** Called with one of a fixed few reasons. */
    void dropped(String reason, int events);
  }

  private final Database database;
  private final ActivityBuffer buffer;
  private final DropObserver observer;
  private final Duration timeout;

  /** Held while a batch is recorded, so that who waits for it finds all that was there before. */
  private final ReentrantLock recording = new ReentrantLock();

  public ActivityRecorder(Database database, DropObserver observer, Clock clock) {
    this(database, observer, LIMITS, clock);
  }

  ActivityRecorder(Database database, DropObserver observer, Limits limits, Clock clock) {
    this.database = database;
    this.buffer = new ActivityBuffer(limits.events(), limits.eventsOfUser(), clock);
    this.observer = observer;
    this.timeout = limits.timeout();
    for (Drop drop : Drop.values()) {
      // From the start, because Prometheus sees no increase in a counter that begins with 1.
      observer.dropped(drop.label(), 0);
    }
  }

  @Override
  public void record(Kind kind, UUID userId, Origin origin, Map<String, ?> data) {
    if (!buffer.add(kind, userId, origin, data)) {
      observer.dropped(Drop.FULL.label(), 1);
    }
  }

  /**
   * Counts a call to Google.
   *
   * @param userId on whose share of the quota; null: on nobody's, and it is not recorded
   */
  public void recordCall(@Nullable UUID userId, String method, String outcome) {
    if (userId != null && !buffer.addCall(userId, method, outcome)) {
      observer.dropped(Drop.FULL.label(), 1);
    }
  }

  /** Records what waits; to be called every {@link #INTERVAL}. */
  public void run() {
    record(timeout);
  }

  private void record(Duration timeout) {
    recording.lock();
    try {
      Deadline.after(timeout).run(() -> buffer.take().forEach(this::record));
    } finally {
      recording.unlock();
    }
  }

  private void record(UUID userId, List<Activity> activities) {
    try {
      if (!Tenant.as(userId, () -> isRecorded(activities))) {
        observer.dropped(Drop.UNKNOWN_USER.label(), activities.size());
      }
    } catch (DatabaseUnavailable | DatabaseBusy e) {
      observer.dropped(Drop.UNAVAILABLE.label(), activities.size());
    } catch (RuntimeException e) {
      log.warn("activities were not recorded: {}", e.getMessage());
      observer.dropped(Drop.FAILED.label(), activities.size());
    }
  }

  /** Records activities of the acting tenant; answers whether it exists. */
  private boolean isRecorded(List<Activity> activities) {
    // What is there already changes nothing, so what was perhaps committed may be repeated.
    return database
        .idempotent()
        .asTenant(handle -> {
          EventDao dao = new EventDao(handle);
          if (!dao.lockUser()) {
            return false;
          }
          var _ =
              dao.record(
                  activities.stream().map(Activity::event).toList(),
                  activities.stream().map(Activity::origin).toList());
          return true;
        });
  }

  /** Records what still waits, if the database answers soon. */
  @Override
  public void close() {
    record(TIMEOUT_AT_END);
  }
}
