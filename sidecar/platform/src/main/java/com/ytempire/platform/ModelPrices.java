package com.ytempire.platform;

import java.util.Map;

/** The prices of the language model of the shipped workflows, in USD a million tokens. */
public final class ModelPrices {
  private static final String MODEL = "gpt-5.4-mini";

  private static final Map<String, String> USD_A_MILLION =
      Map.of("input-token", "0.75", "cached-input-token", "0.75", "output-token", "4.50");

  private ModelPrices() {}

  /** Adds the prices, without which no model is asked. */
  public static void add(Http operator) {
    USD_A_MILLION.forEach((unit, usd) ->
        operator.post(
            "/v1/prices",
            Http.map(
                "provider",
                "openai",
                "model",
                MODEL,
                "unit",
                unit,
                "validFrom",
                "2020-01-01",
                "usd",
                usd,
                "per",
                1_000_000)));
  }
}
