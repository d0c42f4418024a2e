package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonValue;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The outcome of one request. A request of which only a part came has two. */
sealed interface Outcome {
  /** When a call that was turned away may find room. */
  Duration BUSY_PAUSE = Duration.ofSeconds(30);

  /** When to try again what failed for an unknown reason, or for the lack of a store. */
  Duration OUTAGE_PAUSE = Duration.ofSeconds(60);

  /** The index of the request, from 0. */
  int request();

  /**
   * Rows that were fetched, packed so that those of all users are never in memory as objects.
   *
   * @param fetchedAt when YouTube answered, in whole seconds
   */
  record Rows(int request, PackedRows rows, Instant fetchedAt, boolean isFromCache)
      implements Outcome {
    static Rows of(
        PlannedRequest request, List<FetchedRow> rows, Instant fetchedAt, boolean isFromCache) {
      return new Rows(
          request.index(),
          PackedRows.of(rows),
          fetchedAt.truncatedTo(ChronoUnit.SECONDS),
          isFromCache);
    }
  }

  /**
   * A failure.
   *
   * @param message for people: what happened and what to do
   * @param retryAt null: once the cause is fixed
   * @param videoId of the video whose query failed; null: it is not about one video
   */
  record Missed(
      int request,
      Reason reason,
      String message,
      @Nullable Instant retryAt,
      @Nullable String videoId)
      implements Outcome {
    Missed(int request, Reason reason, String message, @Nullable Instant retryAt) {
      this(request, reason, message, retryAt, null);
    }

    /** The same, about one video. */
    Missed ofVideo(@Nullable String id) {
      return new Missed(request, reason, message, retryAt, id);
    }

    /** Returns the outcome of a request that the deadline cut off. */
    static Missed late(int request, Instant now) {
      return new Missed(
          request,
          Reason.BUSY,
          "YouTube did not answer in the time given. Wait longer, or ask for less at once.",
          now.plus(BUSY_PAUSE));
    }

    /** Maps an exception; one that is not foreseen is {@link Reason#UNAVAILABLE}. */
    static Missed of(int request, RuntimeException cause, Instant now) {
      return of(
          request,
          switch (cause) {
            case YouTubeException e -> e.failure();
            case DatabaseBusy e -> busy(e, now);
            case FairScheduler.Busy e -> busy(e, now);
            case DatabaseUnavailable e ->
                new Failure.Unavailable(
                    "The database is unavailable; try again.", now.plus(OUTAGE_PAUSE));
            default ->
                new Failure.Unavailable(
                    "Something went wrong here; it is in our log.", now.plus(OUTAGE_PAUSE));
          });
    }

    private static Failure busy(RuntimeException cause, Instant now) {
      return new Failure.Busy(
          cause.getMessage() + " Wait longer, or ask for less at once.", now.plus(BUSY_PAUSE));
    }

    /** Maps a failure of a call to YouTube to the contract's reasons. */
    static Missed of(int request, Failure failure) {
      return switch (failure) {
        case Failure.QuotaExhausted f ->
            new Missed(request, Reason.QUOTA_EXHAUSTED, f.message(), f.resetsAt());
        case Failure.RateLimited f -> new Missed(request, Reason.BUSY, f.message(), f.retryAt());
        case Failure.Busy f -> new Missed(request, Reason.BUSY, f.message(), f.retryAt());
        case Failure.Unavailable f ->
            new Missed(request, Reason.UNAVAILABLE, f.message(), f.retryAt());
        case Failure.Unauthenticated f ->
            new Missed(request, Reason.UNAVAILABLE, f.message(), f.retryAt());
        case Failure.ApiDisabled f ->
            new Missed(request, Reason.UNAVAILABLE, f.message(), f.retryAt());
        case Failure.NotConnected f ->
            new Missed(
                request,
                Reason.NOT_CONNECTED,
                "The channel was never connected. Send the owner a connect link.",
                null);
        case Failure.GrantDead f ->
            new Missed(
                request,
                Reason.RECONNECT_NEEDED,
                f.message() + " Send the owner a new connect link.",
                null);
        case Failure.NoChannel f ->
            new Missed(
                request,
                Reason.RECONNECT_NEEDED,
                f.message() + " Send the owner a new connect link.",
                null);
        case Failure.AccountClosed f ->
            new Missed(
                request,
                Reason.RECONNECT_NEEDED,
                f.message() + " Once that is fixed, send the owner a new connect link.",
                null);
        case Failure.ScopeMissing f ->
            new Missed(
                request,
                Reason.WRONG_SCOPE,
                f.message() + " Send the owner a new connect link.",
                null);
        case Failure.NotMonetized f -> new Missed(request, Reason.NOT_MONETIZED, f.message(), null);
        case Failure.Refused f -> new Missed(request, Reason.REFUSED, f.message(), null);
      };
    }
  }

  /**
   * A request that was left alone.
   *
   * @param nextDueAt null: not while things stay as they are
   */
  record NotDue(int request, @Nullable Instant nextDueAt, Cause cause) implements Outcome {
    /** The cause for which a request was left alone. */
    enum Cause {
      /** YouTube can have nothing new yet. */
      NOT_DUE,
      /** Another run fetches it. */
      IN_PROGRESS,
      /** It is due, but this minute's limit of queries is used up; a later tick asks for it. */
      POSTPONED;

      /** The name in the contract. */
      @JsonValue
      String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
      }
    }
  }
}
