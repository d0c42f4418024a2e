package com.ytempire.sidecar.insight;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.insight.WeeklyInsight.Outcome;
import com.ytempire.sidecar.insight.WeeklyInsight.Question;
import com.ytempire.sidecar.insight.WeeklyInsight.Text;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Routes about the sentences on seven days of a user. */
public final class InsightRoutes {
  private static final String INSIGHTS = "/v1/users/{userId}/insights";
  private static final String SETTINGS = "/v1/users/{userId}/insight-settings";

  private final WeeklyInsight insight;
  private final TenantAccess tenantAccess;
  private final Clock clock;

  public InsightRoutes(WeeklyInsight insight, TenantAccess tenantAccess, Clock clock) {
    this.insight = insight;
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/insight-facts",
                "Read the facts of seven days of a user, for a language model to write sentences from")
            .by(OPERATOR, SERVICE, USER)
            .query(
                "week",
                "The first of 7 Pacific days; of the newest 7 that YouTube has reported when left out.")
            .query("model", "The model that is asked; any of the provider when left out.")
            .query("provider", "Who bills the model; openai when left out.")
            .answers("insight-facts")
            .in(Endpoint.Bulkhead.LARGE_READ)
            .with(this::facts),
        Endpoint.post(
                INSIGHTS,
                "Store a model's sentences about seven days, checked and filled, or else those of rules; books what the model used")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("insight-create")
            .answers("insight-created")
            .with(this::write),
        Endpoint.get(INSIGHTS, "Read the sentences about seven days of a user")
            .by(OPERATOR, SERVICE, USER)
            .query(
                "week",
                "The first of 7 Pacific days; of the newest 7 that YouTube has reported when left out.")
            .answers("insight")
            .with(this::read),
        Endpoint.get(SETTINGS, "Read what the language model may cost of a user")
            .by(OPERATOR, SERVICE, USER)
            .answers("insight-settings")
            .with(this::readSettings),
        Endpoint.patch(SETTINGS, "Change what the language model may cost of a user")
            .by(OPERATOR, SERVICE)
            .takes("insight-settings")
            .answers("insight-settings")
            .with(this::updateSettings));
  }

  /** {@code schemas/insight-facts.json}. */
  record Facts(
      LocalDate week,
      List<Fact> facts,
      boolean isModelAllowed,
      @Nullable String reason,
      BigDecimal budgetUsd,
      BigDecimal spentUsd) {}

  /** {@code schemas/insight-create.json}. */
  record CreateRequest(
      @Nullable LocalDate week, @Nullable JsonNode answer, @Nullable ModelUsage usage) {}

  /** {@code schemas/insight-created.json}. */
  record CreateResult(
      LocalDate week,
      List<String> sentences,
      String source,
      @Nullable String reason,
      @Nullable String model,
      @Nullable Instant createdAt,
      BigDecimal costUsd,
      @Nullable String costFault) {}

  /** {@code schemas/insight-settings.json}. */
  record Settings(BigDecimal monthlyBudgetUsd) {}

  private LocalDate week(Request request, Handle handle) {
    return request.day("week").orElseGet(() -> insight.newestWeek(handle));
  }

  private Facts facts(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Question question =
        tenantAccess.as(
            request.caller(),
            userId,
            "insight.facts",
            handle ->
                insight.question(
                    handle,
                    userId,
                    week(request, handle),
                    request.query("provider").orElse(ModelUsage.PROVIDER),
                    request.query("model").orElse(null)));
    return new Facts(
        question.facts().week(),
        question.facts().facts(),
        question.refusal() == null,
        question.refusal(),
        question.budgetUsd(),
        question.spentUsd());
  }

  private CreateResult write(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    CreateRequest body = request.body(CreateRequest.class);
    @Nullable LocalDate day = body.week();
    if (day != null && !Request.isOfOurTime(day.atStartOfDay().toInstant(ZoneOffset.UTC))) {
      throw Problem.invalid(
          "The week is none of ours.",
          List.of(new Fault("/week", "must be a day from 2000 to 2999")));
    }
    Outcome outcome =
        tenantAccess.as(
            request.caller(),
            userId,
            "insight.write",
            handle ->
                insight.write(
                    handle,
                    userId,
                    day == null ? insight.newestWeek(handle) : day,
                    body.answer(),
                    body.usage()));
    Text text = outcome.text();
    return new CreateResult(
        text.week(),
        text.sentences(),
        text.source(),
        text.reason(),
        text.model(),
        text.createdAt(),
        outcome.costUsd(),
        outcome.costFault());
  }

  private Text read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    return tenantAccess.as(
        request.caller(),
        userId,
        "insight.read",
        handle -> WeeklyInsight.read(handle, week(request, handle)));
  }

  private Settings readSettings(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    return tenantAccess.as(
        request.caller(),
        userId,
        "insight.settings",
        handle ->
            new Settings(
                handle
                    .attach(InsightDao.class)
                    .budget()
                    .orElse(WeeklyInsight.STANDARD_BUDGET_USD)));
  }

  private Settings updateSettings(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Settings body = request.body(Settings.class);
    return tenantAccess.as(
        request.caller(),
        userId,
        "insight.settings-changed",
        handle -> {
          handle.attach(InsightDao.class).setBudget(body.monthlyBudgetUsd(), clock.instant());
          return body;
        });
  }
}
