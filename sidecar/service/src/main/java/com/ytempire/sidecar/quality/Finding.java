package com.ytempire.sidecar.quality;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a check found.
 *
 * @param channelId null: of the user, or of all its channels together
 * @param value in the unit of the check; null: there was nothing to judge by
 */
record Finding(@Nullable String channelId, @Nullable BigDecimal value, Level level) {
  static Finding of(Check check, @Nullable String channelId, @Nullable BigDecimal value) {
    return new Finding(channelId, value, check.judge(value));
  }

  /** The worst of some findings, as the user's own. */
  static Finding worst(Check check, List<Finding> findings) {
    Finding worst = new Finding(null, null, Level.OK);
    for (Finding each : findings) {
      int compared = each.level().compareTo(worst.level());
      if (compared > 0 || compared == 0 && check.isWorse(each.value(), worst.value())) {
        worst = each;
      }
    }
    return new Finding(null, worst.value(), worst.level());
  }

  /** How many channels are not well. */
  static int channels(List<Finding> findings) {
    return (int)
        findings.stream()
            .filter(each -> each.channelId() != null && each.level() != Level.OK)
            .count();
  }
}
