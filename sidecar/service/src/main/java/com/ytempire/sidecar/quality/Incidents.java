package com.ytempire.sidecar.quality;

import com.ytempire.sidecar.tenancy.Events;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Stores the findings of a check, and opens and closes its incident: from the first finding at
 * error until the last known finding of every watched channel is OK: what cannot be judged leaves
 * it as it is. Each change is published as an event, in the same transaction.
 */
final class Incidents {
  private Incidents() {}

  /**
   * Stores what a check found of the tenant, a finding a channel, and their worst as the user's.
   */
  static void record(
      Handle handle, UUID userId, Check check, List<Finding> findings, Instant now, LocalDate day) {
    QualityDao dao = handle.attach(QualityDao.class);
    for (Finding each : findings) {
      if (each.channelId() != null) {
        put(dao, check, each, now, day);
      }
    }
    summarize(handle, userId, check, findings, now, day);
  }

  /** As {@link #record}, where the channels' findings are stored. */
  static void summarize(
      Handle handle, UUID userId, Check check, List<Finding> findings, Instant now, LocalDate day) {
    QualityDao dao = handle.attach(QualityDao.class);
    Finding worst = Finding.worst(check, findings);
    put(dao, check, worst, now, day);
    int channels = Finding.channels(findings);
    switch (worst.level()) {
      case UNKNOWN, OK ->
          dao.close(check.label(), now, Finding.unknownChannels(findings))
              .ifPresent(id -> publish(handle, userId, check, id, "closed", worst, 0, now));
      case WARN -> update(dao, check, worst, channels, now);
      case ERROR -> {
        Optional<UUID> opened = dao.open(check.label(), now, worst.value(), channels);
        if (opened.isPresent()) {
          publish(handle, userId, check, opened.get(), "open", worst, channels, now);
        } else {
          update(dao, check, worst, channels, now);
        }
      }
    }
  }

  /** Stores a channel's finding. */
  static void put(QualityDao dao, Check check, Finding finding, Instant now, LocalDate day) {
    dao.put(finding.channelId(), check.label(), day, now, finding.level().label(), finding.value());
  }

  private static void update(
      QualityDao dao, Check check, Finding worst, int channels, Instant now) {
    @Nullable BigDecimal before =
        dao.openIncidents().stream()
            .filter(incident -> incident.checkName().equals(check.label()))
            .map(QualityDao.Incident::value)
            .findFirst()
            .orElse(null);
    dao.update(check.label(), now, channels, worst.value(), check.isWorse(worst.value(), before));
  }

  private static void publish(
      Handle handle,
      UUID userId,
      Check check,
      UUID incidentId,
      String state,
      Finding worst,
      int channels,
      Instant now) {
    Map<String, @Nullable Object> data = new HashMap<>();
    data.put("incidentId", incidentId.toString());
    data.put("check", check.label());
    data.put("state", state);
    data.put("value", worst.value() == null ? null : worst.value().doubleValue());
    data.put("unit", check.unit());
    data.put("threshold", check.errorAt().doubleValue());
    data.put("channels", channels);
    Events.publish(
        handle,
        Events.Kind.QUALITY_INCIDENT,
        Events.idOf(Events.Kind.QUALITY_INCIDENT, userId, incidentId + " " + state),
        null,
        now,
        data);
  }
}
