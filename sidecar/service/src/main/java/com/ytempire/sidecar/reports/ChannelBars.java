package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.reports.FiguresDao.ChannelFigures;
import com.ytempire.sidecar.reports.ReportPage.Bar;
import com.ytempire.sidecar.reports.ReportPage.Bars;
import com.ytempire.sidecar.reports.ReportPage.Fill;
import com.ytempire.sidecar.reports.ReportPage.Tone;
import com.ytempire.sidecar.wording.FigureFormat;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A user's channels by revenue, the largest first, each with a bar. */
final class ChannelBars {
  private static final String BLUE = "#0b57d0";
  private static final int MOST = 10;

  private ChannelBars() {}

  static Bars of(String title, String note, List<ChannelFigures> channels, FigureFormat format) {
    BigDecimal most =
        channels.stream()
            .map(ChannelFigures::revenueUsd)
            .filter(Objects::nonNull)
            .max(BigDecimal::compareTo)
            .filter(value -> value.signum() > 0)
            .orElse(BigDecimal.ONE);
    return new Bars(
        title, note, channels.stream().limit(MOST).map(each -> bar(each, most, format)).toList());
  }

  private static Bar bar(ChannelFigures channel, BigDecimal most, FigureFormat format) {
    @Nullable BigDecimal revenue = channel.revenueUsd();
    @Nullable BigDecimal change = channel.revenueChange();
    return new Bar(
        channel.channel(),
        format.usd(revenue),
        change == null ? "no earlier days to compare" : format.growth(change),
        Tone.of(change),
        Fill.of(revenue == null ? null : revenue.divide(most, 4, RoundingMode.HALF_UP), BLUE));
  }
}
