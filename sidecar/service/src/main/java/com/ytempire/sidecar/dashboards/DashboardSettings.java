package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.dashboards.DashboardDao.Owner;
import com.ytempire.sidecar.web.Json;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;

/**
 * A user's settings of the dashboards; {@code schemas/dashboard-settings.json}.
 *
 * @param targetRevenueUsd goal of a calendar month, USD; that of the user
 * @param timeZone of the hours of uploads and of what is no day; that of the user
 * @param currencyFormat symbol ($1.23K) or code (1.23 K USD)
 * @param defaultPeriod what a dashboard shows when it is opened; null: as each one has it
 * @param hiddenPanels left out; by {@code schemas/dashboard-panel.json}
 */
record DashboardSettings(
    BigDecimal targetRevenueUsd,
    String timeZone,
    String currencyFormat,
    @Nullable String defaultPeriod,
    List<String> hiddenPanels) {

  /** The settings of a user, with the standards where nothing was chosen. */
  static DashboardSettings of(Owner owner) {
    Preferences chosen;
    try {
      chosen =
          Json.MAPPER
              .readerFor(Preferences.class)
              .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .readValue(owner.preferences());
    } catch (JacksonException e) {
      // Written by hand; what is of no use is as if it were not there.
      chosen = new Preferences(null, null, null);
    }
    return new DashboardSettings(
        owner.targetRevenueUsd(),
        owner.timeZone(),
        "code".equals(chosen.currencyFormat()) ? "code" : "symbol",
        chosen.defaultPeriod(),
        chosen.hiddenPanels() == null ? List.of() : chosen.hiddenPanels());
  }

  /** {@code schemas/dashboard-settings-update.json}; null keeps what is there. */
  record Update(
      @Nullable BigDecimal targetRevenueUsd,
      @Nullable String timeZone,
      @Nullable String currencyFormat,
      @Nullable String defaultPeriod,
      @Nullable List<String> hiddenPanels) {}

  /** The content of {@code dashboard_preferences}. */
  record Preferences(
      @Nullable String currencyFormat,
      @Nullable String defaultPeriod,
      @Nullable List<String> hiddenPanels) {}
}
