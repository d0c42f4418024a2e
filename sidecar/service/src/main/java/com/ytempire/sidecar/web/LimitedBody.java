package com.ytempire.sidecar.web;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A request's body that ends with a {@link Problem} when it is too large, whatever its headers
 * said, or when its bytes arrive too slowly. It waits for its share of memory as it is read.
 */
final class LimitedBody extends FilterInputStream {
  /** Most bytes of a body that is JSON. Room for 5,000 rows of every metric. */
  static final long MAX_BYTES = 10 * 1024 * 1024;

  private static final long DRAINED_AT_MOST = 64L * 1024 * 1024;

  private final long maximum;
  private final LargeBodies.Share share;
  private long taken;

  LimitedBody(InputStream body, long maximum, LargeBodies.Share share) {
    super(body);
    this.maximum = maximum;
    this.share = share;
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    count(value < 0 ? 0 : 1);
    return value;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    int read = super.read(into, from, length);
    count(Math.max(0, read));
    return read;
  }

  private void count(int bytes) throws IOException {
    taken += bytes;
    if (taken > maximum) {
      throw tooLarge(in, maximum, share);
    }
    share.grow(taken);
  }

  /**
   * The refusal of a body that is larger than this many bytes, after the rest of it was thrown
   * away, as far as it arrived in time.
   */
  static Problem tooLarge(InputStream rest, long maximum, LargeBodies.Share share)
      throws IOException {
    byte[] discarded = new byte[64 * 1024];
    long drained = 0;
    for (int read = 0;
        read >= 0 && drained < DRAINED_AT_MOST && !share.isLate();
        read = rest.read(discarded)) {
      drained += read;
    }
    return Problem.of(
        Problem.Type.TOO_LARGE,
        "The body has more than %,d bytes, which is the most that is taken. Send fewer rows at a time (5,000 is a good batch)."
            .formatted(maximum));
  }
}
