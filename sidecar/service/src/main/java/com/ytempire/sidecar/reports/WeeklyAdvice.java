package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.reports.FiguresDao.ChannelFigures;
import com.ytempire.sidecar.reports.FiguresDao.ClickThrough;
import com.ytempire.sidecar.reports.FiguresDao.Video;
import com.ytempire.sidecar.wording.FigureFormat;
import com.ytempire.sidecar.wording.UntrustedText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Advice by rules, from the user's own channels alone: YouTube's policies forbid comparing them
 * with others'. Each sentence names its figures; an association is not called a cause. What
 * happened in the week is said by {@link WeeklySentences}, from the facts that a model may be
 * given; advice comes from other figures, and no model writes it.
 */
final class WeeklyAdvice {
  private static final BigDecimal GOOD_SLOT = new BigDecimal("1.2");
  private static final BigDecimal CTR_FALL = new BigDecimal("0.9");
  private static final BigDecimal FALL = new BigDecimal("-0.2");
  private static final int CTR_DAYS = 35;
  private static final int RECENT_DAYS = 28;
  private static final int BLOCK_HOURS = 4;

  private final FiguresDao figures;
  private final LocalDate today;
  private final FigureFormat format;

  WeeklyAdvice(FiguresDao figures, LocalDate today, FigureFormat format) {
    this.figures = figures;
    this.today = today;
    this.format = format;
  }

  /**
   * What works in the user's best channel and video.
   *
   * @param introduction of the report: what it tells is not told again
   */
  List<String> bestPractices(
      List<ChannelFigures> channels, LocalDate from, LocalDate until, List<String> introduction) {
    List<String> sentences = new ArrayList<>();
    List<ChannelFigures> byEarnings =
        channels.stream()
            .filter(channel -> channel.rpmUsd() != null)
            .sorted(Comparator.comparing(ChannelFigures::rpmUsd).reversed())
            .toList();
    if (byEarnings.size() > 1
        && Objects.compare(
                byEarnings.get(0).rpmUsd(), byEarnings.get(1).rpmUsd(), Comparator.naturalOrder())
            > 0) {
      sentences.add(
          "%s earns the most for its views: %s for 1,000."
              .formatted(byEarnings.get(0).channel(), format.usd(byEarnings.get(0).rpmUsd())));
    }
    List<Video> videos = figures.topVideos(from, until, 1);
    if (!videos.isEmpty()) {
      Video best = videos.getFirst();
      String title = UntrustedText.quoted(best.title());
      sentences.add(
          introduction.stream().anyMatch(sentence -> sentence.contains(title))
              ? "What in %s could another video repeat?".formatted(title)
              : "%s brought the most views, %s, to %s. What in it could another video repeat?"
                  .formatted(title, format.count(best.views()), best.channel()));
    }
    return sentences;
  }

  List<String> recommendations(List<ChannelFigures> channels) {
    List<String> sentences = new ArrayList<>();
    channels.stream()
        .filter(channel -> channel.state().equals("reconnect-needed"))
        .forEach(channel ->
            sentences.add(
                "Connect %s again: its figures have stopped.".formatted(channel.channel())));
    ClickThrough clicks = figures.clickThrough(today.minusDays(CTR_DAYS), today);
    @Nullable BigDecimal now = clicks.now();
    @Nullable BigDecimal before = clicks.before();
    if (now != null
        && before != null
        && before.signum() > 0
        && now.divide(before, 4, RoundingMode.HALF_UP).compareTo(CTR_FALL) < 0) {
      sentences.add(
          "Try other thumbnails: %s of impressions are clicked, and %s were four weeks ago."
              .formatted(format.fineShare(now), format.fineShare(before)));
    }
    fall(channels).ifPresent(sentences::add);
    return sentences;
  }

  List<String> opportunities(LocalDate until) {
    List<String> sentences = new ArrayList<>();
    figures
        .bestSlot(today)
        .filter(slot -> slot.ratio().compareTo(GOOD_SLOT) >= 0)
        .ifPresent(slot ->
            sentences.add(
                "Publish on %s between %d and %d o'clock: videos from then had %s the views of a typical one. They may differ in more than the hour."
                    .formatted(
                        slot.weekday(),
                        slot.fromHour(),
                        slot.fromHour() + BLOCK_HOURS,
                        format.factor(slot.ratio()))));
    figures
        .outliers(until.minusDays(RECENT_DAYS), until, today)
        .forEach(video ->
            sentences.add(
                "%s on %s has %s the views that its channel's videos have after %s: a follow-up may do well."
                    .formatted(
                        UntrustedText.quoted(video.title()),
                        video.channel(),
                        format.factor(video.ratio()),
                        video.age())));
    return sentences;
  }

  /** The channel whose views fell most, where they fell by much. */
  private Optional<String> fall(List<ChannelFigures> channels) {
    @Nullable String name = null;
    BigDecimal worst = FALL;
    for (ChannelFigures channel : channels) {
      @Nullable BigDecimal change = channel.viewsChange();
      if (change != null && change.compareTo(worst) < 0) {
        worst = change;
        name = channel.channel();
      }
    }
    return name == null
        ? Optional.empty()
        : Optional.of(
            "Look at %s first: its views changed by %s in a week."
                .formatted(name, format.growth(worst)));
  }
}
