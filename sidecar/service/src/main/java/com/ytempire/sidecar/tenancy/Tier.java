package com.ytempire.sidecar.tenancy;

import java.util.Locale;
import java.util.stream.Stream;

/** A subscription tier, with its weight in the queue for Google. */
public enum Tier {
  STARTER(1),
  GROWTH(2),
  SCALE(4);

  private final int weight;

  Tier(int weight) {
    this.weight = weight;
  }

  public int weight() {
    return weight;
  }

  /** The name in the contract. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The tier of a name; {@link #STARTER} for one that is not known. */
  public static Tier of(String label) {
    return Stream.of(values())
        .filter(tier -> tier.label().equals(label))
        .findFirst()
        .orElse(STARTER);
  }
}
