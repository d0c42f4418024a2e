package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;

final class MissedChannelsTest {
  @Test
  void the_last_reason_of_each_channel_is_found_at_any_depth() {
    String execution =
        """
        {"data": {"resultData": {"runData": {
          "Fetch": [{"data": {"main": [
            [{"json": {"channelId": "UCa", "views": 7}}],
            [{"json": {"channelId": "UCa", "report": "channel-day", "reason": "busy"}},
             {"json": {"reason": "unavailable", "nested": {"channelId": "UCc"}, "channelId": "UCb"}}]]}},
           {"data": {"main": [[], [{"json": {"channelId": "UCa", "reason": "quota-exhausted"}}]]}}],
          "Text": ["channelId", "reason"]}}}}
        """;
    try (JsonParser parser = Http.JSON.createParser(execution)) {
      assertEquals(
          Map.of("UCa", "quota-exhausted", "UCb", "unavailable"), MissedChannels.read(parser));
    }
  }
}
