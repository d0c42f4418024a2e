package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Everybody against everybody. */
final class AttackTest {
  /** {@code -Dytempire.attack.users=6} makes it a longer run: every pair is tried. */
  private static final int USERS = Integer.getInteger("ytempire.attack.users", 3);

  private static final int LEAST = 35_000;

  @Test
  void no_user_reaches_anything() throws Exception {
    Attempts attempts = new Attempts(false);
    // One account more than users: its channels are nobody's.
    // The checks of data change rows of every user; as seldom as can be, for a machine that is
    // busy.
    try (Platform platform =
        new Platform(USERS + 1, 2, Map.of("YTEMPIRE_CHECK_INTERVAL_SECONDS", "600"))) {
      // On a busy machine an attacker would pause for what it computes, and try nothing more.
      platform.execute("update sec.tenant_limits set busy_seconds = 3600, parallel_seconds = 3600");
      AttackCast cast = new AttackCast(platform, USERS);
      new SqlAttack(platform.database, cast.people, attempts).run();
      new HttpAttack(platform, cast, attempts).run();
    }
    System.out.println(attempts.summary());
    assertEquals(0, attempts.leaks().size(), attempts.summary());
    assertTrue(attempts.count() >= LEAST, attempts.summary());
  }
}
