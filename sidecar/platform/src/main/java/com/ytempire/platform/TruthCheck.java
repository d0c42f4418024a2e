package com.ytempire.platform;

import com.ytempire.simulator.AnalyticsFigures.Day;
import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.World;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares what is stored with the simulated world, which can say what YouTube showed at any
 * moment. A figure is right when it is what YouTube showed at the moment of its last check. Used by
 * one thread.
 */
public final class TruthCheck {
  private static final int EXAMPLES = 5;

  /** Views are asked for until a day is so old, and are final then. */
  static final int VIEWS_DUE_DAYS = 4;

  /** Revenue comes a day later. */
  static final int REVENUE_DUE_DAYS = 5;

  /** A call may take so long, with all tries. */
  private static final Duration CALL = Duration.ofMinutes(10);

  private static final int VIDEO_STATISTICS_SAMPLE = 20;

  private final Connection admin;
  private final World world;
  private final MovedClock clock;
  private final Instant begin;
  private final Map<String, Channel> channels = new HashMap<>();

  /** The result of comparing stored rows with what YouTube showed. */
  public static final class Comparison {
    private long compared;
    private long wrong;
    private long missing;
    private final List<String> examples = new ArrayList<>();

    /** Rows that were compared. */
    public long compared() {
      return compared;
    }

    /** Rows that are not what YouTube showed. */
    public long wrong() {
      return wrong;
    }

    /** Rows that are due and not there. */
    public long missing() {
      return missing;
    }

    /** The first of the wrong and the missing, each in words. */
    public List<String> examples() {
      return List.copyOf(examples);
    }

    private void wrong(String example) {
      wrong++;
      note("wrong: " + example);
    }

    private void missing(String example) {
      missing++;
      note("missing: " + example);
    }

    private void note(String example) {
      if (examples.size() < EXAMPLES) {
        examples.add(example);
      }
    }
  }

  /**
   * Prepares a comparison.
   *
   * @param world made with the same seed at the same moment as the one that was asked, and by
   *     {@code clock}
   */
  public TruthCheck(Connection admin, World world, MovedClock clock) {
    this.admin = admin;
    this.world = world;
    this.clock = clock;
    this.begin = clock.instant();
    world
        .accounts()
        .forEach(
            account -> account.channels().forEach(channel -> channels.put(channel.id(), channel)));
  }

  /**
   * Compares all kinds of rows.
   *
   * @param from the first day that is compared
   * @param end now
   * @param notDue channels whose grant was dead lately, so that nothing of them is due
   * @param isCatchingUp whether channels still read their history. The sync reads some days of a
   *     channel's videos at each tick, so that a day is then due only if it was asked for, and one
   *     day of each channel is
   */
  public Map<String, Comparison> run(
      LocalDate from, Instant end, Set<String> notDue, boolean isCatchingUp) throws SQLException {
    Map<String, Comparison> all = new LinkedHashMap<>();
    admin.setAutoCommit(false);
    all.put("days of channels", channelDays(from, end, notDue, false));
    all.put("days of channels, revenue", channelDays(from, end, notDue, true));
    all.put("days of videos", videoDays(from, end, notDue, isCatchingUp));
    all.put("statistics of channels", channelStatistics());
    all.put("statistics of videos (1 in %d)".formatted(VIDEO_STATISTICS_SAMPLE), videoStatistics());
    admin.commit();
    return all;
  }

  private ResultSet rows(String sql) throws SQLException {
    PreparedStatement statement = admin.prepareStatement(sql);
    statement.setFetchSize(5000);
    return statement.executeQuery();
  }

  private void asOf(Instant moment) {
    clock.set(moment);
  }

  private Comparison channelDays(LocalDate from, Instant end, Set<String> notDue, boolean revenue)
      throws SQLException {
    Comparison found = new Comparison();
    Set<String> seen = new HashSet<>();
    try (ResultSet rows =
        rows(
            """
            select d.channel_id, d.day, d.views, d.engaged_views, d.watch_time_minutes, d.likes, d.comments, d.shares,
                   d.subscribers_gained, d.subscribers_lost, d.revenue_usd, c.checked_at
              from core.channel_days d
              left join core.day_checks c on c.user_id = d.user_id and c.channel_id = d.channel_id and c.day = d.day and c.report = '%s'
             where d.day >= date '%s'
            """
                .formatted(revenue ? "channel-revenue-day" : "channel-day", from))) {
      while (rows.next()) {
        Channel channel = channels.get(rows.getString(1));
        LocalDate day = rows.getObject(2, LocalDate.class);
        @Nullable OffsetDateTime checked = rows.getObject(12, OffsetDateTime.class);
        if (channel == null || checked == null || rows.getObject(revenue ? 11 : 3) == null) {
          continue;
        }
        found.compared++;
        seen.add(channel.id() + day);
        asOf(checked.toInstant());
        Day truth = world.channelDay(channel, day);
        boolean isRight =
            revenue
                ? isMoney(rows.getDouble(11), truth.revenue())
                : rows.getLong(3) == truth.views()
                    && rows.getLong(4) == truth.engagedViews()
                    && rows.getLong(5) == truth.minutesWatched()
                    && rows.getLong(6) == truth.likes()
                    && rows.getLong(7) == truth.comments()
                    && rows.getLong(8) == truth.shares()
                    && rows.getLong(9) == truth.subscribersGained()
                    && rows.getLong(10) == truth.subscribersLost();
        if (!isRight) {
          found.wrong(
              "%s on %s: %d views, %s USD; as checked at %s: %d, %.3f"
                  .formatted(
                      channel.id(),
                      day,
                      rows.getLong(3),
                      rows.getString(11),
                      checked.toInstant(),
                      truth.views(),
                      truth.revenue()));
        }
      }
    }
    LocalDate last =
        LocalDate.ofInstant(end, World.PACIFIC)
            .minusDays(revenue ? REVENUE_DUE_DAYS : VIEWS_DUE_DAYS);
    for (Channel channel : channels.values()) {
      for (LocalDate day = from; !day.isAfter(last); day = day.plusDays(1)) {
        if (!notDue.contains(channel.id())
            && !world.closesAfterConnecting(channel)
            && (!revenue || channel.monetized())
            && !seen.contains(channel.id() + day)
            && hasViews(channel, day, end)) {
          found.missing(channel.id() + " on " + day);
        }
      }
    }
    return found;
  }

  /** A channel that never had a video has no days. */
  private boolean hasViews(Channel channel, LocalDate day, Instant end) {
    asOf(end);
    return world.channelDay(channel, day).views() > 0;
  }

  private static boolean isMoney(double stored, double truth) {
    return Math.abs(stored - Math.round(truth * 1000) / 1000.0) < 0.00005;
  }

  private Comparison videoDays(
      LocalDate from, Instant end, Set<String> notDue, boolean isCatchingUp) throws SQLException {
    Comparison found = new Comparison();
    Map<String, Map<LocalDate, Instant>> checks = videoDayChecks(from);
    Set<String> seen = compareVideoDays(from, end, checks, found);
    for (Channel channel : channels.values()) {
      if (!notDue.contains(channel.id())
          && !world.closesAfterConnecting(channel)
          && !world.isWithoutVideos(channel)) {
        Map<LocalDate, Instant> asked = checks.getOrDefault(channel.id(), Map.of());
        findMissingVideoDays(channel, from, end, asked, seen, isCatchingUp, found);
      }
    }
    return found;
  }

  /** Reads when the videos of each day were last asked for, by channel. */
  private Map<String, Map<LocalDate, Instant>> videoDayChecks(LocalDate from) throws SQLException {
    Map<String, Map<LocalDate, Instant>> checks = new HashMap<>();
    try (ResultSet rows =
        rows(
            "select channel_id, day, checked_at from core.day_checks where report = 'video-day' and day >= date '%s'"
                .formatted(from))) {
      while (rows.next()) {
        checks
            .computeIfAbsent(rows.getString(1), id -> new HashMap<>())
            .put(
                rows.getObject(2, LocalDate.class),
                rows.getObject(3, OffsetDateTime.class).toInstant());
      }
    }
    return checks;
  }

  /** Compares the rows that are there; returns the ids of their videos, each with its day. */
  private Set<String> compareVideoDays(
      LocalDate from, Instant end, Map<String, Map<LocalDate, Instant>> checks, Comparison found)
      throws SQLException {
    asOf(end);
    Map<String, Video> videos = new HashMap<>();
    channels
        .values()
        .forEach(channel ->
            world.publishedVideos(channel).forEach(video -> videos.put(video.id(), video)));
    Set<String> seen = new HashSet<>();
    try (ResultSet rows =
        rows(
            "select video_id, day, views, watch_time_minutes, likes from core.video_days where views is not null and day >= date '%s'"
                .formatted(from))) {
      while (rows.next()) {
        Video video = videos.get(rows.getString(1));
        LocalDate day = rows.getObject(2, LocalDate.class);
        if (video == null) {
          found.wrong("a video that nobody published: " + rows.getString(1));
          continue;
        }
        @Nullable Instant checked = checks.getOrDefault(video.channel().id(), Map.of()).get(day);
        if (checked == null) {
          continue;
        }
        found.compared++;
        seen.add(video.id() + day);
        if (!isVideoDay(video, day, checked, rows)) {
          asOf(checked);
          found.wrong(
              "%s on %s: %d views; as checked at %s: %d"
                  .formatted(
                      video.id(),
                      day,
                      rows.getLong(3),
                      checked,
                      world.videoDay(video, day).views()));
        }
      }
    }
    return seen;
  }

  /**
   * Finds days of a channel's videos that have no row and should have one.
   *
   * @param asked when the videos of each day were last asked for
   * @param seen ids of videos that have a row, each with its day
   */
  private void findMissingVideoDays(
      Channel channel,
      LocalDate from,
      Instant end,
      Map<LocalDate, Instant> asked,
      Set<String> seen,
      boolean isCatchingUp,
      Comparison found) {
    LocalDate last = LocalDate.ofInstant(end, World.PACIFIC).minusDays(VIEWS_DUE_DAYS);
    if (isCatchingUp && asked.isEmpty()) {
      found.missing(channel.id() + ": no videos of any day were asked for");
    }
    for (LocalDate day = from;
        !day.isAfter(end(last, asked, isCatchingUp));
        day = day.plusDays(1)) {
      @Nullable Instant checked = asked.get(day);
      if (checked == null) {
        if (!isCatchingUp) {
          found.missing(channel.id() + " on " + day + ": no videos were ever asked for");
        }
        continue;
      }
      asOf(checked);
      if (day.isAfter(world.lastDay(channel, false))) {
        // YouTube did not have it yet when it was asked; it is asked again the day after.
        continue;
      }
      for (Video video : world.videos(channel)) {
        if (!seen.contains(video.id() + day)
            && world.videoDay(video, day).views() > 0
            && !isUnknown(video)
            && !isDeletedBefore(video, end)) {
          found.missing(video.id() + " on " + day);
        }
      }
    }
  }

  /**
   * Whether nobody could know of a video when its day was asked for: it was private before the
   * channel was connected, and still was. Its day is asked for again when it is shown.
   */
  private boolean isUnknown(Video video) {
    return !world.isPublic(video)
        && world.vanishedAt(video).filter(from -> !from.isAfter(begin)).isPresent();
  }

  /** What was fetched of a video is erased some days after it was deleted. */
  private boolean isDeletedBefore(Video video, Instant end) {
    return world.deletedAt(video).filter(at -> at.isBefore(end)).isPresent();
  }

  /** What was asked for is compared even if it was not due yet. */
  private static LocalDate end(
      LocalDate last, Map<LocalDate, Instant> asked, boolean isCatchingUp) {
    return isCatchingUp ? asked.keySet().stream().max(LocalDate::compareTo).orElse(last) : last;
  }

  /** A deleted video is shown no more; of it the last figures stay that were shown. */
  private boolean isVideoDay(Video video, LocalDate day, Instant checked, ResultSet row)
      throws SQLException {
    asOf(checked);
    if (isSame(world.videoDay(video, day), row)) {
      return true;
    }
    @Nullable Instant deleted = world.deletedAt(video).orElse(null);
    if (deleted == null || deleted.isAfter(checked)) {
      return false;
    }
    for (Instant moment = day.plusDays(2).atTime(12, 0).atZone(World.PACIFIC).toInstant();
        moment.isBefore(deleted.plus(Duration.ofDays(1)));
        moment = moment.plus(Duration.ofDays(1))) {
      asOf(moment);
      if (isSame(world.videoDay(video, day), row)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSame(Day truth, ResultSet row) throws SQLException {
    return truth.views() == row.getLong(3)
        && truth.minutesWatched() == row.getLong(4)
        && truth.likes() == row.getLong(5);
  }

  private Comparison channelStatistics() throws SQLException {
    Comparison found = new Comparison();
    try (ResultSet rows =
        rows("select channel_id, observed_at, views from core.channel_statistics")) {
      while (rows.next()) {
        Channel channel = channels.get(rows.getString(1));
        if (channel == null) {
          found.wrong("a channel that is not there: " + rows.getString(1));
          continue;
        }
        Instant observed = rows.getObject(2, OffsetDateTime.class).toInstant();
        found.compared++;
        asOf(observed.minus(CALL));
        long least = world.lifetimeViews(channel);
        asOf(observed.plusSeconds(2));
        long most = world.lifetimeViews(channel);
        if (rows.getLong(3) < least || rows.getLong(3) > most) {
          found.wrong(
              "%s at %s: %d views, not %d to %d"
                  .formatted(channel.id(), observed, rows.getLong(3), least, most));
        }
      }
    }
    return found;
  }

  private Comparison videoStatistics() throws SQLException {
    Comparison found = new Comparison();
    try (ResultSet rows =
        rows(
            "select video_id, observed_at, views from core.video_statistics where abs(hashtext(video_id || observed_at)) %% %d = 0"
                .formatted(VIDEO_STATISTICS_SAMPLE))) {
      while (rows.next()) {
        Instant observed = rows.getObject(2, OffsetDateTime.class).toInstant();
        asOf(observed.minus(CALL));
        @Nullable Video video = world.video(rows.getString(1)).orElse(null);
        if (video == null) {
          // Not published so long before, or deleted in between.
          asOf(observed.plusSeconds(2));
          video = world.video(rows.getString(1)).orElse(null);
        }
        found.compared++;
        if (video == null) {
          found.wrong("%s at %s was not shown then".formatted(rows.getString(1), observed));
          continue;
        }
        asOf(observed.minus(CALL));
        long least = world.lifetimeViews(video);
        asOf(observed.plusSeconds(2));
        long most = world.lifetimeViews(video);
        if (rows.getLong(3) < least || rows.getLong(3) > most) {
          found.wrong(
              "%s at %s: %d views, not %d to %d"
                  .formatted(video.id(), observed, rows.getLong(3), least, most));
        }
      }
    }
    return found;
  }
}
