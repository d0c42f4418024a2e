package com.ytempire.sidecar.web;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * A JSON answer that is encoded while its rows are read. It holds its bytes, in pieces, and nothing
 * else: rows as objects would take several times as much memory until the last is written, which is
 * what the collector of the heap then copies for everybody. It suits rows that come out of a
 * transaction, which must not wait for a slow caller; {@link LargeAnswer} suits what is in memory
 * already. For one thread.
 */
public final class EncodedAnswer {
  /** Small enough to be allocated as any other object is, and to be written at once. */
  private static final int PIECE_BYTES = 16 * 1024;

  private final List<byte[]> full = new ArrayList<>();
  private byte[] last = new byte[PIECE_BYTES];
  private int used;

  /** Returns a generator that appends to the answer; it is to be closed after the last token. */
  public JsonGenerator generator() {
    return Json.MAPPER.createGenerator(new Pieces());
  }

  /** Bytes so far. */
  public long size() {
    return (long) full.size() * PIECE_BYTES + used;
  }

  /** Writes all bytes. */
  public void writeTo(OutputStream out) throws IOException {
    for (byte[] piece : full) {
      out.write(piece);
    }
    out.write(last, 0, used);
  }

  private void append(byte[] bytes, int from, int length) {
    int done = 0;
    while (done < length) {
      if (used == PIECE_BYTES) {
        full.add(last);
        last = new byte[PIECE_BYTES];
        used = 0;
      }
      int some = Math.min(length - done, PIECE_BYTES - used);
      System.arraycopy(bytes, from + done, last, used, some);
      used += some;
      done += some;
    }
  }

  private final class Pieces extends OutputStream {
    @Override
    public void write(int value) {
      append(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      append(bytes, from, length);
    }
  }
}
