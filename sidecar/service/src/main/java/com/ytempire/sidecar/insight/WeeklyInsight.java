package com.ytempire.sidecar.insight;

import com.ytempire.sidecar.costs.Ledger;
import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.insight.InsightDao.Stored;
import com.ytempire.sidecar.insight.SentenceCheck.Checked;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Sentences about a user's week: those that a language model wrote, where its answer passed the
 * check, and those of rules otherwise. Safe to share between threads.
 */
public final class WeeklyInsight {
  /** Of a user in a month, where no other is set: some hundred answers of a small model. */
  static final BigDecimal STANDARD_BUDGET_USD = new BigDecimal("1.00");

  private static final ZoneId PACIFIC = ZoneId.of("America/Los_Angeles");

  /** Days until YouTube has completed a day with its revenue; see {@code schemas/report.json}. */
  private static final int DELAY_DAYS = 4;

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("EEEE, MMMM d", Locale.US);

  private final Database database;
  private final Clock clock;

  public WeeklyInsight(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * The sentences of the latest complete week, ready to show, after a line that says which week it
   * is. What a model wrote, or else what rules say now.
   */
  public List<String> sentences(UUID userId) {
    LocalDate week = latestWeek();
    List<String> sentences = new ArrayList<>();
    sentences.add("%s to %s:".formatted(DAY.format(week), DAY.format(week.plusDays(6))));
    sentences.addAll(
        Tenant.as(userId, () -> database.idempotent().asTenant(h -> read(h, week).sentences())));
    return sentences;
  }

  /**
   * Sentences of a week.
   *
   * @param createdAt null: they are not stored
   */
  record Text(
      LocalDate week,
      List<String> sentences,
      String source,
      @Nullable String reason,
      @Nullable String model,
      @Nullable Instant createdAt) {
    static Text of(LocalDate week, Stored stored) {
      return new Text(
          week,
          stored.sentences(),
          stored.source(),
          stored.reason(),
          stored.model(),
          stored.createdAt());
    }
  }

  /** What a model may be asked, and whether. */
  record Question(
      WeekFacts facts, @Nullable String refusal, BigDecimal budgetUsd, BigDecimal spentUsd) {}

  /** What came of an answer. */
  record Written(Text text, BigDecimal costUsd, @Nullable String costFault) {}

  /** The Monday of a day's week. */
  static LocalDate monday(LocalDate day) {
    return day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
  }

  /** The Monday of the newest week all of whose days YouTube has completed. */
  LocalDate latestWeek() {
    LocalDate complete = clock.instant().atZone(PACIFIC).toLocalDate().minusDays(DELAY_DAYS);
    return monday(complete.plusDays(1)).minusWeeks(1);
  }

  /** What is stored of a week of the tenant, or what rules say now. */
  Text read(Handle handle, LocalDate week) {
    InsightDao dao = handle.attach(InsightDao.class);
    Optional<Stored> stored = dao.find(week);
    if (stored.isPresent()) {
      return Text.of(week, stored.get());
    }
    return new Text(week, RuleSentences.of(facts(handle, week)), "rules", null, null, null);
  }

  private static WeekFacts facts(Handle handle, LocalDate week) {
    CompleteRollups.require(handle);
    return WeekFacts.read(handle.attach(InsightDao.class), week);
  }

  /** The facts of a week of the tenant. */
  Question question(Handle handle, LocalDate week) {
    InsightDao dao = handle.attach(InsightDao.class);
    WeekFacts facts = facts(handle, week);
    BigDecimal budget = dao.budget().orElse(STANDARD_BUDGET_USD);
    BigDecimal spent = dao.spent(monthStart());
    String refusal =
        facts.facts().isEmpty()
            ? "Nothing is reported of this week yet."
            : spent.compareTo(budget) >= 0
                ? "The model has cost %s of %s this month."
                    .formatted(Figures.usd(spent), Figures.usd(budget))
                : null;
    return new Question(facts, refusal, budget, spent);
  }

  private Instant monthStart() {
    return clock
        .instant()
        .atZone(PACIFIC)
        .toLocalDate()
        .withDayOfMonth(1)
        .atStartOfDay(PACIFIC)
        .toInstant();
  }

  /** Books what the model used, checks its answer, and stores its sentences or those of rules. */
  Written write(
      Handle handle, LocalDate week, @Nullable JsonNode answer, @Nullable ModelUsage usage) {
    InsightDao dao = handle.attach(InsightDao.class);
    Instant now = clock.instant();
    @Nullable String costFault =
        usage == null ? null : usage.book(new Ledger(handle), now).orElse(null);
    BigDecimal cost =
        usage == null ? BigDecimal.ZERO : dao.costOf(usage.billedBy(), usage.responseId());
    WeekFacts facts = facts(handle, week);
    Checked checked = new SentenceCheck(facts.facts()).check(answer);
    boolean isUsable = checked.fault() == null;
    List<String> sentences = isUsable ? checked.sentences() : RuleSentences.of(facts);
    dao.store(
        week,
        sentences.toArray(String[]::new),
        isUsable ? "model" : "rules",
        checked.fault(),
        isUsable && usage != null ? usage.model() : null,
        facts.channelIds().toArray(String[]::new),
        facts.videoIds().toArray(String[]::new),
        now);
    Text text = dao.find(week).map(stored -> Text.of(week, stored)).orElseThrow();
    return new Written(text, cost, costFault);
  }
}
