package com.ytempire.platform;

/** The subscriptions to events that n8n's triggers have made. */
public final class EventSubscriptions {
  private EventSubscriptions() {}

  /** Whether a trigger of a published workflow has subscribed to an event. */
  public static boolean includes(Http operator, String event) {
    return operator
        .get("/v1/subscriptions")
        .get("subscriptions")
        .valueStream()
        .anyMatch(each ->
            each.get("url").stringValue().contains("/webhook/")
                && each.get("events").toString().contains(event));
  }
}
