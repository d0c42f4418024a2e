package com.ytempire.platform.week;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Fault;
import com.ytempire.platform.Http;
import com.ytempire.platform.Platform;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What the week costs each user: a rendering each day, booked as a workflow does, and what the
 * language model bills for the weekly report. Used by one thread.
 */
final class WeekCosts {
  private static final String RENDERING_USD = "0.40";

  /** By which sums may differ that are rounded. */
  private static final BigDecimal CENT = new BigDecimal("0.01");

  private final Platform platform;
  private final List<Customer> customers;

  WeekCosts(Platform platform, List<Customer> customers) {
    this.platform = platform;
    this.customers = customers;
  }

  /** Books a rendering for each user. */
  void book(LocalDate day) {
    for (Customer customer : customers) {
      JsonNode unused =
          platform
              .operator()
              .post(
                  "/v1/users/%s/costs".formatted(customer.userId()),
                  Http.map(
                      "rows",
                      List.of(
                          Http.map(
                              "externalId",
                              "rendering/" + day,
                              "provider",
                              "renderer",
                              "category",
                              "video-processing",
                              "channelId",
                              customer.account().channels().getFirst().id(),
                              "at",
                              platform.clock().instant().toString(),
                              "amountUsd",
                              RENDERING_USD))));
    }
  }

  /** What the analysis of costs shows of these days, by user. */
  private Map<Customer, BigDecimal> shown(LocalDate from, LocalDate to) {
    Map<Customer, BigDecimal> shown = new LinkedHashMap<>();
    for (Customer customer : customers) {
      JsonNode rows =
          platform
              .operator()
              .get(
                  "/v1/users/%s/analytics/cost-analysis?from=%s&to=%s"
                      .formatted(customer.userId(), from, to))
              .get("rows");
      String cost = rows.path(0).path("costUsd").asString("");
      shown.put(customer, cost.isEmpty() ? BigDecimal.ZERO : new BigDecimal(cost));
    }
    return shown;
  }

  /** The costs of all users, in words. */
  String line(LocalDate from, LocalDate to) {
    List<String> costs = new ArrayList<>();
    shown(from, to).forEach((customer, usd) -> costs.add("$" + usd.toPlainString()));
    return String.join(", ", costs);
  }

  /** Users of whom less is shown than was booked, or nothing of the model. */
  List<Fault> faults(LocalDate from, LocalDate to) throws Exception {
    List<Fault> faults = new ArrayList<>();
    Map<Customer, BigDecimal> shown = shown(from, to);
    for (Customer customer : customers) {
      BigDecimal booked =
          new BigDecimal(
              platform
                  .strings(
                      "select coalesce(sum(amount_usd), 0)::text from core.costs where user_id = '%s'"
                          .formatted(customer.userId()))
                  .getFirst());
      long ofModel =
          platform.number(
              "select count(*) from core.costs where user_id = '%s' and external_id like 'insight/%%'"
                  .formatted(customer.userId()));
      BigDecimal seen = shown.getOrDefault(customer, BigDecimal.ZERO);
      if (booked.signum() <= 0 || seen.subtract(booked).abs().compareTo(CENT) > 0 || ofModel == 0) {
        faults.add(
            Fault.of(
                Fault.Kind.WORKFLOW,
                "cost-analysis of %s shows $%s; booked are $%s, %d of them by the model"
                    .formatted(customer.account().email(), seen, booked, ofModel)));
      }
    }
    return faults;
  }
}
