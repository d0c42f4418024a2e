package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.config.QuotaSettings.Sharing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Divides a window's units among its accounts: a pure function of the limit, the weights, the time,
 * and what has been taken.
 *
 * <p>A part of the limit is split into guaranteed shares by weight, a part is kept for calls that a
 * person waits for, and the rest is common: whoever has used up its share borrows from it. Near the
 * end of the window what is still unclaimed is released into the common part, so that no unit need
 * stay unspent. Whoever draws does so from its own share first, then from the common part, and last
 * (a person waits) from what is kept for that; each is an account of its own, so that nobody can
 * reach into another's share.
 */
final class Shares {
  static final String COMMON = "common";
  static final String INTERACTIVE = "interactive";

  private Shares() {}

  /** The accounts that a payer may draw from, in order. */
  static List<String> accounts(Payer payer) {
    return payer.isInteractive()
        ? List.of(payer.account(), COMMON, INTERACTIVE)
        : List.of(payer.account(), COMMON);
  }

  /** Units that are guaranteed to each member; together never more than the limit. */
  static Map<String, Long> guarantees(long limit, Sharing sharing, Map<String, Integer> weights) {
    long all = weights.values().stream().mapToLong(Integer::longValue).sum();
    long guaranteed = percent(limit, sharing.guaranteedPercent());
    Map<String, Long> shares = new TreeMap<>();
    // Without members nothing is guaranteed, and all is common.
    weights.forEach((member, weight) -> shares.put(member, guaranteed * weight / all));
    return shares;
  }

  /** Which part of what is unclaimed is still kept, 1 to 0. */
  static double kept(Instant now, Instant end, Duration release) {
    long left = Duration.between(now, end).toMillis();
    if (left <= 0) {
      return 0;
    }
    return left >= release.toMillis() ? 1 : (double) left / release.toMillis();
  }

  /**
   * What each account may take in the whole window, at least what it has taken. Together at most
   * the limit, unless more has been taken already (the limit was lowered).
   *
   * @param weights of the members, at least 1 each
   * @param taken by account, of members and of others
   * @param kept {@link #kept}
   */
  static Map<String, Long> allot(
      long limit,
      Sharing sharing,
      Map<String, Integer> weights,
      Map<String, Long> taken,
      double kept) {
    Map<String, Long> unclaimed = new TreeMap<>();
    Map<String, Long> claims = guarantees(limit, sharing, weights);
    claims.put(INTERACTIVE, percent(limit, sharing.interactivePercent()));
    claims.forEach((account, claim) ->
        unclaimed.put(
            account, (long) (Math.max(0, claim - taken.getOrDefault(account, 0L)) * kept)));

    boolean hasCommonTakenItsPart = taken.getOrDefault(COMMON, 0L) >= limit - sum(claims);
    long free = Math.max(0, limit - sum(taken));
    long wanted = sum(unclaimed);
    Map<String, Long> allotted = new TreeMap<>(taken);
    long common = free;
    for (Map.Entry<String, Long> each : unclaimed.entrySet()) {
      // Others have taken more than was common, when the limit or the members changed.
      long may =
          wanted <= free
              ? each.getValue()
              : (long) ((double) each.getValue() * free / Math.max(1, wanted));
      allotted.merge(each.getKey(), may, Long::sum);
      common -= may;
    }
    if (wanted > free && hasCommonTakenItsPart) {
      // What rounding leaves is common, but no more than its part: taken one by one it would wear
      // the
      // members' shares away.
      for (Map.Entry<String, Long> each : unclaimed.entrySet()) {
        long share =
            allotted.getOrDefault(each.getKey(), 0L) - taken.getOrDefault(each.getKey(), 0L);
        if (common > 0 && share < each.getValue()) {
          allotted.merge(each.getKey(), 1L, Long::sum);
          common--;
        }
      }
    }
    allotted.merge(COMMON, Math.max(0, common), Long::sum);
    return allotted;
  }

  private static long sum(Map<String, Long> units) {
    return units.values().stream().mapToLong(Long::longValue).sum();
  }

  private static long percent(long limit, int percent) {
    return limit / 100 * percent + limit % 100 * percent / 100;
  }
}
