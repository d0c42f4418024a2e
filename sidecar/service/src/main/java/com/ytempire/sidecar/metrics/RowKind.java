package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.metrics.RowField.fixed;
import static com.ytempire.sidecar.metrics.RowField.key;
import static com.ytempire.sidecar.metrics.RowField.unstored;
import static com.ytempire.sidecar.metrics.RowField.value;

import com.ytempire.sidecar.metrics.RowField.Part;
import com.ytempire.sidecar.metrics.RowField.Type;
import com.ytempire.sidecar.youtube.Metric;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The kinds of row that are fetched, and mostly stored: which view each lives in, what its key is
 * and which of its fields is which column. Store, read and the contract all go by this one table; a
 * test compares it with {@code schemas/}.
 */
enum RowKind {
  CHANNEL_DAY("channel-day", "analytics.youtube_metrics", History.REVISED, dayFields(false)),
  VIDEO_DAY("video-day", "analytics.video_metrics", History.REVISED, dayFields(true)),
  CHANNEL_STATISTICS(
      "channel-statistics",
      "analytics.channel_statistics",
      History.OBSERVED,
      List.of(
          key("channelId", "channel_id", Type.TEXT),
          key("observedAt", "observed_at", Type.INSTANT),
          value("views", "views", Type.COUNT),
          value("subscribers", "subscribers", Type.COUNT),
          value("videos", "videos", Type.COUNT),
          value("withoutGrant", "without_grant", Type.FLAG))),
  VIDEO_STATISTICS(
      "video-statistics",
      "analytics.video_statistics",
      History.OBSERVED,
      List.of(
          key("videoId", "video_id", Type.TEXT),
          key("observedAt", "observed_at", Type.INSTANT),
          fixed("channelId", "channel_id", Type.TEXT),
          value("views", "views", Type.COUNT),
          value("likes", "likes", Type.COUNT),
          value("comments", "comments", Type.COUNT),
          value("withoutGrant", "without_grant", Type.FLAG))),
  VIDEO(
      "video",
      "analytics.videos",
      History.REFRESHED,
      List.of(
          key("videoId", "video_id", Type.TEXT),
          fixed("channelId", "channel_id", Type.TEXT),
          value("title", "title", Type.TEXT),
          value("publishedAt", "published_at", Type.INSTANT),
          value("durationSeconds", "duration_seconds", Type.COUNT),
          value("description", "description", Type.TEXT),
          value("tags", "tags", Type.LIST),
          value("thumbnailUrl", "thumbnail_url", Type.TEXT))),
  TRAFFIC_SOURCE_DAY(
      "traffic-source-day",
      "analytics.traffic_sources",
      History.REPLACED,
      List.of(
          key("sourceType", "source", Type.TEXT),
          key("channelId", "channel_id", Type.TEXT),
          key("day", "date", Type.DAY),
          value("views", "views", Type.COUNT),
          value("estimatedMinutesWatched", "watch_time_minutes", Type.COUNT))),
  THUMBNAIL_DAY(
      "thumbnail-day",
      "analytics.thumbnail_metrics",
      History.REPLACED,
      List.of(
          key("videoId", "video_id", Type.TEXT),
          fixed("channelId", "channel_id", Type.TEXT),
          key("day", "date", Type.DAY),
          value("impressions", "impressions", Type.COUNT),
          value("clickThroughRate", "click_through_rate", Type.RATE))),
  /** A channel's day for one value of a dimension. */
  DIMENSION_DAY(
      "dimension-day",
      "analytics.dimension_metrics",
      History.REPLACED,
      List.of(
          key("channelId", "channel_id", Type.TEXT),
          key("dimension", "dimension", Type.TEXT),
          key("value", "dimension_value", Type.TEXT),
          key("day", "date", Type.DAY),
          value("views", "views", Type.COUNT),
          value("engagedViews", "engaged_views", Type.COUNT),
          value("estimatedMinutesWatched", "watch_time_minutes", Type.COUNT),
          value("averageViewDuration", "average_view_duration_seconds", Type.COUNT),
          value("likes", "likes", Type.COUNT),
          value("comments", "comments", Type.COUNT),
          value("shares", "shares", Type.COUNT),
          value("subscribersGained", "subscribers_gained", Type.COUNT),
          value("subscribersLost", "subscribers_lost", Type.COUNT),
          value("grossRevenue", "gross_revenue_usd", Type.MONEY),
          value("adImpressions", "ad_impressions", Type.COUNT),
          value("cpm", "cpm_usd", Type.MONEY),
          value("impressions", "impressions", Type.COUNT),
          value("clickThroughRate", "click_through_rate", Type.RATE))),
  /** A channel or a video in a period, for one value of a dimension. */
  DIMENSION_PERIOD(
      "dimension-period",
      "analytics.dimension_periods",
      History.REPLACED,
      List.of(
          key("channelId", "channel_id", Type.TEXT),
          key("videoId", "video_id", Type.TEXT),
          key("dimension", "dimension", Type.TEXT),
          key("value", "dimension_value", Type.TEXT),
          key("endDate", "end_date", Type.DAY),
          key("startDate", "start_date", Type.DAY),
          value("views", "views", Type.COUNT),
          value("engagedViews", "engaged_views", Type.COUNT),
          value("estimatedMinutesWatched", "watch_time_minutes", Type.COUNT),
          value("averageViewDuration", "average_view_duration_seconds", Type.COUNT),
          value("likes", "likes", Type.COUNT),
          value("comments", "comments", Type.COUNT),
          value("shares", "shares", Type.COUNT),
          value("subscribersGained", "subscribers_gained", Type.COUNT),
          value("subscribersLost", "subscribers_lost", Type.COUNT),
          value("viewerPercentage", "viewer_percentage", Type.PERCENT))),
  /** A point of a video's retention curve in a period. */
  RETENTION_POINT(
      "retention-point",
      "analytics.retention_curves",
      History.REPLACED,
      List.of(
          fixed("channelId", "channel_id", Type.TEXT),
          key("videoId", "video_id", Type.TEXT),
          key("endDate", "end_date", Type.DAY),
          key("startDate", "start_date", Type.DAY),
          key("elapsedVideoTimeRatio", "elapsed_ratio", Type.RATE),
          value("audienceWatchRatio", "audience_watch_ratio", Type.RATE),
          value("relativeRetentionPerformance", "relative_retention_performance", Type.RATE),
          value("startedWatching", "started_watching", Type.COUNT),
          value("stoppedWatching", "stopped_watching", Type.COUNT),
          value("totalSegmentImpressions", "segment_impressions", Type.COUNT))),
  /**
   * A channel's revenue of a day in another currency than USD; read, and not stored. It is a kind
   * of its own, so that no store, view or sum can take its amounts for USD.
   */
  REVENUE_CURRENCY_DAY("revenue-currency-day", "", History.NOT_STORED, currencyDayFields()),
  /** A video in a period; read, and not stored. */
  TOP_VIDEO("top-video", "", History.NOT_STORED, topVideoFields());

  /** The kinds that are stored. */
  static final List<RowKind> STORED = Stream.of(values()).filter(RowKind::isStored).toList();

  /** The treatment of a row that comes again with other figures. */
  enum History {
    /** The new figures hold; the old are kept as a revision. */
    REVISED,
    /** The new figures hold. */
    REPLACED,
    /** The new words hold, and words that came again are fresh again. */
    REFRESHED,
    /** What was seen at a moment does not come again but as a repeat. */
    OBSERVED,
    NOT_STORED
  }

  /** No place among {@link #fields}. */
  static final int NONE = -1;

  private final String label;
  private final String view;
  private final History history;
  private final List<RowField> fields;
  private final Map<String, Integer> indexes = new HashMap<>();
  private final int[] keyIndexes;
  private final int timeIndex;
  private final int channelIndex;
  private final int videoIndex;

  RowKind(String label, String view, History history, List<RowField> fields) {
    this.label = label;
    this.view = view;
    this.history = history;
    this.fields = fields;
    for (int i = 0; i < fields.size(); i++) {
      indexes.put(fields.get(i).json(), i);
    }
    this.keyIndexes =
        IntStream.range(0, fields.size()).filter(i -> fields.get(i).part() == Part.KEY).toArray();
    this.timeIndex =
        IntStream.range(0, fields.size())
            .filter(i -> fields.get(i).type() == Type.DAY || fields.get(i).type() == Type.INSTANT)
            .findFirst()
            .orElseThrow();
    this.channelIndex = indexOf("channelId");
    this.videoIndex = indexes.getOrDefault("videoId", NONE);
  }

  private static List<RowField> currencyDayFields() {
    List<RowField> fields =
        new ArrayList<>(
            List.of(
                unstored("channelId", Type.TEXT),
                unstored("day", Type.DAY),
                unstored("currency", Type.TEXT)));
    Metric.REVENUE.forEach(metric -> fields.add(RowField.unstored(metric)));
    return List.copyOf(fields);
  }

  private static List<RowField> topVideoFields() {
    List<RowField> fields =
        new ArrayList<>(
            List.of(
                unstored("channelId", Type.TEXT),
                unstored("startDate", Type.DAY),
                unstored("endDate", Type.DAY),
                unstored("videoId", Type.TEXT),
                unstored("rank", Type.COUNT)));
    Metric.TOP_VIDEOS.forEach(metric -> fields.add(RowField.unstored(metric)));
    return List.copyOf(fields);
  }

  private static List<RowField> dayFields(boolean video) {
    List<RowField> fields = new ArrayList<>();
    if (video) {
      fields.add(key("videoId", "video_id", Type.TEXT));
      fields.add(fixed("channelId", "channel_id", Type.TEXT));
    } else {
      fields.add(key("channelId", "channel_id", Type.TEXT));
    }
    fields.add(key("day", "date", Type.DAY));
    List<Metric> metrics = video ? Metric.VIDEO_DAY : Metric.CHANNEL_DAY;
    metrics.forEach(metric -> fields.add(RowField.of(metric)));
    return List.copyOf(fields);
  }

  /** As it stands in the contract; also the name of its schema. */
  String label() {
    return label;
  }

  String view() {
    return view;
  }

  /** Whether such rows are stored; the others are only read. */
  boolean isStored() {
    return history != History.NOT_STORED;
  }

  /** Whether what such rows were is kept, because YouTube restates them. */
  boolean isRevised() {
    return history == History.REVISED;
  }

  /** Columns that say when the row came and when it changed. */
  List<String> stamps() {
    return switch (history) {
      case REVISED, REPLACED -> List.of("created_at", "updated_at");
      case REFRESHED -> List.of("updated_at", "refreshed_at");
      case OBSERVED, NOT_STORED -> List.of();
    };
  }

  List<RowField> fields() {
    return fields;
  }

  /**
   * The place of a field among {@link #fields}.
   *
   * @throws IllegalArgumentException when the kind has no field of this name
   */
  int indexOf(String json) {
    Integer index = indexes.get(json);
    if (index == null) {
      throw new IllegalArgumentException(label + " has no field " + json);
    }
    return index;
  }

  /**
   * The field of a JSON name.
   *
   * @throws IllegalArgumentException when the kind has no field of this name
   */
  RowField field(String json) {
    return fields.get(indexOf(json));
  }

  /** Whether the kind has a field of this name. */
  boolean hasField(String json) {
    return indexes.containsKey(json);
  }

  /** The places of all fields, in order. */
  int[] indexes() {
    return IntStream.range(0, fields.size()).toArray();
  }

  /** The places of the key fields among {@link #fields}. */
  int[] keyIndexes() {
    return keyIndexes.clone();
  }

  List<RowField> fields(Part part) {
    return fields.stream().filter(field -> field.part() == part).toList();
  }

  /** The field that rows are ordered by, newest first. */
  RowField time() {
    return fields.get(timeIndex);
  }

  /** The place of {@link #time} among {@link #fields}. */
  int timeIndex() {
    return timeIndex;
  }

  /** The place of the channel among {@link #fields}. */
  int channelIndex() {
    return channelIndex;
  }

  /** The place of the video among {@link #fields}; {@link #NONE}: rows are of no video. */
  int videoIndex() {
    return videoIndex;
  }

  static Optional<RowKind> of(String label) {
    return Stream.of(values()).filter(kind -> kind.label.equals(label)).findFirst();
  }
}
