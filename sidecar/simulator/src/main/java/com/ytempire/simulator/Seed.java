package com.ytempire.simulator;

import java.time.LocalDate;
import java.util.Base64;

/**
 * Numbers and texts that depend on nothing but a seed and the keys by which they are asked for.
 * Immutable.
 */
final class Seed {
  private final long seed;

  Seed(long seed) {
    this.seed = seed;
  }

  /** A number in [0, 1) that depends on nothing but the seed and the two keys. */
  double unit(long a, long b) {
    return (mix(seed * 0x9E3779B97F4A7C15L + mix(a * 0xBF58476D1CE4E5B9L + mix(b))) >>> 11)
        * 0x1.0p-53;
  }

  /** Returns characters that may stand in an id of YouTube's. */
  String text(long a, long b, int length) {
    byte[] bytes = new byte[24];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (unit(a, b * 100 + i) * 256);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).substring(0, length);
  }

  /**
   * SplitMix64's finaliser, by Sebastiano Vigna, public domain:
   * https://prng.di.unimi.it/splitmix64.c.
   */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Whether something that happens to a share of the channels does so on a day. */
  boolean happens(
      int channel, int what, double shareOfChannels, LocalDate day, double shareOfDays) {
    return unit(channel, 250_000L + what) < shareOfChannels
        && unit(channel * 31L + what, day.toEpochDay() * 53 + what) < shareOfDays;
  }
}
