package com.ytempire.sidecar.insight;

import com.ytempire.sidecar.insight.InsightDao.ChannelWeek;
import com.ytempire.sidecar.insight.InsightDao.Totals;
import com.ytempire.sidecar.wording.FigureFormat;
import com.ytempire.sidecar.wording.UntrustedText;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The facts of seven days of the tenant, and whom they are about.
 *
 * @param week the first of the days
 * @param facts empty: nothing is reported of them
 */
record WeekFacts(LocalDate week, List<Fact> facts, List<String> channelIds, List<String> videoIds) {
  static final int DAYS = 7;

  /**
   * Reads the facts of seven days.
   *
   * @param week the first of them
   * @param format by which figures and dates are written
   */
  static WeekFacts read(InsightDao dao, LocalDate week, FigureFormat format) {
    LocalDate until = week.plusDays(DAYS - 1);
    Totals totals = dao.totals(week, until);
    Facts facts = new Facts(format);
    if (totals.views() == null && totals.revenueUsd() == null) {
      return new WeekFacts(week, List.of(), dao.channelIds(), List.of());
    }
    facts.add(Fact.days("period", "The days that the facts are about", format.days(week, until)));
    facts.money("revenue", "Revenue of all channels in these days", totals.revenueUsd());
    facts.change("revenue_change", "Revenue against the 7 days before", totals.revenueChange());
    facts.count("views", "Views of all channels in these days", totals.views());
    facts.change("views_change", "Views against the 7 days before", totals.viewsChange());
    facts.count("watch_hours", "Hours watched in these days", totals.watchHours());
    BigDecimal subscribers = totals.netSubscribers();
    if (subscribers != null) {
      facts.add(
          Fact.change(
              "net_subscribers",
              "Subscribers gained less subscribers lost",
              subscribers,
              format.count(subscribers.abs())));
    }
    facts.money("rpm", "Revenue per thousand views", totals.rpmUsd());
    facts.money("cost", "Costs booked in these days", totals.costUsd());
    facts.money("profit", "Revenue less costs of these days", totals.profitUsd());
    facts.count(
        "videos_published",
        "Videos published in these days",
        BigDecimal.valueOf(totals.videosPublished()));
    addChannels(facts, dao.channels(week, until));
    List<String> videos = new ArrayList<>();
    Optional<InsightDao.TopVideo> top = dao.topVideo(week, until);
    top.ifPresent(video -> {
      videos.add(video.videoId());
      facts.add(
          Fact.name(
              "top_video",
              "Title of the most viewed video of these days",
              UntrustedText.quoted(video.title())));
      facts.count("top_video_views", "Views of that video in these days", video.views());
    });
    return new WeekFacts(week, List.copyOf(facts.all), dao.channelIds(), List.copyOf(videos));
  }

  /** The fact of this id. */
  Optional<Fact> find(String id) {
    return facts.stream().filter(fact -> fact.id().equals(id)).findFirst();
  }

  private static void addChannels(Facts facts, List<ChannelWeek> channels) {
    if (channels.size() < 2) {
      return;
    }
    channels.stream()
        .filter(channel -> channel.revenueUsd() != null)
        .max(Comparator.comparing(revenue()))
        .ifPresent(best -> {
          facts.add(
              Fact.name(
                  "top_channel",
                  "Name of the channel with the most revenue",
                  UntrustedText.quoted(best.channel())));
          facts.money("top_channel_revenue", "Revenue of that channel", best.revenueUsd());
        });
    channels.stream()
        .filter(channel -> channel.viewsChange() != null)
        .max(Comparator.comparing(viewsChange()))
        .ifPresent(best -> {
          facts.add(
              Fact.name(
                  "growing_channel",
                  "Name of the channel whose views changed best",
                  UntrustedText.quoted(best.channel())));
          facts.change(
              "growing_channel_change",
              "Views of that channel against the 7 days before",
              best.viewsChange());
        });
  }

  private static Function<ChannelWeek, BigDecimal> revenue() {
    return channel -> channel.revenueUsd() == null ? BigDecimal.ZERO : channel.revenueUsd();
  }

  private static Function<ChannelWeek, BigDecimal> viewsChange() {
    return channel -> channel.viewsChange() == null ? BigDecimal.ZERO : channel.viewsChange();
  }

  /** Facts that are collected; what is not reported is none. */
  private static final class Facts {
    private final List<Fact> all = new ArrayList<>();
    private final FigureFormat format;

    Facts(FigureFormat format) {
      this.format = format;
    }

    void add(Fact fact) {
      all.add(fact);
    }

    void money(String id, String label, @Nullable BigDecimal amount) {
      if (amount != null) {
        add(Fact.figure(id, label, amount, format.usd(amount)));
      }
    }

    void count(String id, String label, @Nullable BigDecimal number) {
      if (number != null) {
        add(Fact.figure(id, label, number, format.count(number)));
      }
    }

    void change(String id, String label, @Nullable BigDecimal ratio) {
      if (ratio != null) {
        add(Fact.change(id, label, ratio, format.fineShare(ratio.abs())));
      }
    }
  }
}
