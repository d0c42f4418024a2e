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
 * Tries every six hours whether two users, drawn at random, see each other's rows, with a database
 * login of each that is made for it and dropped afterwards. Of one thread, but for its figures.
 */
public final class IsolationProbe {
  private static final Logger log = LoggerFactory.getLogger(IsolationProbe.class);

  private static final Duration INTERVAL = Duration.ofHours(6);

  /** How soon it is tried again where it could not be made. */
  private static final Duration RETRY_INTERVAL = Duration.ofMinutes(15);

  private final Database database;
  private final DatabaseLogins logins;
  private final LoginProbe probe;
  private final Clock clock;
  private Instant due = Instant.MIN;
  private volatile int leaks;
  private volatile @Nullable Instant madeAt;

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

  /** Makes the probe when it is due; with fewer than two users there is nothing to see. */
  void run(Collection<UUID> users) {
    Instant now = clock.instant();
    if (now.isBefore(due)) {
      return;
    }
    List<UUID> drawn = new ArrayList<>(users);
    Collections.shuffle(drawn);
    try {
      List<String> found = drawn.size() < 2 ? List.of() : probe(drawn.get(0), drawn.get(1));
      if (!found.isEmpty()) {
        log.error("A customer's database login sees others: {}", String.join("; ", found));
      }
      leaks = found.size();
      madeAt = now;
      due = now.plus(INTERVAL);
    } catch (Exception e) {
      // What was found before stands; that no probe is made shows in its age.
      due = now.plus(RETRY_INTERVAL);
      log.warn("the probe of isolation could not be made: {}", e.getMessage());
    }
  }

  private List<String> probe(UUID one, UUID other) throws Exception {
    database.useDirectory(logins::retireProbes);
    List<String> found = new ArrayList<>();
    Credentials ofOne = provision(one);
    try {
      Credentials ofOther = provision(other);
      try {
        found.addAll(probe.leaks(ofOne.login(), ofOne.password(), one, other, ofOther.login()));
        found.addAll(probe.leaks(ofOther.login(), ofOther.password(), other, one, ofOne.login()));
      } finally {
        retire(other, ofOther);
      }
    } finally {
      retire(one, ofOne);
    }
    return found;
  }

  private Credentials provision(UUID userId) {
    return Tenant.as(
        userId, () -> database.asTenant(handle -> logins.provisionForProbe(handle, userId)));
  }

  /** It sees nothing from here on; the enforcement drops its role. */
  private void retire(UUID userId, Credentials login) {
    Tenant.run(userId, () -> database.useTenant(handle -> logins.retire(handle, login.login())));
  }

  /** What the last probe saw of others: relations, and roles that a login may take. */
  public int leaks() {
    return leaks;
  }

  /** When the last probe was made, in seconds since 1970; 0: none was since the start. */
  public long madeAtSeconds() {
    @Nullable Instant at = madeAt;
    return at == null ? 0 : at.getEpochSecond();
  }
}
