package com.ytempire.sidecar.reports;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A kind of mailed report; {@code schemas/report-kind.json}. */
enum ReportKind {
  DAILY(LocalTime.of(9, 0)),
  WEEKLY(LocalTime.of(8, 0)),
  MONTHLY(LocalTime.of(9, 0));

  private final LocalTime standardTime;

  ReportKind(LocalTime standardTime) {
    this.standardTime = standardTime;
  }

  /** The local time at which it is sent where nothing was chosen. */
  LocalTime standardTime() {
    return standardTime;
  }

  /** The newest date of this kind that is not after {@code date}. */
  LocalDate periodAt(LocalDate date) {
    return switch (this) {
      case DAILY -> date;
      case WEEKLY -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
      case MONTHLY -> date.withDayOfMonth(1);
    };
  }

  @JsonValue
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The kind of this label. */
  static Optional<ReportKind> find(String label) {
    return List.of(values()).stream().filter(kind -> kind.label().equals(label)).findFirst();
  }

  @JsonCreator
  static ReportKind of(String label) {
    return find(label).orElseThrow(() -> new IllegalArgumentException("no kind " + label));
  }
}
