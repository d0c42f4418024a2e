package com.ytempire.sidecar.analytics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/** Rows as CSV (RFC 4180) with a header; null is an empty field. */
final class Csv {
  /** What a spreadsheet takes for a formula; as in the export. */
  private static final Pattern FORMULA = Pattern.compile("^[=+@\t\r-]");

  private Csv() {}

  static String write(List<Column> columns, List<Map<String, @Nullable Object>> rows) {
    StringBuilder text = new StringBuilder();
    try (CSVPrinter printer = new CSVPrinter(text, CSVFormat.RFC4180)) {
      printer.printRecord(columns.stream().map(Column::name));
      for (Map<String, @Nullable Object> row : rows) {
        for (Column column : columns) {
          printer.print(field(row.get(column.name())));
        }
        printer.println();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers. */
  private static @Nullable Object field(@Nullable Object value) {
    return switch (value) {
      case String text when FORMULA.matcher(text).find() -> "'" + text;
      case BigDecimal money -> money.toPlainString();
      case null, default -> value;
    };
  }
}
