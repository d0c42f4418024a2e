package com.ytempire.sidecar.webhooks;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.sidecar.testing.Receiver;
import com.ytempire.simulator.Catalog;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A platform with two users, and a receiver of their events. A test has its own of each. */
abstract class WebhookFixture {
  final Platform platform = new Platform(2, 2, Map.of("YTEMPIRE_QUOTA_DATA_SEARCH", "40"));
  final Receiver receiver = new Receiver();
  final List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
  final String one = channels.getFirst().id();
  String ada = "";
  String bob = "";
  String service = "";

  @BeforeEach
  void connect() {
    ada = platform.connectedUser(0);
    bob = platform.connectedUser(1);
    service = platform.token("service", null);
  }

  @AfterEach
  void close() {
    platform.close();
    receiver.close();
  }

  record NewSubscription(String id, String secret) {}

  NewSubscription subscribe(String url, @Nullable String userId, String... events) {
    Map<String, Object> body = new LinkedHashMap<>(Map.of("url", url, "events", List.of(events)));
    if (userId != null) {
      body.put("userId", userId);
    }
    Answer made = platform.post("/v1/subscriptions", service, body).expect(201);
    return new NewSubscription(
        made.body().get("subscription").get("subscriptionId").stringValue(), made.text("secret"));
  }

  Answer subscription(NewSubscription subscribed) {
    return platform.get("/v1/subscriptions/" + subscribed.id(), service);
  }

  Map<String, Object> video(String userId, String channel, String id, Duration age) {
    return Map.of(
        "kind",
        "video",
        "userId",
        userId,
        "channelId",
        channel,
        "videoId",
        id,
        "title",
        "Title of " + id,
        "publishedAt",
        platform.clock.instant().minus(age).toString());
  }

  void store(boolean isDryRun, List<Map<String, Object>> rows) {
    platform
        .post("/v1/metrics/store", service, Map.of("rows", rows, "dryRun", isDryRun))
        .expect(200);
  }

  void upload(String id) {
    store(false, List.of(video(ada, one, id, Duration.ofHours(1))));
  }

  /** The sidecar notes what an address said after it has said it. */
  void awaitFailing(NewSubscription subscribed) {
    Polling.until(
        "a failure of the subscription",
        () -> !subscription(subscribed).expect(200).body().get("lastError").isNull());
  }

  void awaitWaiting(NewSubscription subscribed, int wanted) {
    Polling.until(
        wanted + " events that are due",
        () -> subscription(subscribed).expect(200).body().get("waiting").intValue() == wanted);
  }
}
