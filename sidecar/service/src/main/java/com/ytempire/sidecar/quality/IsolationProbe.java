package com.ytempire.sidecar.quality;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.LoginProbe;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.DatabaseLogins;
import com.ytempire.sidecar.tenancy.DatabaseLogins.Credentials;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries every six hours whether two active users, drawn at random, see each other's rows, with a
 * database login of each that is made for it and dropped afterwards. A leak stands until a probe of
 * the same users, which are tried before others, finds none. Of one thread, but for its figures.
 */
public final class IsolationProbe {
  private static final Logger log = LoggerFactory.getLogger(IsolationProbe.class);

  private static final Duration INTERVAL = Duration.ofHours(6);

  /** How soon it is tried again after a leak, and where not all could be tried. */
  private static final Duration RETRY_INTERVAL = Duration.ofMinutes(15);

  private final Database database;
  private final DatabaseLogins logins;
  private final LoginProbe probe;
  private final Clock clock;
  private Instant due = Instant.MIN;

  /** The users of the leak that stands; empty: none does. */
  private List<UUID> leaking = List.of();

  private volatile int leaks;
  private volatile boolean isPossible = true;
  private volatile @Nullable Instant lastWholeAt;

  /** A user, and a login of it that is made for a probe. */
  private record Subject(UUID userId, Credentials login) {}

  /**
   * Creates a probe.
   *
   * @param database by the second login
   */
  public IsolationProbe(Database database, DatabaseLogins logins, LoginProbe probe, Clock clock) {
    this.database = database;
    this.logins = logins;
    this.probe = probe;
    this.clock = clock;
  }

  /** Makes the probe when it is due and there are two active users to make it with. */
  void run(Collection<UUID> users) {
    Instant now = clock.instant();
    isPossible = users.size() > 1;
    if (now.isBefore(due)) {
      return;
    }
    List<UUID> drawn = new ArrayList<>(users);
    drawn.removeAll(leaking);
    Collections.shuffle(drawn);
    drawn.addAll(0, leaking);
    due = now.plus(RETRY_INTERVAL);
    List<Subject> subjects = new ArrayList<>();
    try {
      database.useDirectory(logins::retireProbes);
      provision(drawn, subjects);
      isPossible = subjects.size() > 1;
      if (isPossible) {
        probe(subjects.get(0), subjects.get(1), now);
      }
    } catch (Exception e) {
      // What was found before stands; that no probe is made shows in its age.
      log.warn("the probe of isolation could not be made: {}", e.getMessage());
    } finally {
      subjects.forEach(this::retire);
    }
  }

  /** Makes logins of the first two users that are active; of fewer, where there are no two. */
  private void provision(List<UUID> users, List<Subject> subjects) {
    for (UUID userId : users) {
      if (subjects.size() == 2) {
        return;
      }
      Tenant.as(userId, () -> database.asTenant(handle -> logins.provisionForProbe(handle, userId)))
          .ifPresent(login -> subjects.add(new Subject(userId, login)));
    }
  }

  private void probe(Subject one, Subject other, Instant now) {
    List<String> found = new ArrayList<>();
    List<String> untried = new ArrayList<>();
    boolean isWhole = false;
    try {
      untried.addAll(probe(one, other, found));
      untried.addAll(probe(other, one, found));
      isWhole = untried.isEmpty();
    } finally {
      publish(found, isWhole, List.of(one.userId(), other.userId()), now);
    }
    if (!isWhole) {
      log.warn("the probe of isolation could not try {}", String.join(", ", untried));
    }
  }

  private List<String> probe(Subject own, Subject other, List<String> found) {
    return probe.probe(
        own.login().login(),
        own.login().password(),
        own.userId(),
        other.userId(),
        other.login().login(),
        found::add);
  }

  /** A probe that tried only a part adds leaks and clears none. */
  private void publish(List<String> found, boolean isWhole, List<UUID> users, Instant now) {
    boolean wasLeaking = !leaking.isEmpty();
    if (!found.isEmpty()) {
      log.error("A user's database login sees rows of others: {}", String.join("; ", found));
      leaking = users;
    } else if (isWhole) {
      leaking = List.of();
    }
    leaks = isWhole ? found.size() : Math.max(leaks, found.size());
    if (isWhole) {
      lastWholeAt = now;
      due = now.plus(found.isEmpty() && !wasLeaking ? INTERVAL : RETRY_INTERVAL);
    }
  }

  /** It sees nothing from here on; the enforcement drops its role. */
  private void retire(Subject subject) {
    try {
      Tenant.run(
          subject.userId(),
          () -> database.useTenant(handle -> logins.retire(handle, subject.login().login())));
    } catch (RuntimeException e) {
      // The next probe retires it.
      log.warn("a database login of the probe of isolation is left behind: {}", e.getMessage());
    }
  }

  /** The leaks that stand: relations, and roles that a login may take. */
  public int leaks() {
    return leaks;
  }

  /**
   * When all was last tried, in seconds of Unix time; 0: not since the start; not a number: there
   * are no two active users to try it with.
   */
  public double timestampSeconds() {
    @Nullable Instant at = lastWholeAt;
    return !isPossible ? Double.NaN : at == null ? 0 : at.getEpochSecond();
  }
}
