package com.ytempire.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Each user's waiting as a picture (SVG): a row of columns for each way of queueing, from the
 * median to the 99th percentile, on one scale, so that rows compare at a glance.
 */
final class FairnessPicture {
  private static final int LEFT = 70;
  private static final int WIDTH = 900;
  private static final int ROW = 150;
  private static final int GAP = 62;
  private static final int TOP = 74;
  private static final int TICK = 1000;

  private FairnessPicture() {}

  /**
   * Draws it; for each way a name and, for each user, milliseconds. The first user is the heavy
   * one.
   */
  static String of(List<String> ways, List<double[]> p50, List<double[]> p99) {
    StringBuilder svg = new StringBuilder();
    int height = TOP + ways.size() * (ROW + GAP) + 10;
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="13" fill="#1f2933">
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        <text x="%d" y="28" font-size="18" font-weight="600">How long each of 50 users waits for its calls to Google</text>
        <text x="%d" y="48" fill="#52606d">One user asks for 100 times as much as the others, at all three replicas. Median to 99th percentile, in seconds.</text>
        """
            .formatted(LEFT + WIDTH + 30, height, LEFT, LEFT));
    double longest = p99.stream().flatMapToDouble(Arrays::stream).max().orElse(TICK);
    double scale = Math.ceil(longest / TICK) * TICK;
    for (int way = 0; way < ways.size(); way++) {
      row(svg, TOP + way * (ROW + GAP), ways.get(way), p50.get(way), p99.get(way), scale);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void row(
      StringBuilder svg, int top, String way, double[] p50, double[] p99, double scale) {
    svg.append(
        "<text x=\"%d\" y=\"%d\" font-weight=\"600\">%s</text>%n".formatted(LEFT, top + 14, way));
    int base = top + 24 + ROW;
    for (int tick = 0; tick <= scale; tick += TICK) {
      double y = base - ROW * tick / scale;
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#e4e7eb\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#7b8794\">%d s</text>%n",
              LEFT,
              LEFT + WIDTH,
              y,
              y,
              LEFT - 8,
              y + 4,
              tick / TICK));
    }
    double step = (double) WIDTH / p50.length;
    for (int user = 0; user < p50.length; user++) {
      double low = ROW * p50[user] / scale;
      double high = Math.max(ROW * p99[user] / scale, low + 2);
      String color = user == 0 ? "#d64545" : "#2680c2";
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\" fill=\"%s\"/>%n",
              LEFT + user * step + 2,
              base - high,
              step - 4,
              high - low,
              color));
    }
    svg.append(
        "<text x=\"%d\" y=\"%d\" fill=\"#d64545\">the heavy user</text>%n"
            .formatted(LEFT + 2, base + 18));
    svg.append(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#2680c2\">the other 49</text>%n"
            .formatted(LEFT + WIDTH, base + 18));
  }
}
