package com.ytempire.sidecar.reports;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The content of a report, in the order in which it is read; values for the templates in {@code
 * resources/mails}.
 *
 * @param preheader what a mailbox shows beside the subject
 * @param sentences that introduce the figures; of the weekly report
 * @param chart null: there is nothing to draw
 */
record ReportPage(
    String subject,
    String preheader,
    String title,
    String subtitle,
    List<String> sentences,
    Headline headline,
    @Nullable Progress progress,
    List<Pair> tiles,
    List<Statement> statement,
    @Nullable Bars bars,
    List<Section> sections,
    @Nullable Chart chart) {

  boolean hasSentences() {
    return !sentences.isEmpty();
  }

  boolean hasTiles() {
    return !tiles.isEmpty();
  }

  boolean hasStatement() {
    return !statement.isEmpty();
  }

  /** Color of a figure: of something good, bad, or neither. */
  enum Tone {
    GOOD("#137333", "good"),
    BAD("#b3261e", "bad"),
    PLAIN("#16202c", "ink");

    private final String color;
    private final String style;

    Tone(String color, String style) {
      this.color = color;
      this.style = style;
    }

    /** The tone of a change; null and zero are plain. */
    static Tone of(@Nullable BigDecimal change) {
      return change == null || change.signum() == 0 ? PLAIN : change.signum() > 0 ? GOOD : BAD;
    }

    String color() {
      return color;
    }

    String style() {
      return style;
    }
  }

  /** The figure that is read first. */
  record Headline(String label, String value, Tone tone, String note) {}

  /** The progress of the user toward the goal. */
  record Progress(String label, Fill fill, String note) {}

  /**
   * A bar of two cells of a table.
   *
   * @param width percent of the filled cell, 0 to 100
   */
  record Fill(int width, String color) {
    static Fill of(@Nullable BigDecimal ratio, String color) {
      BigDecimal share = ratio == null ? BigDecimal.ZERO : ratio;
      int percent = share.movePointRight(2).setScale(0, RoundingMode.HALF_UP).intValue();
      return new Fill(Math.clamp(percent, share.signum() > 0 ? 1 : 0, 100), color);
    }

    boolean hasFill() {
      return width > 0;
    }

    boolean hasRest() {
      return width < 100;
    }

    int rest() {
      return 100 - width;
    }
  }

  /** A smaller figure. */
  record Tile(String label, String value, String note) {}

  /** Two tiles side by side. */
  record Pair(Tile left, @Nullable Tile right) {
    /** Tiles in pairs, in their order. */
    static List<Pair> of(List<Tile> tiles) {
      return IntStream.range(0, (tiles.size() + 1) / 2)
          .mapToObj(i ->
              new Pair(tiles.get(2 * i), 2 * i + 1 < tiles.size() ? tiles.get(2 * i + 1) : null))
          .toList();
    }
  }

  /** A line of a statement. */
  record Statement(String label, String value, String note, boolean isTotal, Tone tone) {}

  /** Rows with a bar each. */
  record Bars(String title, String note, List<Bar> rows) {}

  /** A row with a bar. */
  record Bar(String name, String value, String note, Tone tone, Fill fill) {}

  /** A heading with sentences below it. */
  record Section(String title, String note, List<String> items) {}

  /** A picture. */
  record Chart(String title, String alt, byte[] png) {}
}
