package com.ytempire.platform;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A part, what happens to it, and when. */
public record Strike(String part, Signal signal, Moment moment) {
  static final String POSTGRESQL = "postgresql";

  private static final List<String> PARTS = List.of("sidecar", POSTGRESQL, "redis", "n8n");

  /** How a part is struck. */
  public enum Signal {
    /** It ends at once, with nothing written that was not written already. */
    KILL,
    /** It stands still for 20 seconds, with its connections open. */
    STOP
  }

  /** What the product does when a part is struck. */
  public enum Moment {
    /** YouTube has answered a random one of the calls of the sync. */
    FETCH,
    /** A transaction that stores rows is open. */
    STORE,
    /** A reservation of units is being settled while the sync runs. */
    SETTLE,
    /** An event has reached its subscriber, which has not answered. */
    DELIVERY
  }

  /**
   * Every pair of a part and a signal once in eight strikes, at every moment once in 32, in a
   * shuffled order.
   */
  static List<Strike> schedule(int kills, Random random) {
    List<Strike> strikes = new ArrayList<>();
    Moment[] moments = Moment.values();
    for (int cycle = 0; strikes.size() < kills; cycle++) {
      List<Strike> round = new ArrayList<>();
      for (String part : PARTS) {
        for (Signal signal : Signal.values()) {
          // Both signals of a part differ in the moment, and so do two parts of a signal.
          int moment = PARTS.indexOf(part) + 2 * signal.ordinal() + cycle;
          round.add(new Strike(part, signal, moments[moment % moments.length]));
        }
      }
      Collections.shuffle(round, random);
      strikes.addAll(round);
    }
    return List.copyOf(strikes.subList(0, kills));
  }

  @Override
  public String toString() {
    return "%s SIG%s in %s".formatted(part, signal, moment);
  }
}
