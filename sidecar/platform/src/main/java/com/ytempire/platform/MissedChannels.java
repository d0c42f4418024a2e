package com.ytempire.platform;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Finds channels with a reason in JSON of any form and size. */
final class MissedChannels {
  private MissedChannels() {}

  private static final class Frame {
    @Nullable String channelId;
    @Nullable String reason;
  }

  /** Of each object that has {@code channelId} and {@code reason}; the last of a channel counts. */
  static Map<String, String> read(JsonParser parser) {
    Map<String, String> reasons = new HashMap<>();
    Deque<Frame> open = new ArrayDeque<>();
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token == JsonToken.START_OBJECT) {
        open.push(new Frame());
      } else if (token == JsonToken.END_OBJECT) {
        Frame frame = open.pop();
        if (frame.channelId != null && frame.reason != null) {
          reasons.put(frame.channelId, frame.reason);
        }
      } else if (token == JsonToken.VALUE_STRING && !open.isEmpty()) {
        String name = parser.currentName();
        if ("channelId".equals(name)) {
          open.element().channelId = parser.getString();
        } else if ("reason".equals(name)) {
          open.element().reason = parser.getString();
        }
      }
    }
    return reasons;
  }
}
