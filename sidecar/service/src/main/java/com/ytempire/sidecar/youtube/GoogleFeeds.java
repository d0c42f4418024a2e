package com.ytempire.sidecar.youtube;

import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.UrlEncodedContent;
import com.ytempire.sidecar.config.Config.Google;
import com.ytempire.sidecar.youtube.YouTube.Upload;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** {@link Feeds} at youtube.com and Google's hub. Safe to share between threads. */
public final class GoogleFeeds implements Feeds {
  private static final String YT = "http://www.youtube.com/xml/schemas/2015";
  private static final String TOMBSTONES = "http://purl.org/atompub/tombstones/1.0";

  /** What a tombstone's reference to a video begins with. */
  private static final String VIDEO = "yt:video:";

  private static final Duration LATER = Duration.ofMinutes(15);

  private final HttpTransport transport;
  private final Google settings;
  private final CallObserver observer;
  private final Clock clock;

  public GoogleFeeds(HttpTransport transport, Google settings, CallObserver observer, Clock clock) {
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

  private <T> T sent(String method, MeteredCalls.Sent<T> request) {
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
      observer.called(method, outcome, Duration.between(began, clock.instant()));
    }
  }

  @Override
  public Entries read(InputStream atom) {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    // What comes from outside names no entities and no files.
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    List<Upload> uploads = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    try {
      XMLStreamReader xml = factory.createXMLStreamReader(atom);
      Map<String, String> entry = new HashMap<>();
      boolean isFeed = false;
      while (xml.hasNext()) {
        switch (xml.next()) {
          case XMLStreamConstants.START_ELEMENT -> {
            isFeed |= xml.getLocalName().equals("feed");
            if (xml.getLocalName().equals("entry")) {
              entry.clear();
            } else if (xml.getLocalName().equals("deleted-entry")
                && TOMBSTONES.equals(xml.getNamespaceURI())) {
              String ref = Objects.requireNonNullElse(xml.getAttributeValue(null, "ref"), "");
              if (ref.startsWith(VIDEO)) {
                removed.add(ref.substring(VIDEO.length()));
              }
            } else if (isText(xml)) {
              entry.putIfAbsent(xml.getLocalName(), xml.getElementText().strip());
            }
          }
          case XMLStreamConstants.END_ELEMENT -> {
            if (xml.getLocalName().equals("entry") && entry.containsKey("videoId")) {
              uploads.add(
                  new Upload(
                      entry.getOrDefault("videoId", ""),
                      entry.getOrDefault("channelId", ""),
                      entry.getOrDefault("title", ""),
                      OffsetDateTime.parse(entry.getOrDefault("published", "")).toInstant()));
            }
          }
          default -> {}
        }
      }
      if (!isFeed) {
        throw new IllegalArgumentException("no Atom feed");
      }
    } catch (XMLStreamException | DateTimeException e) {
      throw new IllegalArgumentException("no Atom feed: " + e.getMessage(), e);
    }
    return new Entries(uploads, removed);
  }

  private static boolean isText(XMLStreamReader xml) {
    return switch (xml.getLocalName()) {
      case "videoId", "channelId" -> YT.equals(xml.getNamespaceURI());
      case "title", "published" -> "http://www.w3.org/2005/Atom".equals(xml.getNamespaceURI());
      default -> false;
    };
  }
}
