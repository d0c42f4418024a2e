package com.ytempire.simulator;

import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import com.ytempire.simulator.Usage.Bucket;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Data API v3: channels, playlistItems and videos .list, and videos:batchGetStats. */
final class DataApi {
  static final String API_KEY = "simulated-api-key";

  private static final int MAX_IDS = 50;
  private static final Set<String> STANDARD_PARAMETERS =
      Set.of(
          "part",
          "key",
          "alt",
          "fields",
          "prettyPrint",
          "quotaUser",
          "access_token",
          "oauth_token",
          "$.xgafv",
          "uploadType",
          "upload_protocol",
          "callback");

  private final World world;
  private final OAuthServer oauth;
  private final Usage usage;
  private final Faults faults;

  DataApi(World world, OAuthServer oauth, Usage usage, Faults faults) {
    this.world = world;
    this.oauth = oauth;
    this.usage = usage;
    this.faults = faults;
  }

  void channels(Context ctx) {
    OAuthServer.@Nullable Grant grant =
        enter(
            ctx,
            Bucket.DATA_GENERAL,
            "channels.list",
            Set.of("id", "mine", "forHandle", "maxResults", "pageToken", "hl"));
    Set<String> parts = parts(ctx);
    boolean mine = Boolean.parseBoolean(ctx.queryParam("mine"));
    List<String> ids = ids(ctx);
    @Nullable String handle = ctx.queryParam("forHandle");
    if ((mine ? 1 : 0) + (ids.isEmpty() ? 0 : 1) + (handle == null ? 0 : 1) != 1) {
      throw GoogleError.badRequest(
          "No filter selected. Expected one of: mine, id, managedByMe, forHandle, forUsername, categoryId");
    }
    List<Channel> found =
        mine
            ? mine(required(grant))
            : (handle == null
                    ? ids
                    : world.channelOfHandle(handle).map(Channel::id).stream().toList())
                .stream()
                    .filter(id -> !faults.isTakenDown(id))
                    .map(world::channel)
                    .flatMap(Optional::stream)
                    .toList();
    List<Object> items = new ArrayList<>();
    for (Channel channel : found) {
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("kind", "youtube#channel");
      item.put("etag", etag(channel.id(), parts));
      item.put("id", channel.id());
      if (parts.contains("snippet")) {
        item.put(
            "snippet",
            Map.of(
                "title",
                channel.title(),
                "description",
                "",
                "customUrl",
                channel.handle(),
                "publishedAt",
                "2024-01-01T00:00:00Z",
                "thumbnails",
                Map.of()));
      }
      if (parts.contains("contentDetails")) {
        item.put(
            "contentDetails",
            Map.of("relatedPlaylists", Map.of("likes", "", "uploads", uploads(channel))));
      }
      if (parts.contains("statistics")) {
        item.put(
            "statistics",
            Map.of(
                "viewCount", String.valueOf(world.lifetimeViews(channel)),
                "subscriberCount", String.valueOf(world.subscribers(channel)),
                "hiddenSubscriberCount", false,
                "videoCount", String.valueOf(world.publicVideos(channel).size())));
      }
      items.add(item);
    }
    answer(ctx, "youtube#channelListResponse", items, null);
  }

  /** The channel of a grant; none after it has moved to another Google account. */
  private List<Channel> mine(OAuthServer.Grant grant) {
    return faults.isMoved(grant.channel().id()) ? List.of() : List.of(grant.channel());
  }

  /**
   * The uploads playlist. Where there never was a video it is an empty string for one half of the
   * channels, and a playlist that is not found for the other; both are answered by Google.
   */
  private String uploads(Channel channel) {
    return world.publishedVideos(channel).isEmpty() && channel.index() % 2 == 1
        ? ""
        : channel.uploadsPlaylistId();
  }

  void playlistItems(Context ctx) {
    enter(
        ctx,
        Bucket.DATA_GENERAL,
        "playlistItems.list",
        Set.of("playlistId", "maxResults", "pageToken", "id", "videoId"));
    Set<String> parts = parts(ctx);
    String playlist = ctx.queryParam("playlistId");
    Channel channel =
        world
            .channel(
                playlist == null ? "" : "UC" + playlist.substring(Math.min(2, playlist.length())))
            .orElseThrow(GoogleError::playlistNotFound);
    int size = maxResults(ctx, 5);
    int from =
        ctx.queryParam("pageToken") == null
            ? 0
            : Integer.parseInt(Objects.requireNonNull(ctx.queryParam("pageToken")).substring(1));
    List<Video> videos = world.videos(channel);
    if (videos.isEmpty()) {
      throw GoogleError.playlistNotFound();
    }
    List<Object> items = new ArrayList<>();
    for (Video video :
        videos.subList(Math.min(from, videos.size()), Math.min(from + size, videos.size()))) {
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("kind", "youtube#playlistItem");
      item.put("etag", etag(video.id(), parts));
      item.put("id", "UU" + video.id());
      // A private video stays in the list, without its name and its time.
      boolean isPublic = world.isPublic(video);
      if (parts.contains("snippet")) {
        item.put(
            "snippet",
            Map.of(
                "title", isPublic ? video.title() : "Private video",
                "channelId", channel.id(),
                "publishedAt", instant(video.publishedAt()),
                "playlistId", channel.uploadsPlaylistId(),
                "resourceId", Map.of("kind", "youtube#video", "videoId", video.id())));
      }
      if (parts.contains("contentDetails")) {
        item.put(
            "contentDetails",
            isPublic
                ? Map.of("videoId", video.id(), "videoPublishedAt", instant(video.publishedAt()))
                : Map.of("videoId", video.id()));
      }
      items.add(item);
    }
    answer(
        ctx,
        "youtube#playlistItemListResponse",
        items,
        from + size < videos.size() ? "P" + (from + size) : null);
  }

  /** A channel's newest videos; the other ways to search are not simulated. */
  void search(Context ctx) {
    enter(
        ctx,
        Bucket.DATA_SEARCH,
        "search.list",
        Set.of("channelId", "order", "type", "maxResults", "pageToken", "publishedAfter"));
    Set<String> parts = parts(ctx);
    Channel channel =
        world
            .channel(Objects.requireNonNullElse(ctx.queryParam("channelId"), ""))
            .orElseThrow(() -> GoogleError.badRequest("Invalid channel."));
    if (!"date".equals(ctx.queryParam("order")) || !"video".equals(ctx.queryParam("type"))) {
      throw GoogleError.badRequest("The simulator knows order=date and type=video only.");
    }
    List<Object> items = new ArrayList<>();
    List<Video> videos = world.publicVideos(channel);
    for (Video video : videos.subList(0, Math.min(maxResults(ctx, 5), videos.size()))) {
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("kind", "youtube#searchResult");
      item.put("etag", etag(video.id(), parts));
      item.put("id", Map.of("kind", "youtube#video", "videoId", video.id()));
      if (parts.contains("snippet")) {
        item.put(
            "snippet",
            Map.of(
                "publishedAt",
                instant(video.publishedAt()),
                "channelId",
                channel.id(),
                "title",
                video.title()));
      }
      items.add(item);
    }
    answer(ctx, "youtube#searchListResponse", items, null);
  }

  /**
   * A video that is deleted, or private and asked for by somebody else than its owner, is left out
   * of the answer without a word (developers.google.com/youtube/v3/docs/videos/list).
   */
  private Optional<Video> shown(String id, OAuthServer.@Nullable Grant grant) {
    return world
        .video(id)
        .filter(video ->
            !faults.isTakenDown(video.channel().id())
                && (world.isPublic(video)
                    || (grant != null && grant.channel().equals(video.channel()))));
  }

  void videos(Context ctx) {
    OAuthServer.@Nullable Grant grant =
        enter(
            ctx, Bucket.DATA_GENERAL, "videos.list", Set.of("id", "maxResults", "pageToken", "hl"));
    Set<String> parts = parts(ctx);
    List<Object> items = new ArrayList<>();
    for (String id : requiredIds(ctx)) {
      shown(id, grant).ifPresent(video -> items.add(videoItem(video, "youtube#video", parts)));
    }
    answer(ctx, "youtube#videoListResponse", items, null);
  }

  void batchGetStats(Context ctx) {
    OAuthServer.@Nullable Grant grant =
        enter(ctx, Bucket.DATA_BATCH_GET_STATS, "videos.batchGetStats", Set.of("id"));
    Set<String> parts = parts(ctx);
    List<String> ids = requiredIds(ctx);
    if (ids.stream().anyMatch(faults::isPoisoned)) {
      throw GoogleError.badRequest("Request contains an invalid argument.");
    }
    List<Object> items = new ArrayList<>();
    for (String id : ids) {
      shown(id, grant).ifPresent(video -> items.add(videoItem(video, "youtube#videoStats", parts)));
    }
    ctx.json(
        Map.of(
            "kind",
            "youtube#batchGetStatsResponse",
            "etag",
            etag(String.join(",", ids), parts),
            "items",
            items,
            "summary",
            Map.of(
                "requestedVideoCount", ids.size(),
                "succeededVideoCount", items.size(),
                "failedVideoCount", ids.size() - items.size())));
  }

  private Map<String, Object> videoItem(Video video, String kind, Set<String> parts) {
    long views = world.lifetimeViews(video);
    Map<String, Object> item = new LinkedHashMap<>();
    item.put("kind", kind);
    item.put("etag", etag(video.id(), parts));
    item.put("id", video.id());
    if (parts.contains("snippet")) {
      item.put(
          "snippet",
          Map.of(
              "publishedAt",
              instant(video.publishedAt()),
              "title",
              video.title(),
              "description",
              "All about " + video.channel().niche() + ".",
              "tags",
              List.of(video.channel().niche(), "part " + (video.number() + 1)),
              "thumbnails",
              thumbnails(video),
              "channelId",
              video.channel().id()));
    }
    if (parts.contains("statistics")) {
      Map<String, Object> statistics = new LinkedHashMap<>();
      if (world.oddity(video) != VideoVisibility.Oddity.NO_VIEW_COUNT) {
        statistics.put("viewCount", String.valueOf(views));
      }
      statistics.put("likeCount", String.valueOf(views / 30));
      statistics.put("commentCount", String.valueOf(views / 400));
      item.put("statistics", statistics);
    }
    if (parts.contains("contentDetails")) {
      item.put("contentDetails", Map.of("duration", duration(video)));
    }
    return item;
  }

  /**
   * A length as YouTube writes it: with weeks for the longest streams (moment/moment#2811), and
   * {@code P0D} for what is upcoming or live.
   */
  private String duration(Video video) {
    return switch (world.oddity(video)) {
      case WEEKS_LONG -> "P3W3DT20H31M21S";
      case UPCOMING ->
          world.now().isBefore(video.publishedAt().plus(Duration.ofHours(3)))
              ? "P0D"
              : Duration.ofSeconds(video.durationSeconds()).toString();
      default -> Duration.ofSeconds(video.durationSeconds()).toString();
    };
  }

  /** Every other video has sizes that came in September 2026 and that client libraries lack. */
  private static Map<String, Object> thumbnails(Video video) {
    Map<String, Object> sizes = new LinkedHashMap<>();
    sizes.put("default", thumbnail(video, "default", 120, 90));
    sizes.put("high", thumbnail(video, "hqdefault", 480, 360));
    if (video.number() % 2 == 1) {
      sizes.put("fhd", thumbnail(video, "fhddefault", 1920, 1080));
    }
    if (video.number() % 4 == 1) {
      sizes.put("qhd", thumbnail(video, "qhddefault", 2560, 1440));
    }
    if (video.number() % 8 == 1) {
      sizes.put("uhd", thumbnail(video, "uhddefault", 3840, 2160));
    }
    return sizes;
  }

  private static Map<String, Object> thumbnail(Video video, String name, int width, int height) {
    return Map.of(
        "url",
        "https://i.ytimg.com/vi/%s/%s.jpg".formatted(video.id(), name),
        "width",
        width,
        "height",
        height);
  }

  private static OAuthServer.Grant required(OAuthServer.@Nullable Grant grant) {
    if (grant == null) {
      throw GoogleError.invalidCredentials();
    }
    return grant;
  }

  /** What every call meets, in Google's order: the bucket is charged even when the rest refuses. */
  private OAuthServer.@Nullable Grant enter(
      Context ctx, Bucket bucket, String method, Set<String> parameters) {
    OAuthServer.@Nullable Grant grant =
        API_KEY.equals(ctx.queryParam("key"))
            ? null
            : oauth.authorize(ctx, () -> usage.unauthorized(bucket));
    usage.spend(bucket, method);
    faults.strike();
    if (world.isDisabled(World.Api.DATA)) {
      throw GoogleError.apiDisabled(false);
    }
    if (grant != null
        && !grant.scopes().contains("https://www.googleapis.com/auth/youtube.readonly")) {
      throw GoogleError.scopeMissing(grant.channel().index() % 2 == 1);
    }
    for (String parameter : ctx.queryParamMap().keySet()) {
      if (!parameters.contains(parameter) && !STANDARD_PARAMETERS.contains(parameter)) {
        throw GoogleError.badRequest(
            "Unknown name \"%s\": Cannot bind query parameter.".formatted(parameter));
      }
    }
    return grant;
  }

  private static Set<String> parts(Context ctx) {
    List<String> values =
        ctx.queryParams("part").stream()
            .flatMap(value -> List.of(value.split(",")).stream())
            .toList();
    if (values.isEmpty()) {
      throw GoogleError.badRequest("No part was selected; 'part' is a required parameter.");
    }
    return Set.copyOf(values);
  }

  private static List<String> ids(Context ctx) {
    List<String> ids =
        ctx.queryParams("id").stream()
            .flatMap(value -> List.of(value.split(",")).stream())
            .filter(id -> !id.isBlank())
            .toList();
    if (ids.size() > MAX_IDS) {
      throw GoogleError.badRequest(
          "The request specifies an invalid filter parameter: at most 50 values are allowed for 'id'.");
    }
    return ids;
  }

  private static List<String> requiredIds(Context ctx) {
    List<String> ids = ids(ctx);
    if (ids.isEmpty()) {
      throw GoogleError.badRequest("No filter selected. Expected one of: id, chart, myRating");
    }
    return ids;
  }

  private static int maxResults(Context ctx, int standard) {
    String value = ctx.queryParam("maxResults");
    int size = value == null ? standard : Integer.parseInt(value);
    if (size < 0 || size > MAX_IDS) {
      throw GoogleError.badRequest(
          "Invalid value '" + size + "'. Values must be within the range: [0, 50]");
    }
    return size;
  }

  private static void answer(
      Context ctx, String kind, List<Object> items, @Nullable String nextPageToken) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("kind", kind);
    body.put("etag", etag(kind + items.hashCode(), Set.of()));
    if (nextPageToken != null) {
      body.put("nextPageToken", nextPageToken);
    }
    body.put("pageInfo", Map.of("totalResults", items.size(), "resultsPerPage", items.size()));
    body.put("items", items);
    String mark = "\"" + body.get("etag") + "\"";
    ctx.header("ETag", mark);
    if (body.get("etag").equals(ctx.header("If-None-Match"))
        || mark.equals(ctx.header("If-None-Match"))) {
      ctx.status(304);
      return;
    }
    ctx.json(body);
  }

  private static String etag(String of, Set<String> parts) {
    return Integer.toHexString((of + parts.stream().sorted().toList()).hashCode());
  }

  private static String instant(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
