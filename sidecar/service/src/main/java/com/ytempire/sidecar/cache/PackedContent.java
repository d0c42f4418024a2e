package com.ytempire.sidecar.cache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Content as it is encrypted: deflated where it is long. A month of days as JSON has a tenth of its
 * length then, and the JVM of production, which has no optimizing compiler, encrypts without the
 * processor's own instructions: that takes longer than to deflate.
 */
final class PackedContent {
  /** First byte of what is deflated. No text in UTF-8 has this byte. */
  private static final byte DEFLATED = (byte) 0xff;

  /** Bytes from which on content is deflated; below, there is little to gain. */
  static final int LONG = 512;

  private PackedContent() {}

  /**
   * Packs content.
   *
   * @param content text in UTF-8
   */
  static byte[] pack(byte[] content) {
    if (content.length < LONG) {
      return content;
    }
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    ByteArrayOutputStream packed = new ByteArrayOutputStream(content.length / 4);
    packed.write(DEFLATED);
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed, deflater)) {
      out.write(content);
      out.finish();
      return packed.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
  }

  /** Unpacks what {@link #pack} made, or an older version, which never deflated; empty: neither. */
  static Optional<byte[]> unpack(byte[] packed) {
    if (packed.length == 0 || packed[0] != DEFLATED) {
      return Optional.of(packed);
    }
    try (InflaterInputStream in =
        new InflaterInputStream(new ByteArrayInputStream(packed, 1, packed.length - 1))) {
      return Optional.of(in.readAllBytes());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
