package com.ytempire.bench;

import com.ytempire.simulator.World;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/**
 * Ages of statistics over a month as a picture (SVG): median, 99th percentile and oldest of each
 * hour on a logarithmic scale, and below them a lane for each kind of incident. Follows the
 * reader's light or dark scheme.
 */
final class MonthPicture {
  private static final int LEFT = 185;
  private static final int WIDTH = 960;
  private static final int TOP = 92;
  private static final int HEIGHT = 250;
  private static final int LANE = 22;
  private static final int LEAST_MINUTES = 1;
  private static final int[] TICKS = {1, 5, 15, 60, 240, 1440};
  private static final List<String> LABELS =
      List.of("1 min", "5 min", "15 min", "1 h", "4 h", "1 day");

  private static final String STYLE =
      """
      <style>
      .b{fill:#ffffff}text{fill:#1f2933;font:13px system-ui,sans-serif}.h{font-size:18px;font-weight:600}.s{fill:#52606d}.g{stroke:#e4e7eb}
      .p50{stroke:#2680c2}.p99{stroke:#8f5fd7}.old{stroke:#d64545}.line{fill:none;stroke-width:1.6;stroke-linejoin:round}.m{fill:#de911d}
      .limit{stroke:#3f9142;stroke-dasharray:5 4;stroke-width:1.4}.t50{fill:#2680c2}.t99{fill:#8f5fd7}.oldest{fill:#d64545}.tl{fill:#3f9142}
      @media (prefers-color-scheme:dark){
      .b{fill:#0d1117}text{fill:#e6edf3}.s{fill:#9aa5b1}.g{stroke:#2b333d}.p50{stroke:#58a6ff}.p99{stroke:#bc8cff}.old{stroke:#ff7b72}.m{fill:#e3b341}
      .limit{stroke:#56d364}.t50{fill:#58a6ff}.t99{fill:#bc8cff}.oldest{fill:#ff7b72}.tl{fill:#56d364}}
      </style>
      """;

  private MonthPicture() {}

  /**
   * Draws it.
   *
   * @param hours in order, at least one
   * @param title a sentence on what was run
   * @param result a sentence on what came of it
   */
  static String of(
      List<Freshness.Hour> hours, List<Incident> incidents, String title, String result) {
    Instant from = hours.getFirst().from();
    Instant until = hours.getLast().from().plus(Duration.ofHours(1));
    double maximum =
        Math.max(60, hours.stream().mapToInt(Freshness.Hour::oldest).max().orElse(60)) * 1.1;
    int lanes = Incident.Kind.values().length;
    int height = TOP + HEIGHT + 34 + lanes * LANE + 20;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">
        <title>%s</title>
        %s<rect class="b" width="100%%" height="100%%"/>
        <text x="%d" y="30" class="h">%s</text>
        <text x="%d" y="51" class="s">%s</text>
        """
            .formatted(LEFT + WIDTH + 30, height, title, STYLE, LEFT, title, LEFT, result));
    legend(svg);
    for (int i = 0; i < TICKS.length && TICKS[i] <= maximum; i++) {
      double y = y(TICKS[i], maximum);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text class=\"%s\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
              TICKS[i] == 15 ? "limit" : "g",
              LEFT,
              LEFT + WIDTH,
              y,
              y,
              TICKS[i] == 15 ? "tl" : "s",
              LEFT - 10,
              y + 4,
              LABELS.get(i)));
    }
    days(svg, from, until);
    line(svg, hours, from, until, maximum, Freshness.Hour::oldest, "old");
    line(svg, hours, from, until, maximum, Freshness.Hour::p99, "p99");
    line(svg, hours, from, until, maximum, Freshness.Hour::p50, "p50");
    for (Incident.Kind kind : Incident.Kind.values()) {
      int y = TOP + HEIGHT + 44 + kind.ordinal() * LANE;
      svg.append(
          "<text class=\"s\" x=\"%d\" y=\"%d\" text-anchor=\"end\" style=\"font-size:11.5px\">%s</text><line class=\"g\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>%n"
              .formatted(LEFT - 10, y + 4, kind.words(), LEFT, LEFT + WIDTH, y, y));
      incidents.stream()
          .filter(incident -> incident.kind() == kind)
          .forEach(incident -> {
            double x = x(incident.from(), from, until);
            double end = Math.min(LEFT + WIDTH, x(incident.until(), from, until));
            svg.append(
                String.format(
                    Locale.ROOT,
                    "<rect class=\"m\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"10\" rx=\"1.5\"/>%n",
                    x,
                    y - 5,
                    Math.max(2.2, end - x)));
          });
    }
    return svg.append("</svg>\n").toString();
  }

  private static void legend(StringBuilder svg) {
    svg.append(
        """
        <text x="%d" y="76"><tspan class="t50">median age</tspan><tspan dx="18" class="t99">99th percentile</tspan><tspan dx="18" class="oldest">oldest</tspan><tspan dx="18" class="tl">aim: younger than 15 minutes</tspan><tspan dx="18" class="s">of the newest stored statistics, each hour</tspan></text>
        """
            .formatted(LEFT));
  }

  private static void days(StringBuilder svg, Instant from, Instant until) {
    LocalDate first = LocalDate.ofInstant(from, World.PACIFIC);
    LocalDate last = LocalDate.ofInstant(until, World.PACIFIC);
    long days = Duration.between(from, until).toDays();
    int every = days > 14 ? 5 : 1;
    int count = 0;
    for (LocalDate day = first; !day.isAfter(last); day = day.plusDays(1)) {
      Instant at = day.atStartOfDay(World.PACIFIC).toInstant();
      if (at.isBefore(from) || !at.isBefore(until) || count++ % every != 0) {
        continue;
      }
      double x = x(at, from, until);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"g\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/><text class=\"s\" x=\"%.1f\" y=\"%d\">%s</text>%n",
              x,
              x,
              TOP,
              TOP + HEIGHT,
              x + 3,
              TOP + HEIGHT + 16,
              DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH).format(day)));
    }
  }

  private static void line(
      StringBuilder svg,
      List<Freshness.Hour> hours,
      Instant from,
      Instant until,
      double maximum,
      ToIntFunction<Freshness.Hour> value,
      String css) {
    svg.append("<polyline class=\"line %s\" points=\"".formatted(css));
    for (Freshness.Hour hour : hours) {
      svg.append(
          String.format(
              Locale.ROOT,
              "%.1f,%.1f ",
              x(hour.from().plus(Duration.ofMinutes(30)), from, until),
              y(value.applyAsInt(hour), maximum)));
    }
    svg.append("\"/>\n");
  }

  private static double x(Instant at, Instant from, Instant until) {
    return LEFT
        + WIDTH
            * (double) Duration.between(from, at).toSeconds()
            / Duration.between(from, until).toSeconds();
  }

  private static double y(double minutes, double maximum) {
    double share =
        Math.log(Math.max(minutes, LEAST_MINUTES) / LEAST_MINUTES)
            / Math.log(maximum / LEAST_MINUTES);
    return TOP + HEIGHT * (1 - share);
  }
}
