package com.ytempire.simulator;

import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The Atom feeds of new videos, up to an hour late, and a WebSub hub for them: it takes a
 * subscription (202), asks the subscriber whether it wants that, and pushes signed entries until
 * the lease ends.
 */
final class Feeds implements AutoCloseable {
  private static final int ENTRIES = 15;
  private static final Duration LEASE = Duration.ofDays(10);

  private final World world;
  private final Usage usage;
  private final Faults faults;
  private final SecureRandom random = new SecureRandom();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();

  private record Tombstone(Video video, Instant at) {}

  private record Subscription(
      String callback, Channel channel, String secret, Instant until, Instant pushedUntil) {}

  Feeds(World world, Usage usage, Faults faults) {
    this.world = world;
    this.usage = usage;
    this.faults = faults;
  }

  void feed(Context ctx) {
    usage.free("feed");
    if (faults.areFeedsAway()) {
      throw GoogleError.backend();
    }
    Channel channel =
        world
            .channel(Optional.ofNullable(ctx.queryParam("channel_id")).orElse(""))
            .orElseThrow(GoogleError::notFound);
    Instant shown = world.now().minus(Duration.ofMinutes(channel.index() % 60));
    List<Video> newest =
        world.publishedVideos(channel).stream()
            .filter(video -> !video.publishedAt().isAfter(shown))
            .limit(ENTRIES)
            .toList();
    ctx.contentType("text/xml; charset=utf-8")
        .result(
            atom(
                world.publicVideos(channel).stream()
                    .filter(video -> !video.publishedAt().isAfter(shown))
                    .limit(ENTRIES)
                    .toList(),
                newest.stream()
                    .flatMap(video ->
                        world.vanishedAt(video).filter(at -> !at.isAfter(shown)).stream()
                            .map(at -> new Tombstone(video, at)))
                    .toList()));
  }

  /**
   * A feed; what was deleted or hidden is a tombstone in it (RFC 6721), as the hub pushes it. How
   * long YouTube's feed keeps them is not known; here as long as the video would be listed.
   */
  private static String atom(List<Video> videos, List<Tombstone> tombstones) {
    return """
    <?xml version="1.0" encoding="UTF-8"?>
    <feed xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
     <title>YouTube video feed</title><updated>2026-01-01T00:00:00+00:00</updated>
    %s%s
    </feed>
    """
        .formatted(
            tombstones.stream()
                .map(each ->
                    """
                     <at:deleted-entry ref="yt:video:%1$s" when="%2$s">
                      <link href="https://www.youtube.com/watch?v=%1$s"/>
                      <at:by><name>%3$s</name><uri>https://www.youtube.com/channel/%4$s</uri></at:by>
                     </at:deleted-entry>
                    """
                        .formatted(
                            each.video().id(),
                            each.at().toString().replace("Z", "+00:00"),
                            escape(each.video().channel().title()),
                            each.video().channel().id()))
                .collect(Collectors.joining()),
            videos.stream()
                .map(video ->
                    """
                     <entry>
                      <id>yt:video:%1$s</id><yt:videoId>%1$s</yt:videoId><yt:channelId>%2$s</yt:channelId>
                      <title>%3$s</title><link rel="alternate" href="https://www.youtube.com/watch?v=%1$s"/>
                      <author><name>%4$s</name><uri>https://www.youtube.com/channel/%2$s</uri></author>
                      <published>%5$s</published><updated>%5$s</updated>
                      <media:group><media:title>%3$s</media:title></media:group>
                     </entry>
                    """
                        .formatted(
                            video.id(),
                            video.channel().id(),
                            escape(video.title()),
                            escape(video.channel().title()),
                            video.publishedAt().toString().replace("Z", "+00:00")))
                .collect(Collectors.joining()));
  }

  void subscribe(Context ctx) {
    usage.free("hub.subscribe");
    if (faults.isHubAway()) {
      throw GoogleError.backend();
    }
    String topic = form(ctx, "hub.topic");
    String callback = form(ctx, "hub.callback");
    String secret = form(ctx, "hub.secret");
    Channel channel =
        world
            .channel(topic.substring(topic.indexOf('=') + 1))
            .orElseThrow(() -> GoogleError.badRequest("Restricted topic"));
    background.execute(() -> confirm(callback, topic, channel, secret));
    ctx.status(202);
  }

  private static String form(Context ctx, String name) {
    return Optional.ofNullable(ctx.formParam(name))
        .orElseThrow(() -> GoogleError.badRequest("Missing " + name));
  }

  private void confirm(String callback, String topic, Channel channel, String secret) {
    byte[] bytes = new byte[12];
    random.nextBytes(bytes);
    String challenge = HexFormat.of().formatHex(bytes);
    String question =
        "%s?hub.mode=subscribe&hub.topic=%s&hub.challenge=%s&hub.lease_seconds=%d"
            .formatted(
                callback,
                URLEncoder.encode(topic, StandardCharsets.UTF_8),
                challenge,
                LEASE.toSeconds());
    try {
      HttpResponse<String> answer =
          http.send(HttpRequest.newBuilder(URI.create(question)).build(), BodyHandlers.ofString());
      if (answer.statusCode() / 100 == 2 && answer.body().equals(challenge)) {
        Instant now = world.now();
        subscriptions.put(
            callback, new Subscription(callback, channel, secret, now.plus(LEASE), now));
      }
    } catch (IOException e) {
      // As at Google: who does not answer is not subscribed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The subscriptions that there are. */
  List<SimulatorState.FeedSubscription> subscriptions() {
    return subscriptions.values().stream()
        .map(each ->
            new SimulatorState.FeedSubscription(
                each.callback(),
                each.channel().id(),
                each.secret(),
                each.until(),
                each.pushedUntil()))
        .toList();
  }

  /** Takes subscriptions that were made before. */
  void restore(List<SimulatorState.FeedSubscription> made) {
    for (SimulatorState.FeedSubscription each : made) {
      subscriptions.put(
          each.callback(),
          new Subscription(
              each.callback(),
              world.channel(each.channelId()).orElseThrow(),
              each.secret(),
              each.until(),
              each.pushedUntil()));
    }
  }

  /** Pushes what has been published since the last time; answers how many were taken. */
  int push() {
    AtomicInteger taken = new AtomicInteger();
    Instant now = world.now();
    try (ExecutorService pushing = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Subscription each : List.copyOf(subscriptions.values())) {
        if (each.until().isBefore(now)) {
          subscriptions.remove(each.callback());
          continue;
        }
        List<String> bodies = faults.arePushesLost() ? List.of() : news(each, now);
        bodies.forEach(body ->
            pushing.execute(() -> {
              if (deliver(each, body)) {
                taken.incrementAndGet();
              }
            }));
        subscriptions.put(
            each.callback(),
            new Subscription(each.callback(), each.channel(), each.secret(), each.until(), now));
      }
    }
    return taken.get();
  }

  /** What has happened to a channel's videos since the last push: published, shown, vanished. */
  private List<String> news(Subscription subscription, Instant now) {
    List<String> bodies = new ArrayList<>();
    for (Video video : world.publishedVideos(subscription.channel())) {
      Instant shown = world.shownAgainAt(video).orElse(video.publishedAt());
      Instant vanished = world.vanishedAt(video).orElse(null);
      if (vanished == null && shown.isAfter(subscription.pushedUntil())) {
        bodies.add(atom(List.of(video), List.of()));
      } else if (vanished != null
          && vanished.isAfter(subscription.pushedUntil())
          && !vanished.isAfter(now)) {
        bodies.add(atom(List.of(), List.of(new Tombstone(video, vanished))));
      }
    }
    return bodies;
  }

  private boolean deliver(Subscription subscription, String body) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(subscription.callback()))
                  .header("Content-Type", "application/atom+xml")
                  .header("X-Hub-Signature", "sha1=" + signature(subscription.secret(), body))
                  .POST(BodyPublishers.ofString(body))
                  .build(),
              BodyHandlers.ofString());
      return answer.statusCode() / 100 == 2;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String signature(String secret, String body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  @Override
  public void close() {
    background.shutdownNow();
    http.close();
  }
}
