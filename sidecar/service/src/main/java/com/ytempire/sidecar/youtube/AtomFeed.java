package com.ytempire.sidecar.youtube;

import com.ytempire.sidecar.youtube.YouTube.Upload;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads an Atom feed of YouTube's (RFC 4287, with tombstones as in RFC 6721). For one thread. */
final class AtomFeed {
  private static final String ATOM = "http://www.w3.org/2005/Atom";
  private static final String YT = "http://www.youtube.com/xml/schemas/2015";
  private static final String TOMBSTONES = "http://purl.org/atompub/tombstones/1.0";

  /** What a tombstone's reference to a video begins with. */
  private static final String VIDEO = "yt:video:";

  private final List<Upload> uploads = new ArrayList<>();
  private final List<String> removed = new ArrayList<>();

  /** The texts of the entry that is being read. */
  private final Map<String, String> entry = new HashMap<>();

  private boolean isFeed;

  private AtomFeed() {}

  /**
   * Reads the entries of a feed.
   *
   * @throws IllegalArgumentException when it is no Atom feed
   */
  static Feeds.Entries read(InputStream atom) {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    // What comes from outside names no entities and no files.
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    AtomFeed feed = new AtomFeed();
    try {
      XMLStreamReader xml = factory.createXMLStreamReader(atom);
      while (xml.hasNext()) {
        int event = xml.next();
        if (event == XMLStreamConstants.START_ELEMENT) {
          feed.begin(xml);
        } else if (event == XMLStreamConstants.END_ELEMENT) {
          feed.end(xml.getLocalName());
        }
      }
    } catch (XMLStreamException | DateTimeException e) {
      throw new IllegalArgumentException("no Atom feed: " + e.getMessage(), e);
    }
    if (!feed.isFeed) {
      throw new IllegalArgumentException("no Atom feed");
    }
    return new Feeds.Entries(feed.uploads, feed.removed);
  }

  private void begin(XMLStreamReader xml) throws XMLStreamException {
    String name = xml.getLocalName();
    isFeed |= name.equals("feed");
    if (name.equals("entry")) {
      entry.clear();
    } else if (name.equals("deleted-entry") && TOMBSTONES.equals(xml.getNamespaceURI())) {
      String ref = Objects.requireNonNullElse(xml.getAttributeValue(null, "ref"), "");
      if (ref.startsWith(VIDEO)) {
        removed.add(ref.substring(VIDEO.length()));
      }
    } else if (isText(xml)) {
      entry.putIfAbsent(name, xml.getElementText().strip());
    }
  }

  private void end(String name) {
    if (name.equals("entry") && entry.containsKey("videoId")) {
      uploads.add(
          new Upload(
              entry.getOrDefault("videoId", ""),
              entry.getOrDefault("channelId", ""),
              entry.getOrDefault("title", ""),
              OffsetDateTime.parse(entry.getOrDefault("published", "")).toInstant()));
    }
  }

  private static boolean isText(XMLStreamReader xml) {
    return switch (xml.getLocalName()) {
      case "videoId", "channelId" -> YT.equals(xml.getNamespaceURI());
      case "title", "published" -> ATOM.equals(xml.getNamespaceURI());
      default -> false;
    };
  }
}
