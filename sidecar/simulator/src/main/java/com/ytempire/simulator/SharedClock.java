package com.ytempire.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A clock that several processes of one machine share: it runs as the machine's clock does, ahead
 * of it or behind it by an offset that any of them may change at any time. The offset is eight
 * bytes of a file that all of them map into memory. Safe to share between threads.
 */
public final class SharedClock extends Clock {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final Clock MACHINE = Clock.systemUTC();

  private final ByteBuffer offsetNanos;

  private SharedClock(ByteBuffer offsetNanos) {
    this.offsetNanos = offsetNanos;
  }

  /**
   * Opens the clock of this file, which is created with an offset of zero when it is absent.
   *
   * @throws UncheckedIOException if the file cannot be created or mapped
   */
  public static SharedClock open(Path file) {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new SharedClock(channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot share a clock by " + file, e);
    }
  }

  /** Moves the clock by this much, in every process that shares it. */
  public void advance(Duration by) {
    LONG.getAndAdd(offsetNanos, 0, by.toNanos());
  }

  /** Sets the clock, in every process that shares it. */
  public void set(Instant now) {
    LONG.setVolatile(offsetNanos, 0, Duration.between(MACHINE.instant(), now).toNanos());
  }

  /** How far it is ahead of the machine's clock; negative: behind it. */
  public Duration offset() {
    return Duration.ofNanos((long) LONG.getVolatile(offsetNanos, 0));
  }

  @Override
  public Instant instant() {
    return MACHINE.instant().plusNanos((long) LONG.getVolatile(offsetNanos, 0));
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}
