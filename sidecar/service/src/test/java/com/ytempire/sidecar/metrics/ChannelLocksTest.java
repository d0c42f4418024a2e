package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.oauth.ChannelKey;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ChannelLocksTest {
  private final ChannelLocks locks = new ChannelLocks();
  private final ChannelKey ada = new ChannelKey(UUID.randomUUID(), "UC1");

  @Test
  void a_channel_lock_is_its_users_alone_and_ends_at_the_timeout() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> holder =
          threads.submit(() ->
              locks.run(
                  ada,
                  Duration.ofMinutes(1),
                  () -> {
                    begun.countDown();
                    return await(end);
                  }));
      try {
        assertTrue(await(begun));
        // Of another user the same channel is another one.
        ChannelKey bob = new ChannelKey(UUID.randomUUID(), ada.channelId());
        assertEquals("bob", locks.run(bob, Duration.ofMinutes(1), () -> "bob"));
        assertFalse(holder.isDone());
        assertEquals("ada", locks.run(ada, Duration.ofMillis(50), () -> "ada"));
        assertFalse(holder.isDone());
        assertEquals(1, locks.size());
      } finally {
        end.countDown();
      }
      assertTrue(holder.get(1, TimeUnit.MINUTES));
    }
    assertEquals(0, locks.size(), "what nobody holds is forgotten");
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
