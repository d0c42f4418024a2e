package com.ytempire.sidecar.fairness;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes scheduling fair over all replicas: each publishes, ten times a second, how many permits
 * every user got from it, and the others count them as if they had granted them. By the same
 * messages a replica knows how many there are, and runs its part of the calls. A lost message
 * (Redis is unavailable) costs fairness between replicas, never within one.
 */
public final class Replicas {
  /** How often to call {@link #publish}. */
  public static final Duration PUBLISH_INTERVAL = Duration.ofMillis(100);

  /** A replica without a message for so long counts as stopped. */
  private static final Duration EXPIRY = Duration.ofSeconds(3);

  /** Longest pause between messages, even when no permit was granted. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String name = UUID.randomUUID().toString();
  private final Map<String, FairScheduler> schedulers;
  private final Consumer<String> out;
  private final Clock clock;
  private final Map<String, Instant> lastHeard = new ConcurrentHashMap<>();
  private @Nullable Instant publishedAt;
  private int known = 1;

  /** Permits by weight of each user, by service of Google's. */
  private record Message(
      @Nullable String replica, @Nullable Map<String, Map<UUID, Double>> served) {}

  /**
   * Makes the publisher of this replica.
   *
   * @param schedulers by a name that all replicas use
   * @param out carries a message to all replicas; may lose it, may also bring it back here
   */
  public Replicas(Map<String, FairScheduler> schedulers, Consumer<String> out, Clock clock) {
    this.schedulers = Map.copyOf(schedulers);
    schedulers.values().forEach(FairScheduler::startPublishing);
    this.out = out;
    this.clock = clock;
  }

  /** Publishes the permits granted here. Called by one thread. */
  public void publish() {
    Map<String, Map<UUID, Double>> served = new TreeMap<>();
    schedulers.forEach((service, each) -> {
      Map<UUID, Double> here = each.drainServed();
      if (!here.isEmpty()) {
        served.put(service, here);
      }
    });
    Instant now = clock.instant();
    if (!served.isEmpty() || publishedAt == null || !now.isBefore(publishedAt.plus(HEARTBEAT))) {
      publishedAt = now;
      out.accept(JSON.writeValueAsString(new Message(name, served)));
    }
    lastHeard.values().removeIf(last -> last.plus(EXPIRY).isBefore(now));
    if (count() != known) {
      known = count();
      schedulers.values().forEach(each -> each.share(known));
    }
  }

  /** A message came, of another replica or of this one. */
  public void receive(String text) {
    Message message;
    try {
      message = JSON.readValue(text, Message.class);
    } catch (JacksonException e) {
      return; // of a version that speaks otherwise
    }
    if (message.replica() == null || message.served() == null) {
      return;
    }
    if (!message.replica().equals(name)) {
      lastHeard.put(message.replica(), clock.instant());
      message
          .served()
          .forEach((service, served) -> {
            FairScheduler here = schedulers.get(service);
            if (here != null) {
              here.applyRemote(served);
            }
          });
    }
  }

  /** How many replicas there are, with this one. */
  public int count() {
    return lastHeard.size() + 1;
  }
}
