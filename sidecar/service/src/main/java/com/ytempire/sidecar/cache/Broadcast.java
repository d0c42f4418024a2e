package com.ytempire.sidecar.cache;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Short messages from each replica to all, this one too. A message that Redis does not carry is
 * lost: nothing may depend on it. Safe to share between threads.
 */
public final class Broadcast implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Broadcast.class);

  private final StatefulRedisPubSubConnection<String, String> listening;
  private final StatefulRedisPubSubConnection<String, String> speaking;
  private final String channel;

  /** Joins a channel; all that join it by this name receive each other's messages. */
  public Broadcast(RedisClient client, String channel) {
    this.channel = "broadcast:" + channel;
    this.listening = client.connectPubSub();
    this.speaking = client.connectPubSub();
  }

  /** Has every message given to this from now on. It must be quick. */
  public void listen(Consumer<String> listener) {
    listening.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String from, String message) {
            listener.accept(message);
          }
        });
    long timeout = listening.getTimeout().toMillis();
    // The synchronous commands of a connection take long to make.
    LettuceFutures.awaitOrCancel(
        listening.async().subscribe(channel), timeout, TimeUnit.MILLISECONDS);
  }

  public void say(String message) {
    try {
      speaking
          .async()
          .publish(channel, message)
          .exceptionally(failure -> {
            log.debug("a message was lost: {}", failure.getMessage());
            return 0L;
          });
    } catch (RedisException e) {
      log.debug("a message was lost: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    listening.close();
    speaking.close();
  }
}
