package com.ytempire.sidecar.wording;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.NumberFormat;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Currency;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes figures and dates in the language that the user chose for them. Safe to share between
 * threads.
 */
public final class FigureFormat {
  /** In place of a figure that YouTube has not reported. */
  public static final String UNKNOWN = "not reported yet";

  /** Where a user chose no language. */
  public static final String STANDARD_LANGUAGE = "en-US";

  private static final Currency USD = Currency.getInstance("USD");
  private static final BigDecimal WITHOUT_CENTS = BigDecimal.valueOf(10_000);

  private final Locale locale;

  public FigureFormat(String language) {
    this.locale = Locale.forLanguageTag(language);
  }

  /** USD, with cents up to $10,000. */
  public String usd(@Nullable BigDecimal amount) {
    if (amount == null) {
      return UNKNOWN;
    }
    return usd(amount, amount.abs().compareTo(WITHOUT_CENTS) < 0 ? 2 : 0);
  }

  /** USD to the cent. */
  public String cents(@Nullable BigDecimal amount) {
    return amount == null ? UNKNOWN : usd(amount, 2);
  }

  /** USD without cents. */
  public String dollars(BigDecimal amount) {
    return usd(amount, 0);
  }

  private String usd(BigDecimal amount, int digits) {
    NumberFormat format = NumberFormat.getCurrencyInstance(locale);
    format.setCurrency(USD);
    format.setMinimumFractionDigits(digits);
    format.setMaximumFractionDigits(digits);
    format.setRoundingMode(RoundingMode.HALF_UP);
    String text = format.format(amount);
    // Where only USD is at home the sign says enough; elsewhere Java writes US$ or USD.
    return text.replace("US$", "$");
  }

  /** A whole number. */
  public String count(@Nullable BigDecimal number) {
    if (number == null) {
      return UNKNOWN;
    }
    NumberFormat format = NumberFormat.getIntegerInstance(locale);
    format.setRoundingMode(RoundingMode.HALF_UP);
    return format.format(number);
  }

  /** As {@link #count}, with a plus sign before what is above zero. */
  public String change(@Nullable BigDecimal number) {
    String text = count(number);
    return number != null && number.signum() > 0 ? "+" + text : text;
  }

  /** A ratio as a share: 0.23 is 23%. */
  public String share(BigDecimal ratio) {
    return NumberFormat.getPercentInstance(locale).format(ratio);
  }

  /** A ratio as a share with a decimal. */
  public String fineShare(BigDecimal ratio) {
    NumberFormat format = NumberFormat.getPercentInstance(locale);
    format.setMaximumFractionDigits(1);
    return format.format(ratio);
  }

  /** A relative change with its sign: 0.12 is +12%; one that is none when rounded has no sign. */
  public String growth(BigDecimal ratio) {
    if (isUnchanged(ratio)) {
      return share(BigDecimal.ZERO);
    }
    String text = share(ratio);
    return ratio.signum() > 0 ? "+" + text : text;
  }

  /** Whether a relative change is written as 0%. */
  public boolean isUnchanged(BigDecimal ratio) {
    // As the format of a share rounds.
    return ratio.setScale(2, RoundingMode.HALF_EVEN).signum() == 0;
  }

  /** A ratio as a factor: 1.4 ×. */
  public String factor(BigDecimal ratio) {
    NumberFormat format = NumberFormat.getInstance(locale);
    format.setMaximumFractionDigits(1);
    return format.format(ratio) + " ×";
  }

  /** Day and month. */
  public String day(LocalDate date) {
    return DateTimeFormatter.ofLocalizedPattern("MMMd").localizedBy(locale).format(date);
  }

  /** Day of the week, day and month. */
  public String longDay(LocalDate date) {
    return DateTimeFormatter.ofLocalizedPattern("MMMEd").localizedBy(locale).format(date);
  }

  /** Month and year. */
  public String month(LocalDate date) {
    return DateTimeFormatter.ofLocalizedPattern("yMMMM").localizedBy(locale).format(date);
  }

  /** Two days and what is between them. */
  public String days(LocalDate from, LocalDate until) {
    return day(from) + " – " + day(until);
  }
}
