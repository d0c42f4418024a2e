package com.ytempire.sidecar.wording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.web.Json;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Figures and dates in the languages that can be chosen. */
final class FigureFormatTest {
  private static final BigDecimal AMOUNT = new BigDecimal("1234.567");

  @Test
  void figures_are_written_as_the_language_has_them() {
    FigureFormat english = new FigureFormat("en-US");
    assertEquals("$1,234.57", english.usd(AMOUNT));
    assertEquals("-$1,234.57", english.usd(AMOUNT.negate()));
    assertEquals("$12,346", english.usd(AMOUNT.movePointRight(1)));
    assertEquals("+12%", english.growth(new BigDecimal("0.123")));
    assertEquals("-1%", english.growth(new BigDecimal("-0.0051")));
    assertEquals("0%", english.growth(new BigDecimal("-0.005")));
    assertEquals("0%", english.growth(new BigDecimal("0.004")));
    assertEquals("Fri, Nov 20", english.longDay(LocalDate.of(2026, 11, 20)));
    assertEquals("1.234,57 $", new FigureFormat("de-DE").usd(AMOUNT).replace('\u00a0', ' '));
    assertEquals("$1,234.57", new FigureFormat("en-GB").usd(AMOUNT));
  }

  @Test
  void what_is_not_reported_is_said_so_and_is_not_zero() {
    FigureFormat format = new FigureFormat("en-US");
    assertEquals(FigureFormat.UNKNOWN, format.usd(null));
    assertEquals(FigureFormat.UNKNOWN, format.count(null));
    assertEquals("$0.00", format.usd(BigDecimal.ZERO));
  }

  @Test
  void every_language_of_the_contract_writes_everything() throws Exception {
    try (InputStream schema =
        Objects.requireNonNull(
            FigureFormatTest.class.getResourceAsStream("/schemas/number-language.json"))) {
      List<String> languages = new ArrayList<>();
      Json.MAPPER.readTree(schema).get("enum").forEach(each -> languages.add(each.asString()));
      assertTrue(languages.contains(FigureFormat.STANDARD_LANGUAGE));
      for (String language : languages) {
        FigureFormat format = new FigureFormat(language);
        LocalDate day = LocalDate.of(2026, 11, 20);
        for (String text :
            List.of(
                format.usd(AMOUNT),
                format.count(AMOUNT),
                format.share(new BigDecimal("0.5")),
                format.day(day),
                format.longDay(day),
                format.month(day))) {
          assertFalse(text.isBlank(), language);
        }
      }
    }
  }
}
