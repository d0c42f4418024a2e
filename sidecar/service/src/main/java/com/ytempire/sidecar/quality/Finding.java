package com.ytempire.sidecar.quality;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The value that a check measured, and its level.
 *
 * @param channelId null: of the user, or of all its channels together
 * @param value in the unit of the check; null: there was nothing to judge by, and the level is
 *     {@link Level#UNKNOWN}
 */
record Finding(@Nullable String channelId, @Nullable BigDecimal value, Level level) {
  static Finding of(Check check, @Nullable String channelId, @Nullable BigDecimal value) {
    return new Finding(channelId, value, check.judge(value));
  }

  /** A channel of which nothing can be said. */
  static Finding unknown(String channelId) {
    return new Finding(channelId, null, Level.UNKNOWN);
  }

  /** The worst of some findings, as the user's own; unknown where none is known. */
  static Finding worst(Check check, List<Finding> findings) {
    Finding worst = new Finding(null, null, Level.UNKNOWN);
    for (Finding each : findings) {
      int compared = each.level().compareTo(worst.level());
      if (compared > 0 || compared == 0 && check.isWorse(each.value(), worst.value())) {
        worst = each;
      }
    }
    return new Finding(null, worst.value(), worst.level());
  }

  /** How many channels are at warn or error. */
  static int channels(List<Finding> findings) {
    return (int)
        findings.stream()
            .filter(each -> each.channelId() != null && each.level().compareTo(Level.OK) > 0)
            .count();
  }

  /** The channels of which nothing can be said now. */
  static List<String> unknownChannels(List<Finding> findings) {
    return findings.stream()
        .filter(each -> each.level() == Level.UNKNOWN)
        .flatMap(each -> Stream.ofNullable(each.channelId()))
        .toList();
  }
}
