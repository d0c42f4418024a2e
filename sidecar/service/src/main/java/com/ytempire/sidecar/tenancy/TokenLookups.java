package com.ytempire.sidecar.tenancy;

import com.ytempire.sidecar.web.Authenticator.Holder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests that show the same token at the same time share lookups of it. Lookups of all users
 * wait in one line, since nobody knows yet who asks; a hundred requests of one customer at once
 * would otherwise stand in it before those of everybody else.
 *
 * <p>A request shares no lookup that began before it came, so that a revoked token is refused from
 * the moment on that it is revoked: of a token one lookup is under way and one waits, which serves
 * all requests that came meanwhile. Safe to share between threads.
 */
final class TokenLookups {
  /** How long a request waits for another's lookup before it looks by itself. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  private final ReentrantLock lock = new ReentrantLock();

  /** By the hash of their token; there is one only while requests ask for it. */
  private final Map<String, Line> lines = new HashMap<>();

  /** The lookups of one token. */
  private static final class Line {
    private @Nullable CompletableFuture<Optional<Holder>> running;
    private @Nullable CompletableFuture<Optional<Holder>> next;
  }

  /**
   * The part of one request.
   *
   * @param own the lookup that it carries out; null: it takes the answer of another's
   * @param before what is awaited before, or instead where there is no {@code own}
   */
  private record Part(
      Line line,
      @Nullable CompletableFuture<Optional<Holder>> own,
      @Nullable CompletableFuture<Optional<Holder>> before) {}

  /**
   * Returns what a lookup finds that begins now or later, its own or another request's. When that
   * of another fails or takes longer than two seconds, the request looks by itself.
   */
  Optional<Holder> find(String hash, Supplier<Optional<Holder>> lookup) {
    Part part = join(hash);
    CompletableFuture<Optional<Holder>> own = part.own();
    if (own == null) {
      CompletableFuture<Optional<Holder>> shared = Objects.requireNonNull(part.before());
      return isAnswered(shared) ? shared.resultNow() : lookup.get();
    }
    try {
      if (part.before() != null) {
        var _ = isAnswered(part.before());
      }
      begin(part.line(), own);
      Optional<Holder> found = lookup.get();
      own.complete(found);
      return found;
    } finally {
      end(hash, part.line(), own);
      // Only where the lookup failed; who shares it then looks by itself.
      var _ = own.cancel(false);
    }
  }

  /** Tokens that are looked up now. */
  int size() {
    lock.lock();
    try {
      return lines.size();
    } finally {
      lock.unlock();
    }
  }

  private Part join(String hash) {
    lock.lock();
    try {
      Line line = lines.computeIfAbsent(hash, key -> new Line());
      CompletableFuture<Optional<Holder>> running = line.running;
      CompletableFuture<Optional<Holder>> next = line.next;
      if (next != null) {
        return new Part(line, null, next);
      }
      CompletableFuture<Optional<Holder>> own = new CompletableFuture<>();
      if (running == null) {
        line.running = own;
      } else {
        line.next = own;
      }
      return new Part(line, own, running);
    } finally {
      lock.unlock();
    }
  }

  /** From here on requests that come share the one after this. */
  private void begin(Line line, CompletableFuture<Optional<Holder>> own) {
    lock.lock();
    try {
      if (line.next == own) {
        line.next = null;
        line.running = own;
      }
    } finally {
      lock.unlock();
    }
  }

  private void end(String hash, Line line, CompletableFuture<Optional<Holder>> own) {
    lock.lock();
    try {
      if (line.running == own) {
        line.running = null;
      }
      if (line.next == own) {
        line.next = null;
      }
      if (line.running == null && line.next == null) {
        lines.remove(hash, line);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for an answer; false: it failed, or was not there in time. */
  private static boolean isAnswered(CompletableFuture<Optional<Holder>> lookup) {
    try {
      var _ = lookup.get(LONGEST_WAIT.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException | CancellationException e) {
      return false;
    }
  }
}
