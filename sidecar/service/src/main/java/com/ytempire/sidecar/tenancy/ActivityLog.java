package com.ytempire.sidecar.tenancy;

import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes what the sidecar did for users, to be kept among their events. Beside the work and never
 * instead of it: it neither fails nor waits, and may lose what it is given.
 */
@FunctionalInterface
public interface ActivityLog {
  /** Keeps nothing. */
  ActivityLog NONE = (kind, userId, origin, data) -> {};

  /** An activity of the sidecar; {@code docs/events.md} has the counts of each. */
  enum Kind {
    /** A request fetched reports of the user. */
    METRICS_FETCHED,
    /** A request stored rows of the user. */
    METRICS_STORED,
    /** A request fetched what was new and changed of the user, and stored it. */
    METRICS_SYNCED,
    /** Calls to Google on the user's share of the quota, of some seconds together. */
    YOUTUBE_CALLED;

    /** The type of the event. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '.');
    }
  }

  /**
   * The execution that caused an activity.
   *
   * @param workflowId null: no workflow did; so is the execution
   */
  record Origin(@Nullable String workflowId, @Nullable String executionId) {
    public static final Origin NONE = new Origin(null, null);
  }

  /**
   * Records an activity, as of now.
   *
   * @param data counts, of a bounded number of names; no names of channels and no text from outside
   */
  void record(Kind kind, UUID userId, Origin origin, Map<String, ?> data);
}
