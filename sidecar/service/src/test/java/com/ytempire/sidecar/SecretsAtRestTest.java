package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.sidecar.testing.Receiver;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Signing secrets in the database: of webhooks that go out, and of YouTube's pushes that come. */
final class SecretsAtRestTest {
  private final Platform platform = new Platform(1, 1, Map.of("YTEMPIRE_UPLOADS_PUSH", "on"));
  private final Receiver receiver = new Receiver();
  private String ada = "";
  private String channel = "";
  private String service = "";
  private int videos;

  @BeforeEach
  void connect() {
    ada = platform.connectedUser(0);
    channel = platform.world.accounts().getFirst().channels().getFirst().id();
    service = platform.token("service", null);
  }

  @AfterEach
  void close() {
    platform.close();
    receiver.close();
  }

  /** A subscription; answers its secret. */
  private String subscribe() {
    return platform
        .post(
            "/v1/subscriptions",
            service,
            Map.of("url", receiver.url(), "events", List.of("new-video")))
        .expect(201)
        .text("secret");
  }

  private String stored(String table) {
    return String.valueOf(
        platform.admin("select secret from core." + table).getFirst().get("secret"));
  }

  /** Stores a new video, which is an event. */
  private void storeVideo(String videoId) {
    platform
        .post(
            "/v1/metrics/store",
            service,
            Map.of(
                "rows",
                List.of(
                    Map.of(
                        "kind",
                        "video",
                        "userId",
                        ada,
                        "channelId",
                        channel,
                        "videoId",
                        videoId,
                        "title",
                        "Title",
                        "publishedAt",
                        platform.clock.instant().toString()))))
        .expect(200);
  }

  /** An event that is delivered, and must be signed with this secret. */
  private void requireSignedWith(String secret) {
    String video = "signedvide" + videos++;
    storeVideo(video);
    Receiver.Call call = receiver.next();
    assertEquals(video, call.text("videoId"));
    assertTrue(call.isSignedWith(secret), call.toString());
  }

  private void watchUploads() {
    Answer fetched =
        platform.post(
            "/v1/metrics/fetch",
            service,
            Map.of(
                "requests",
                List.of(Map.of("userId", ada, "channelId", channel, "report", "recent-uploads")),
                "onlyDue",
                true));
    fetched.expect(200);
    assertEquals(1, platform.count("core.upload_watches"));
  }

  @Test
  void signing_secrets_are_stored_encrypted() {
    String secret = subscribe();
    watchUploads();
    assertFalse(stored("webhook_subscriptions").contains(secret.substring(6)));
    for (String table : List.of("webhook_subscriptions", "upload_watches")) {
      assertTrue(stored(table).startsWith("aead:"), stored(table));
    }
    requireSignedWith(secret);
  }

  @Test
  void secrets_of_a_former_version_are_encrypted_and_go_on_signing() {
    String secret = subscribe();
    watchUploads();
    platform.execute(
        "update core.webhook_subscriptions set secret = '%s'; update core.upload_watches set secret = 'in-clear'"
            .formatted(secret));
    requireSignedWith(secret);
    platform.app.runJobs();
    for (String table : List.of("webhook_subscriptions", "upload_watches")) {
      assertTrue(stored(table).startsWith("aead:"), stored(table));
    }
    requireSignedWith(secret);
  }

  @Test
  void the_key_of_signing_secrets_is_changed_with_that_of_the_grants() {
    String secret = subscribe();
    watchUploads();
    String before = stored("upload_watches");
    for (UnaryOperator<String> step :
        List.<UnaryOperator<String>>of(
            GrantCipher::added, GrantCipher::promoted, GrantCipher::pruned)) {
      platform.restart(step);
      platform.app.runJobs();
      requireSignedWith(secret);
    }
    assertFalse(stored("upload_watches").equals(before), "the old key encrypted it");
  }

  @Test
  void a_secret_copied_to_another_address_does_not_decrypt() {
    var _ = subscribe();
    platform.execute(
        "update core.webhook_subscriptions set url = '%s/other'".formatted(receiver.url()));
    storeVideo("unsignedvid");
    Polling.until(
        "an error of the subscription",
        () ->
            !platform
                .admin("select 1 as n from core.webhook_subscriptions where last_error is not null")
                .isEmpty());
    assertEquals(
        "secret not usable",
        platform
            .admin("select last_error from core.webhook_subscriptions")
            .getFirst()
            .get("last_error"));
    assertEquals(0, receiver.more());
  }
}
