package com.ytempire.sidecar.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import com.ytempire.sidecar.tenancy.ActivityLog.Origin;
import com.ytempire.sidecar.web.Problem.Fault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Records batches of a tenant's events. What is wrong with one is reported, and the others go in;
 * one that was recorded before, or comes twice in a batch, changes nothing.
 */
final class Recorder {
  private Recorder() {}

  /** The outcome of an event. */
  enum Outcome {
    RECORDED,
    UNCHANGED,
    REJECTED;

    /** The name in the contract. */
    @JsonValue
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The outcome of one event, by its index in the batch. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EventOutcome(int event, Outcome outcome, @Nullable List<Fault> faults) {}

  /** The outcome of a batch; {@code schemas/event-record-result.json}. */
  record Result(int recorded, int unchanged, int rejected, List<EventOutcome> events) {}

  private record IndexedEvent(int index, RecordedEvent event) {}

  /**
   * Records a batch for the tenant of the transaction.
   *
   * @param limit that the events must keep to
   * @param origin where the events come from
   */
  static Result record(
      Handle handle, List<EventReader.ParsedEvent> batch, DailyLimit limit, Origin origin) {
    EventDao dao = new EventDao(handle);
    var _ = dao.lockUser();
    Set<String> channels =
        dao.lockChannels(
            batch.stream()
                .flatMap(read -> Stream.ofNullable(read.event()))
                .flatMap(event -> Stream.ofNullable(event.channelId()))
                .collect(Collectors.toSet()));
    @Nullable EventOutcome[] outcomes = new EventOutcome[batch.size()];
    List<IndexedEvent> fresh = new ArrayList<>();
    Set<RecordedEvent.Key> keys = new HashSet<>();
    for (int index = 0; index < outcomes.length; index++) {
      EventReader.ParsedEvent parsed = batch.get(index);
      @Nullable RecordedEvent event = parsed.event();
      if (event == null) {
        outcomes[index] = new EventOutcome(index, Outcome.REJECTED, parsed.faults());
      } else if (event.channelId() != null && !channels.contains(event.channelId())) {
        outcomes[index] = new EventOutcome(index, Outcome.REJECTED, List.of(unknownChannel()));
      } else if (keys.add(event.key())) {
        fresh.add(new IndexedEvent(index, event));
      } else {
        outcomes[index] = new EventOutcome(index, Outcome.UNCHANGED, null);
      }
    }
    limit.require(dao, fresh.stream().map(IndexedEvent::event).toList());
    Set<Integer> known =
        fresh.isEmpty()
            ? Set.of()
            : dao.record(
                fresh.stream().map(IndexedEvent::event).toList(),
                Collections.nCopies(fresh.size(), origin));
    limit.count(dao, fresh.size() - known.size());
    for (int i = 0; i < fresh.size(); i++) {
      int index = fresh.get(i).index();
      outcomes[index] =
          new EventOutcome(index, known.contains(i) ? Outcome.UNCHANGED : Outcome.RECORDED, null);
    }
    return counted(outcomes);
  }

  /** The same of whoever's channel it is, so that nobody learns who is here. */
  private static Fault unknownChannel() {
    return new Fault("/subject", "names no channel of this user, or one that was disconnected");
  }

  private static Result counted(@Nullable EventOutcome[] outcomes) {
    int[] counts = new int[Outcome.values().length];
    List<EventOutcome> events = new ArrayList<>(outcomes.length);
    for (@Nullable EventOutcome outcome : outcomes) {
      EventOutcome known = Objects.requireNonNull(outcome, "an event was forgotten");
      events.add(known);
      counts[known.outcome().ordinal()]++;
    }
    return new Result(
        counts[Outcome.RECORDED.ordinal()],
        counts[Outcome.UNCHANGED.ordinal()],
        counts[Outcome.REJECTED.ordinal()],
        events);
  }
}
