package com.ytempire.sidecar;

import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StatefulRedisConnectionImpl;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.protocol.PushHandler;
import io.lettuce.core.pubsub.PubSubEndpoint;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnectionImpl;
import io.lettuce.core.pubsub.api.sync.RedisPubSubCommands;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A Redis client whose connections make their synchronous commands when they are first used. To
 * make them looks up each of some 700 methods by reflection, which was a tenth of the sidecar's
 * start. Safe to share between threads.
 */
final class LazyRedisClient extends RedisClient {
  LazyRedisClient(ClientResources resources, RedisURI uri) {
    super(resources, uri);
  }

  @Override
  protected <K, V> StatefulRedisConnectionImpl<K, V> newStatefulRedisConnection(
      RedisChannelWriter writer,
      PushHandler pushHandler,
      RedisCodec<K, V> codec,
      Duration timeout) {
    return new Connection<>(writer, pushHandler, codec, timeout);
  }

  @Override
  protected <K, V> StatefulRedisPubSubConnectionImpl<K, V> newStatefulRedisPubSubConnection(
      PubSubEndpoint<K, V> endpoint,
      RedisChannelWriter writer,
      RedisCodec<K, V> codec,
      Duration timeout) {
    return new PubSubConnection<>(endpoint, writer, codec, timeout);
  }

  private static final class Connection<K, V> extends StatefulRedisConnectionImpl<K, V> {
    private @Nullable RedisCommands<K, V> commands;

    Connection(
        RedisChannelWriter writer, PushHandler handler, RedisCodec<K, V> codec, Duration timeout) {
      super(writer, handler, codec, timeout);
    }

    /** Called by the constructor of the base class. */
    @Override
    protected @Nullable RedisCommands<K, V> newRedisSyncCommandsImpl() {
      return null;
    }

    @Override
    public synchronized RedisCommands<K, V> sync() {
      RedisCommands<K, V> made = commands;
      if (made == null) {
        made = super.newRedisSyncCommandsImpl();
        commands = made;
      }
      return made;
    }
  }

  private static final class PubSubConnection<K, V>
      extends StatefulRedisPubSubConnectionImpl<K, V> {
    private @Nullable RedisPubSubCommands<K, V> commands;

    PubSubConnection(
        PubSubEndpoint<K, V> endpoint,
        RedisChannelWriter writer,
        RedisCodec<K, V> codec,
        Duration timeout) {
      super(endpoint, writer, codec, timeout);
    }

    /** Called by the constructor of the base class. */
    @Override
    protected @Nullable RedisPubSubCommands<K, V> newRedisSyncCommandsImpl() {
      return null;
    }

    @Override
    public synchronized RedisPubSubCommands<K, V> sync() {
      RedisPubSubCommands<K, V> made = commands;
      if (made == null) {
        made = super.newRedisSyncCommandsImpl();
        commands = made;
      }
      return made;
    }
  }
}
