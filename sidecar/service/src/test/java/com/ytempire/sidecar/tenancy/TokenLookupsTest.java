package com.ytempire.sidecar.tenancy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.web.Authenticator.Holder;
import com.ytempire.sidecar.web.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TokenLookupsTest {
  private static final Optional<Holder> HOLDER =
      Optional.of(new Holder(UUID.randomUUID(), Role.USER, UUID.randomUUID(), Set.of()));

  private final TokenLookups lookups = new TokenLookups();
  private final CountDownLatch began = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);

  private FutureTask<Optional<Holder>> start(String hash, Supplier<Optional<Holder>> lookup) {
    FutureTask<Optional<Holder>> task = new FutureTask<>(() -> lookups.find(hash, lookup));
    Thread.ofVirtual().start(task);
    return task;
  }

  /** Begins a lookup that lasts until {@code end}. */
  private FutureTask<Optional<Holder>> first(Supplier<Optional<Holder>> answer)
      throws InterruptedException {
    FutureTask<Optional<Holder>> task =
        start(
            "a",
            () -> {
              Optional<Holder> seen = answer.get();
              began.countDown();
              try {
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return seen;
            });
    began.await();
    return task;
  }

  /** As {@link #start}, once it waits for another's lookup. */
  private FutureTask<Optional<Holder>> waiting(Supplier<Optional<Holder>> lookup) {
    FutureTask<Optional<Holder>> task = new FutureTask<>(() -> lookups.find("a", lookup));
    Thread thread = Thread.ofVirtual().start(task);
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return task;
  }

  @Test
  void requests_of_one_token_at_once_share_the_lookup_after_the_one_under_way() throws Exception {
    AtomicInteger made = new AtomicInteger();
    Supplier<Optional<Holder>> counted =
        () -> {
          made.incrementAndGet();
          return HOLDER;
        };
    List<FutureTask<Optional<Holder>>> all = new ArrayList<>();
    all.add(first(counted));
    for (int i = 0; i < 100; i++) {
      all.add(waiting(counted));
    }
    assertEquals(1, made.get());
    end.countDown();
    for (FutureTask<Optional<Holder>> each : all) {
      assertEquals(HOLDER, each.get());
    }
    assertEquals(2, made.get());
    assertEquals(0, lookups.size());
  }

  @Test
  void a_request_shares_no_lookup_that_began_before_it_came() throws Exception {
    AtomicReference<Optional<Holder>> stored = new AtomicReference<>(HOLDER);
    FutureTask<Optional<Holder>> before = first(stored::get);
    stored.set(Optional.empty());
    FutureTask<Optional<Holder>> after = waiting(stored::get);
    FutureTask<Optional<Holder>> too = waiting(stored::get);
    end.countDown();
    assertEquals(HOLDER, before.get());
    assertEquals(Optional.empty(), after.get());
    assertEquals(Optional.empty(), too.get());
  }

  @Test
  void who_shares_a_lookup_that_fails_looks_by_itself() throws Exception {
    FutureTask<Optional<Holder>> one = first(() -> HOLDER);
    FutureTask<Optional<Holder>> failing =
        waiting(() -> {
          throw new IllegalStateException("away");
        });
    FutureTask<Optional<Holder>> other = waiting(() -> HOLDER);
    end.countDown();
    assertEquals(HOLDER, one.get());
    assertThrows(ExecutionException.class, failing::get);
    assertEquals(HOLDER, other.get());
    assertEquals(0, lookups.size());
  }

  @Test
  void another_token_waits_for_none() throws Exception {
    FutureTask<Optional<Holder>> one = first(() -> HOLDER);
    assertEquals(Optional.empty(), start("b", Optional::empty).get());
    end.countDown();
    assertEquals(HOLDER, one.get());
  }
}
