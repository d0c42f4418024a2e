package com.ytempire.sidecar.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Order of service, as properties of the pure queue. */
final class FairQueueTest {
  private static final UUID HEAVY = new UUID(0, 1);
  private static final UUID LIGHT = new UUID(0, 2);

  private static FairQueue.Ticket join(FairQueue queue, UUID user, int weight) {
    return queue.join(user, weight, false).orElseThrow();
  }

  /** Runs one call after the other until none waits; answers whose they were. */
  private static List<UUID> drained(FairQueue queue) {
    List<UUID> order = new ArrayList<>();
    for (Optional<FairQueue.Ticket> next = queue.next(); next.isPresent(); next = queue.next()) {
      order.add(next.get().userId());
      queue.done(next.get());
    }
    return order;
  }

  @Test
  void a_hundred_calls_delay_another_users_two_by_one_permit() {
    FairQueue queue = new FairQueue(1, 1, 100_000, 1000);
    for (int i = 0; i < 100; i++) {
      join(queue, HEAVY, 1);
    }
    FairQueue.Ticket running = queue.next().orElseThrow();
    join(queue, LIGHT, 1);
    join(queue, LIGHT, 1);
    queue.done(running);
    List<UUID> order = drained(queue);
    assertTrue(order.indexOf(LIGHT) <= 1, order.subList(0, 5).toString());
    assertTrue(order.lastIndexOf(LIGHT) <= 3, order.subList(0, 5).toString());
  }

  @Test
  void permits_are_in_proportion_to_weights_while_all_have_calls() {
    FairQueue queue = new FairQueue(1, 1, 100_000, 10_000);
    Map<UUID, Integer> weights = Map.of(new UUID(0, 1), 1, new UUID(0, 2), 2, new UUID(0, 4), 4);
    weights.forEach((user, weight) -> {
      for (int i = 0; i < 1000; i++) {
        join(queue, user, weight);
      }
    });
    Map<UUID, Integer> turns = new HashMap<>();
    drained(queue).subList(0, 700).forEach(user -> turns.merge(user, 1, Integer::sum));
    weights.forEach((user, weight) ->
        assertEquals(100.0 * weight, turns.getOrDefault(user, 0), 2.0, user.toString()));
  }

  @Test
  void an_idle_user_gains_no_credit() {
    FairQueue queue = new FairQueue(1, 1, 100_000, 1000);
    for (int i = 0; i < 50; i++) {
      join(queue, HEAVY, 1);
    }
    for (int i = 0; i < 40; i++) {
      queue.done(queue.next().orElseThrow());
    }
    for (int i = 0; i < 10; i++) {
      join(queue, LIGHT, 1);
    }
    List<UUID> first = drained(queue).subList(0, 10);
    assertEquals(5, first.stream().filter(LIGHT::equals).count(), 1.0, first.toString());
  }

  @Test
  void bounds_on_running_and_waiting_hold_whatever_comes_and_goes() {
    Random random = new Random(1);
    FairQueue queue = new FairQueue(8, 3, 100_000, 20);
    List<FairQueue.Ticket> waiting = new ArrayList<>();
    List<FairQueue.Ticket> running = new ArrayList<>();
    for (int step = 0; step < 50_000; step++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          UUID user = new UUID(0, random.nextInt(5));
          long own = waiting.stream().filter(ticket -> ticket.userId().equals(user)).count();
          Optional<FairQueue.Ticket> ticket =
              queue.join(user, 1 + random.nextInt(4), random.nextBoolean());
          assertEquals(own < 20, ticket.isPresent());
          ticket.ifPresent(waiting::add);
        }
        case 2 -> {
          Optional<FairQueue.Ticket> next = queue.next();
          // Nobody waits in vain: if none may run, all places are taken, or all places of everybody
          // who waits.
          if (next.isEmpty() && running.size() < 8) {
            waiting.forEach(ticket ->
                assertEquals(
                    3, running.stream().filter(r -> r.userId().equals(ticket.userId())).count()));
          }
          next.ifPresent(ticket -> {
            waiting.remove(ticket);
            running.add(ticket);
          });
        }
        default -> {
          if (random.nextBoolean() && !running.isEmpty()) {
            queue.done(running.remove(random.nextInt(running.size())));
          } else if (!waiting.isEmpty()) {
            assertTrue(queue.leave(waiting.remove(random.nextInt(waiting.size()))));
          }
        }
      }
      assertEquals(running.size(), queue.running());
      assertEquals(waiting.size(), queue.waiting());
      assertTrue(running.size() <= 8);
    }
  }

  @Test
  void an_interactive_call_passes_the_same_users_background_calls() {
    FairQueue queue = new FairQueue(1, 1, 1000, 1000);
    for (int i = 0; i < 100; i++) {
      join(queue, HEAVY, 1);
    }
    FairQueue.Ticket running = queue.next().orElseThrow();
    FairQueue.Ticket waited = queue.join(HEAVY, 1, true).orElseThrow();
    queue.done(running);
    assertEquals(waited, queue.next().orElseThrow());
  }

  @Test
  void a_user_served_elsewhere_leaves_permits_here_to_the_others() {
    FairQueue here = new FairQueue(1, 1, 1000, 1000);
    for (int i = 0; i < 300; i++) {
      join(here, HEAVY, 1);
      join(here, LIGHT, 1);
    }
    int light = 0;
    for (int turn = 0; turn < 300; turn++) {
      FairQueue.Ticket next = here.next().orElseThrow();
      light += next.userId().equals(LIGHT) ? 1 : 0;
      here.done(next);
      // Meanwhile the other two replicas serve the heavy one, who is alone there.
      here.servedElsewhere(HEAVY, 2);
    }
    assertTrue(light >= 298, "only " + light + " of 300 turns");
  }

  @Test
  void a_user_served_elsewhere_for_long_does_not_starve_here() {
    FairQueue here = new FairQueue(1, 1, 1000, 1000);
    join(here, HEAVY, 1);
    here.servedElsewhere(HEAVY, 1_000_000);
    int before = 0;
    while (true) {
      join(here, LIGHT, 1);
      FairQueue.Ticket next = here.next().orElseThrow();
      here.done(next);
      if (next.userId().equals(HEAVY)) {
        break;
      }
      before++;
    }
    assertEquals(64, before, 1);
  }

  @Test
  void when_too_many_of_all_wait_the_next_is_refused() {
    FairQueue queue = new FairQueue(1, 1, 3, 2);
    join(queue, HEAVY, 1);
    join(queue, HEAVY, 1);
    assertTrue(queue.join(HEAVY, 1, true).isEmpty(), "two of one user");
    join(queue, LIGHT, 1);
    assertTrue(queue.join(new UUID(0, 3), 1, false).isEmpty(), "three of all");
    var _ = queue.next().orElseThrow();
    assertTrue(queue.join(new UUID(0, 3), 1, false).isPresent());
  }

  @Test
  void idle_users_are_remembered_up_to_a_limit() {
    FairQueue queue = new FairQueue(8, 1, 1000, 1000);
    FairQueue.Ticket lasting = queue.join(new UUID(1, 0), 1, true).orElseThrow();
    assertEquals(lasting, queue.next().orElseThrow());
    for (int i = 0; i < 3 * FairQueue.MAX_IDLE; i++) {
      FairQueue.Ticket once = queue.join(new UUID(2, i), 1, true).orElseThrow();
      assertEquals(once, queue.next().orElseThrow());
      queue.done(once);
    }
    assertEquals(FairQueue.MAX_IDLE + 1, queue.users());
    queue.done(lasting);
    assertEquals(0, queue.users());
  }
}
