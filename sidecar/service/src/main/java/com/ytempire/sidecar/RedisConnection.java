package com.ytempire.sidecar;

import com.ytempire.sidecar.config.RedisSettings;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The client of Redis with its threads, which connects when it is first used. */
final class RedisConnection implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Lettuce waits up to half a minute by default, long after Redis is back. */
  private static final Delay RECONNECT_DELAY =
      Delay.fullJitter(Duration.ZERO, Duration.ofSeconds(1), 50, TimeUnit.MILLISECONDS);

  private final ClientResources resources;
  private final RedisClient client;

  RedisConnection(RedisSettings settings) {
    RedisURI uri = uri(settings);
    this.resources = ClientResources.builder().reconnectDelay(RECONNECT_DELAY).build();
    this.client = new LazyRedisClient(resources, uri);
    client.setOptions(
        ClientOptions.builder()
            // A command that waits for Redis to come back would be answered long after its caller
            // left.
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .socketOptions(SocketOptions.builder().connectTimeout(TIMEOUT).build())
            .build());
  }

  RedisClient client() {
    return client;
  }

  private static RedisURI uri(RedisSettings settings) {
    RedisURI uri = RedisURI.create(settings.url());
    @Nullable String password = settings.password();
    if (password != null) {
      RedisCredentials credentials =
          RedisCredentials.just(URI.create(settings.url()).getUserInfo(), password);
      uri.setCredentialsProvider(RedisCredentialsProvider.from(() -> credentials));
    }
    uri.setTimeout(TIMEOUT);
    return uri;
  }

  @Override
  public void close() throws InterruptedException {
    try {
      client.shutdown();
    } finally {
      resources.shutdown().await();
    }
  }
}
