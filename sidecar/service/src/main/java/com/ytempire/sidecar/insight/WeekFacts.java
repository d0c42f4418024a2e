package com.ytempire.sidecar.insight;

import com.ytempire.sidecar.insight.InsightDao.ChannelWeek;
import com.ytempire.sidecar.insight.InsightDao.Totals;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The facts of a week of the tenant, and whom they are about.
 *
 * @param facts empty: nothing is reported of the week
 */
record WeekFacts(LocalDate week, List<Fact> facts, List<String> channelIds, List<String> videoIds) {
  private static final int DAYS = 7;

  /**
   * Reads the facts of a week.
   *
   * @param week its Monday
   */
  static WeekFacts read(InsightDao dao, LocalDate week) {
    LocalDate until = week.plusDays(DAYS - 1);
    Totals totals = dao.totals(week, until);
    List<Fact> facts = new ArrayList<>();
    if (totals.views() == null && totals.revenueUsd() == null) {
      return new WeekFacts(week, List.of(), dao.channelIds(), List.of());
    }
    money(facts, "revenue", "Revenue of all channels in the week", totals.revenueUsd());
    change(facts, "revenue_change", "Revenue against the week before", totals.revenueChange());
    count(facts, "views", "Views of all channels in the week", totals.views());
    change(facts, "views_change", "Views against the week before", totals.viewsChange());
    count(facts, "watch_hours", "Hours watched in the week", totals.watchHours());
    BigDecimal subscribers = totals.netSubscribers();
    if (subscribers != null) {
      facts.add(
          Fact.difference(
              "net_subscribers",
              "Subscribers gained less subscribers lost",
              subscribers.doubleValue(),
              Figures.count(subscribers.abs())));
    }
    money(facts, "rpm", "Revenue per thousand views", totals.rpmUsd());
    money(facts, "cost", "Costs booked in the week", totals.costUsd());
    money(facts, "profit", "Revenue less costs of the week", totals.profitUsd());
    count(
        facts,
        "videos_published",
        "Videos published in the week",
        BigDecimal.valueOf(totals.videosPublished()));
    addChannels(facts, dao.channels(week, until));
    List<String> videos = new ArrayList<>();
    Optional<InsightDao.TopVideo> top = dao.topVideo(week, until);
    top.ifPresent(video -> {
      videos.add(video.videoId());
      facts.add(
          Fact.name(
              "top_video",
              "Title of the most viewed video of the week",
              UntrustedText.quoted(video.title())));
      count(facts, "top_video_views", "Views of that video in the week", video.views());
    });
    return new WeekFacts(week, List.copyOf(facts), dao.channelIds(), List.copyOf(videos));
  }

  /** The fact of this id. */
  Optional<Fact> find(String id) {
    return facts.stream().filter(fact -> fact.id().equals(id)).findFirst();
  }

  private static void addChannels(List<Fact> facts, List<ChannelWeek> channels) {
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
          money(facts, "top_channel_revenue", "Revenue of that channel", best.revenueUsd());
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
          change(
              facts,
              "growing_channel_change",
              "Views of that channel against the week before",
              best.viewsChange());
        });
  }

  private static Function<ChannelWeek, BigDecimal> revenue() {
    return channel -> channel.revenueUsd() == null ? BigDecimal.ZERO : channel.revenueUsd();
  }

  private static Function<ChannelWeek, BigDecimal> viewsChange() {
    return channel -> channel.viewsChange() == null ? BigDecimal.ZERO : channel.viewsChange();
  }

  private static void money(
      List<Fact> facts, String id, String label, @Nullable BigDecimal amount) {
    if (amount != null) {
      facts.add(Fact.amount(id, label, amount));
    }
  }

  private static void count(
      List<Fact> facts, String id, String label, @Nullable BigDecimal number) {
    if (number != null) {
      facts.add(Fact.figure(id, label, number.doubleValue(), Figures.count(number)));
    }
  }

  private static void change(
      List<Fact> facts, String id, String label, @Nullable BigDecimal ratio) {
    if (ratio != null) {
      facts.add(Fact.change(id, label, ratio.doubleValue()));
    }
  }
}
