package com.ytempire.sidecar.db;

import java.util.Arrays;

/**
 * A byte array that grows as big-endian numbers are appended. A {@link java.io.DataOutputStream}
 * takes a lock and a call for each byte, which is most of the time of a batch's arrays where only
 * the JVM's quick compiler compiles. For one thread.
 */
final class BinaryOutput {
  private byte[] bytes;
  private int size;

  /**
   * Makes an empty array.
   *
   * @param capacity bytes for which it needs not grow
   */
  BinaryOutput(int capacity) {
    this.bytes = new byte[capacity];
  }

  void putByte(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  void putShort(int value) {
    reserve(Short.BYTES);
    bytes[size] = (byte) (value >> 8);
    bytes[size + 1] = (byte) value;
    size += Short.BYTES;
  }

  void putInt(int value) {
    reserve(Integer.BYTES);
    setInt(size, value);
    size += Integer.BYTES;
  }

  void putLong(long value) {
    putInt((int) (value >> Integer.SIZE));
    putInt((int) value);
  }

  void putBytes(byte[] some) {
    reserve(some.length);
    System.arraycopy(some, 0, bytes, size, some.length);
    size += some.length;
  }

  /** Overwrites four bytes that were appended before. */
  void setInt(int place, int value) {
    bytes[place] = (byte) (value >> 24);
    bytes[place + 1] = (byte) (value >> 16);
    bytes[place + 2] = (byte) (value >> 8);
    bytes[place + 3] = (byte) value;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
