package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.reports.FiguresDao.RevenueDay;
import com.ytempire.sidecar.wording.FigureFormat;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws revenue by day, with its mean of 7 days, as a PNG of twice the width at which it is shown.
 * Needs a font and fontconfig on the machine, but no display.
 */
final class RevenueChart {
  private static final int WIDTH = 1104;
  private static final int HEIGHT = 400;
  private static final int FONT_SIZE = 26;
  private static final int LABELS = 5;
  private static final Color INK = new Color(0x55606F);

  private RevenueChart() {}

  /** A PNG with a white ground, on dark mails too. */
  static byte[] png(List<RevenueDay> days, FigureFormat format) {
    CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT).build();
    style(chart);
    List<String> labels = new ArrayList<>();
    List<Double> revenue = new ArrayList<>();
    List<@Nullable Double> mean = new ArrayList<>();
    for (RevenueDay day : days) {
      labels.add(format.day(day.date()));
      revenue.add(day.revenueUsd().doubleValue());
      mean.add(day.mean7dUsd() == null ? null : day.mean7dUsd().doubleValue());
    }
    chart.addSeries("Revenue a day, USD", labels, revenue).setFillColor(new Color(0x8AB4F8));
    if (mean.stream().anyMatch(value -> value != null)) {
      CategorySeries line = chart.addSeries("Mean of 7 days", labels, mean);
      line.setChartCategorySeriesRenderStyle(CategorySeriesRenderStyle.Line);
      line.setLineColor(new Color(0x0B57D0));
      line.setLineStyle(new BasicStroke(4f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      line.setMarker(SeriesMarkers.NONE);
    }
    try {
      return BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void style(CategoryChart chart) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, FONT_SIZE);
    var styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setPlotGridLinesColor(new Color(0xE6EAF0));
    styler.setLegendFont(font);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setAxisTickLabelsFont(font);
    styler.setAxisTickLabelsColor(INK);
    styler.setAxisTicksMarksVisible(false);
    styler.setAxisTicksLineVisible(false);
    styler.setXAxisMaxLabelCount(LABELS);
    styler.setYAxisMin(0.0);
    styler.setYAxisDecimalPattern("#,##0");
    styler.setAvailableSpaceFill(0.75);
    styler.setOverlapped(true);
    styler.setChartPadding(24);
  }
}
