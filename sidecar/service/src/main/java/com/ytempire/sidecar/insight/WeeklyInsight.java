package com.ytempire.sidecar.insight;

import com.ytempire.sidecar.costs.Ledger;
import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.db.ReportedDays;
import com.ytempire.sidecar.insight.InsightDao.StoredInsight;
import com.ytempire.sidecar.insight.SentenceCheck.Verdict;
import com.ytempire.sidecar.wording.FigureFormat;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Sentences about seven days of a user: those that a language model wrote, where its answer passed
 * the check, and those of rules otherwise. Safe to share between threads.
 */
public final class WeeklyInsight {
  /** Of a user in a month, where no other is set: some hundred answers of a small model. */
  static final BigDecimal STANDARD_BUDGET_USD = new BigDecimal("1.00");

  private static final String MODEL = "model";

  /** Of a user of whom nothing is reported: days until YouTube has completed a day. */
  private static final int DELAY_DAYS = 4;

  private final Clock clock;

  public WeeklyInsight(Clock clock) {
    this.clock = clock;
  }

  /**
   * The sentences about seven Pacific days of the tenant, ready to show; one at least. What a model
   * wrote of exactly these days, or else what rules say now.
   *
   * @param handle of a transaction that {@link CompleteRollups} requires to read complete sums
   * @param week the first of the days
   * @param format by which rules write figures and dates
   */
  public static List<String> sentences(Handle handle, LocalDate week, FigureFormat format) {
    // What rules stored may be older than a revision, and of another language of numbers.
    return handle
        .attach(InsightDao.class)
        .find(week)
        .filter(text -> text.source().equals(MODEL))
        .map(StoredInsight::sentences)
        .orElseGet(() -> RuleSentences.of(facts(handle, week, format)));
  }

  /**
   * Sentences about seven days.
   *
   * @param week the first of them
   * @param createdAt null: they are not stored
   */
  record Text(
      LocalDate week,
      List<String> sentences,
      String source,
      @Nullable String reason,
      @Nullable String model,
      @Nullable Instant createdAt) {
    static Text of(LocalDate week, StoredInsight stored) {
      return new Text(
          week,
          stored.sentences(),
          stored.source(),
          stored.reason(),
          stored.model(),
          stored.createdAt());
    }
  }

  /** The question to a model, and whether it may be asked. */
  record Question(
      WeekFacts facts, @Nullable String refusal, BigDecimal budgetUsd, BigDecimal spentUsd) {}

  /** The outcome of an answer. */
  record Outcome(Text text, BigDecimal costUsd, @Nullable String costFault) {}

  /** The first of the newest seven days that YouTube has reported of the tenant. */
  LocalDate newestWeek(Handle handle) {
    LocalDate today = PacificTime.day(clock.instant());
    return ReportedDays.newest(handle, today)
        .orElse(today.minusDays(DELAY_DAYS))
        .minusDays(WeekFacts.DAYS - 1);
  }

  /** What is stored of seven days of the tenant, or what rules say now. */
  static Text read(Handle handle, LocalDate week) {
    return read(handle, week, format(handle));
  }

  private static Text read(Handle handle, LocalDate week, FigureFormat format) {
    CompleteRollups.require(handle);
    Optional<StoredInsight> stored = handle.attach(InsightDao.class).find(week);
    return stored
        .map(known -> Text.of(week, known))
        .orElseGet(() ->
            new Text(
                week, RuleSentences.of(facts(handle, week, format)), "rules", null, null, null));
  }

  private static FigureFormat format(Handle handle) {
    return new FigureFormat(
        handle.attach(InsightDao.class).numberLanguage().orElse(FigureFormat.STANDARD_LANGUAGE));
  }

  /** Of a transaction that {@link CompleteRollups} requires to read complete sums. */
  private static WeekFacts facts(Handle handle, LocalDate week, FigureFormat format) {
    return WeekFacts.read(handle.attach(InsightDao.class), week, format);
  }

  /**
   * The facts of seven days of the tenant, and whether a model may be asked about them.
   *
   * @param model null: any of the provider
   */
  Question question(
      Handle handle, UUID userId, LocalDate week, String provider, @Nullable String model) {
    InsightDao dao = handle.attach(InsightDao.class);
    FigureFormat format = format(handle);
    CompleteRollups.require(handle);
    WeekFacts facts = facts(handle, week, format);
    BigDecimal budget = dao.budget().orElse(STANDARD_BUDGET_USD);
    BigDecimal spent = dao.spent(monthStart());
    @Nullable String refusal = null;
    if (facts.facts().isEmpty()) {
      refusal = "Nothing is reported of these days yet.";
    } else if (spent.compareTo(budget) >= 0) {
      refusal =
          "The model has cost %s of %s this month."
              .formatted(format.usd(spent), format.usd(budget));
    } else if (dao.find(week).filter(text -> text.source().equals(MODEL)).isPresent()) {
      // A report that is mailed later is due again at each tick.
      refusal = "A model has written about these days already.";
    } else {
      refusal =
          ModelUsage.unitWithoutPrice(new Ledger(handle, userId), provider, model, clock.instant())
              .map(unit ->
                  "The model %s of %s has no price of %s, so that no budget would hold: an operator adds it with POST /v1/prices."
                      .formatted(model == null ? "(not named)" : model, provider, unit))
              .orElse(null);
    }
    return new Question(facts, refusal, budget, spent);
  }

  private Instant monthStart() {
    return PacificTime.day(clock.instant())
        .withDayOfMonth(1)
        .atStartOfDay(PacificTime.ZONE)
        .toInstant();
  }

  /** Books what the model used, checks its answer, and stores its sentences or those of rules. */
  Outcome write(
      Handle handle,
      UUID userId,
      LocalDate week,
      @Nullable JsonNode answer,
      @Nullable ModelUsage usage) {
    InsightDao dao = handle.attach(InsightDao.class);
    Instant now = clock.instant();
    @Nullable String costFault =
        usage == null ? null : usage.book(new Ledger(handle, userId), now).orElse(null);
    BigDecimal cost =
        usage == null ? BigDecimal.ZERO : dao.costOf(usage.billedBy(), usage.responseId());
    CompleteRollups.require(handle);
    WeekFacts facts = facts(handle, week, format(handle));
    Verdict verdict = new SentenceCheck(facts.facts()).check(answer);
    boolean isUsable = verdict.fault() == null;
    List<String> sentences = isUsable ? verdict.sentences() : RuleSentences.of(facts);
    dao.store(
        week,
        sentences.toArray(String[]::new),
        isUsable ? MODEL : "rules",
        verdict.fault(),
        isUsable && usage != null ? usage.model() : null,
        facts.channelIds().toArray(String[]::new),
        facts.videoIds().toArray(String[]::new),
        now);
    Text text = dao.find(week).map(stored -> Text.of(week, stored)).orElseThrow();
    return new Outcome(text, cost, costFault);
  }
}
