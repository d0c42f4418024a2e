package com.ytempire.sidecar.webhooks;

import com.ytempire.sidecar.web.Json;
import java.time.Instant;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** The JSON document of an event, as {@code schemas/event.json} has it. */
final class EventDocument {
  private EventDocument() {}

  /** The fields that every event has; those of its kind are for the caller to add. */
  static ObjectNode of(UUID id, String kind, Instant at, UUID userId, boolean isSample) {
    return Json.MAPPER
        .createObjectNode()
        .put("kind", kind)
        .put("eventId", id.toString())
        .put("at", at.toString())
        .put("isSample", isSample)
        .put("userId", userId.toString());
  }
}
