package com.ytempire.sidecar.youtube;

import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.UrlEncodedContent;
import com.ytempire.sidecar.config.GoogleSettings;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@link Feeds} at youtube.com and Google's hub. Safe to share between threads. */
public final class GoogleFeeds implements Feeds {
  private static final Duration LATER = Duration.ofMinutes(15);

  private final HttpTransport transport;
  private final GoogleSettings settings;
  private final CallObserver observer;
  private final Clock clock;

  public GoogleFeeds(
      HttpTransport transport, GoogleSettings settings, CallObserver observer, Clock clock) {
    this.transport = transport;
    this.settings = settings;
    this.observer = observer;
    this.clock = clock;
  }

  @Override
  public String topic(String channelId) {
    return settings.urls().feed() + "/xml/feeds/videos.xml?channel_id=" + channelId;
  }

  @Override
  public Entries latest(String channelId) {
    GenericUrl url = new GenericUrl(settings.urls().feed() + "/feeds/videos.xml");
    url.set("channel_id", channelId);
    return sent(
        "feed",
        () -> {
          HttpResponse answer =
              transport
                  .createRequestFactory(request -> GoogleRequests.prepare(request, settings))
                  .buildGetRequest(url)
                  .execute();
          try (InputStream body = answer.getContent()) {
            return read(body);
          } finally {
            answer.disconnect();
          }
        });
  }

  @Override
  public void subscribe(String channelId, String callback, String secret, Duration lease) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("hub.mode", "subscribe");
    form.put("hub.topic", topic(channelId));
    form.put("hub.callback", callback);
    form.put("hub.secret", secret);
    form.put("hub.lease_seconds", String.valueOf(lease.toSeconds()));
    sent(
        "hub.subscribe",
        () -> {
          HttpRequest request =
              transport
                  .createRequestFactory(each -> GoogleRequests.prepare(each, settings))
                  .buildPostRequest(
                      new GenericUrl(settings.urls().hub()), new UrlEncodedContent(form));
          request.execute().disconnect();
          return true;
        });
  }

  private <T> T sent(String method, MeteredCalls.Sender<T> request) {
    Instant began = clock.instant();
    String outcome = "unreachable";
    try {
      T answer = request.send();
      outcome = "ok";
      return answer;
    } catch (IOException | IllegalArgumentException e) {
      throw new YouTubeException(
          new Failure.Unavailable(
              "YouTube's %s does not answer: %s".formatted(method, e.getMessage()),
              clock.instant().plus(LATER)),
          e);
    } finally {
      observer.called(null, method, outcome, Duration.between(began, clock.instant()));
    }
  }

  @Override
  public Entries read(InputStream atom) {
    return AtomFeed.read(atom);
  }
}
