package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import com.ytempire.sidecar.config.QuotaSettings.Sharing;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How a day's units are shared out, as properties of the pure function. */
final class SharesTest {
  private static final Sharing HALF = new Sharing(50, 10, Duration.ofHours(4));

  private static Map<String, Integer> members(int count, Random random) {
    Map<String, Integer> weights = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      weights.put("user" + i, List.of(1, 2, 4).get(random.nextInt(3)));
    }
    return weights;
  }

  private static long sum(Map<String, Long> units) {
    return units.values().stream().mapToLong(Long::longValue).sum();
  }

  /** A day as the accounts live it: everybody draws as they like, shared out anew now and then. */
  private static final class Day {
    private final long limit;
    private final Sharing sharing;
    private final Map<String, Integer> weights;
    private final Map<String, Long> taken = new HashMap<>();
    private Map<String, Long> allotted = Map.of();

    Day(long limit, Sharing sharing, Map<String, Integer> weights) {
      this.limit = limit;
      this.sharing = sharing;
      this.weights = weights;
      shareOut(1);
    }

    void shareOut(double kept) {
      allotted = Shares.allot(limit, sharing, weights, taken, kept);
    }

    boolean draw(String user, boolean isInteractive) {
      for (String account : Shares.accounts(new Payer(user, isInteractive))) {
        if (taken.getOrDefault(account, 0L) < allotted.getOrDefault(account, 0L)) {
          taken.merge(account, 1L, Long::sum);
          return true;
        }
      }
      return false;
    }

    long left() {
      return limit - sum(taken);
    }
  }

  @Test
  void guarantees_never_sum_to_more_than_the_limit() {
    qt().withExamples(300)
        .withShrinkCycles(1_000)
        .forAll(
            longs().between(0, 1_000_000_000),
            integers().between(0, 100),
            integers().between(1, 1000),
            longs().all())
        .checkAssert((limit, percent, users, seed) -> {
          Sharing sharing = new Sharing(percent, 100 - percent, Duration.ofHours(4));
          Map<String, Integer> weights = members(users, new Random(seed));
          Map<String, Long> guarantees = Shares.guarantees(limit, sharing, weights);
          assertTrue(sum(guarantees) <= limit * percent / 100);
          assertEquals(limit, sum(Shares.allot(limit, sharing, weights, Map.of(), 1)));
        });
  }

  @Test
  void no_unit_is_given_twice_and_none_is_lost_however_the_day_goes() {
    qt().withExamples(300)
        .withShrinkCycles(1_000)
        .forAll(longs().between(0, 3000), integers().between(1, 40), longs().all())
        .checkAssert((limit, users, seed) -> {
          Random random = new Random(seed);
          Day day = new Day(limit, HALF, members(users, random));
          double kept = 1;
          for (int step = 0; step < 2000; step++) {
            if (random.nextInt(50) == 0) {
              kept = Math.max(0, kept - random.nextDouble(0.2));
              day.shareOut(kept);
            }
            day.draw("user" + random.nextInt(users), random.nextInt(5) == 0);
            assertEquals(limit, Math.max(limit, sum(day.allotted)), "more allotted than there is");
            assertTrue(day.left() >= 0);
          }
          assertEquals(limit, sum(day.allotted));
        });
  }

  @Test
  void a_user_below_its_guarantee_is_never_refused() {
    qt().withExamples(200)
        .withShrinkCycles(1_000)
        .forAll(longs().between(100, 3000), integers().between(2, 30), longs().all())
        .checkAssert((limit, users, seed) -> {
          Random random = new Random(seed);
          Map<String, Integer> weights = members(users, random);
          Day day = new Day(limit, HALF, weights);
          // All others take what they can get.
          for (int i = 1; i < users; i++) {
            while (day.draw("user" + i, true)) {
              if (random.nextInt(100) == 0) {
                day.shareOut(1);
              }
            }
          }
          long guaranteed = Shares.guarantees(limit, HALF, weights).getOrDefault("user0", 0L);
          for (long unit = 0; unit < guaranteed; unit++) {
            assertTrue(day.draw("user0", false), "refused its unit " + unit + " of " + guaranteed);
          }
        });
  }

  @Test
  void what_others_leave_unused_can_all_be_used_before_the_day_ends() {
    qt().withExamples(200)
        .withShrinkCycles(1_000)
        .forAll(longs().between(0, 3000), integers().between(1, 40), longs().all())
        .checkAssert((limit, users, seed) -> {
          Day day = new Day(limit, HALF, members(users, new Random(seed)));
          while (day.draw("user0", false)) {
            // all that it may have by day
          }
          for (double kept = 1; kept >= 0; kept -= 0.125) {
            day.shareOut(kept);
            while (day.draw("user0", false)) {
              // and what is let go in the evening
            }
          }
          assertEquals(0, day.left());
        });
  }

  @Test
  void changes_of_limit_or_members_never_allot_more_than_there_is() {
    qt().withExamples(300)
        .withShrinkCycles(1_000)
        .forAll(
            longs().between(0, 3000),
            longs().between(0, 3000),
            integers().between(1, 40),
            longs().all())
        .checkAssert((before, after, users, seed) -> {
          Random random = new Random(seed);
          Day day = new Day(before, HALF, members(users, random));
          for (int i = 0; i < 1500; i++) {
            day.draw("user" + random.nextInt(users), random.nextBoolean());
          }
          Map<String, Long> allotted =
              Shares.allot(after, HALF, members(1 + random.nextInt(60), random), day.taken, 1);
          assertEquals(Math.max(after, sum(day.taken)), sum(allotted));
          day.taken.forEach(
              (account, units) -> assertTrue(allotted.getOrDefault(account, 0L) >= units, account));
        });
  }

  @Test
  void an_interactive_call_is_served_after_background_work_took_all() {
    Day day = new Day(1000, HALF, Map.of("user0", 1, "user1", 1));
    while (day.draw("user0", false)) {
      // the nightly sync
    }
    assertTrue(day.draw("user0", true));
  }

  @Test
  void shares_follow_the_tiers_weights() {
    assertEquals(
        Map.of("starter", 71L, "growth", 142L, "scale", 285L),
        Shares.guarantees(1000, HALF, Map.of("starter", 1, "growth", 2, "scale", 4)));
  }

  @Test
  void what_is_kept_shrinks_evenly_over_the_last_hours() {
    Instant end = Instant.parse("2026-11-21T08:00:00Z");
    Duration hours = Duration.ofHours(4);
    assertEquals(1, Shares.kept(end.minus(Duration.ofHours(9)), end, hours));
    assertEquals(1, Shares.kept(end.minus(hours), end, hours));
    assertEquals(0.25, Shares.kept(end.minus(Duration.ofHours(1)), end, hours));
    assertEquals(0, Shares.kept(end, end, hours));
    assertEquals(0, Shares.kept(end, end, Duration.ZERO), "with nothing to let go");
  }

  @Test
  void shared_units_never_reduce_a_guarantee() {
    Map<String, Integer> weights = Map.of("a", 1, "b", 2, "c", 4, "d", 1);
    Map<String, Long> taken = new HashMap<>(Map.of("a", 999L, "b", 1_001L, "c", 997L, "d", 1_003L));
    taken.put(Shares.INTERACTIVE, 10_000L);
    taken.put(Shares.COMMON, 50_000L);
    // In the evening, when members spend of what is already released in part.
    for (int asked = 0; asked < 1_000; asked++) {
      Map<String, Long> allotted = Shares.allot(100_000, HALF, weights, taken, 0.8);
      assertEquals(100_000, sum(allotted));
      long common = allotted.getOrDefault(Shares.COMMON, 0L);
      assertTrue(common <= taken.getOrDefault(Shares.COMMON, 0L), "after " + asked);
      taken.put(Shares.COMMON, common);
    }
  }
}
