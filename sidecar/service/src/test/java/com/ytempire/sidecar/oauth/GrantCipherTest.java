package com.ytempire.sidecar.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class GrantCipherTest {
  private static Optional<String> read(String keyset, byte[] ciphertext) {
    return new GrantCipher(keyset).decrypt(ciphertext, "row");
  }

  @Test
  void every_replica_reads_the_others_at_each_step_of_a_rotation() {
    String before = GrantCipher.newKeyset();
    String added = GrantCipher.added(before);
    String promoted = GrantCipher.promoted(added);
    byte[] old = new GrantCipher(before).encrypt("secret", "row");
    byte[] known = new GrantCipher(added).encrypt("secret", "row");
    byte[] fresh = new GrantCipher(promoted).encrypt("secret", "row");
    // While replicas restart one after the other, the keysets of two neighbouring steps are at
    // work.
    assertEquals(Optional.of("secret"), read(before, known));
    assertEquals(Optional.of("secret"), read(added, old));
    assertEquals(Optional.of("secret"), read(added, fresh));
    assertEquals(Optional.of("secret"), read(promoted, known));
    assertFalse(new GrantCipher(promoted).isPrimary(old));
    assertTrue(new GrantCipher(promoted).isPrimary(fresh));
    String pruned = GrantCipher.pruned(promoted);
    assertEquals(Optional.of("secret"), read(pruned, fresh));
    assertEquals(Optional.empty(), read(pruned, old));
  }

  @Test
  void a_ciphertext_bound_to_something_else_or_changed_does_not_decrypt() {
    GrantCipher cipher = new GrantCipher(GrantCipher.newKeyset());
    byte[] ciphertext = cipher.encrypt("secret", "one row");
    assertEquals(Optional.empty(), cipher.decrypt(ciphertext, "another row"));
    ciphertext[ciphertext.length - 1] ^= 1;
    assertEquals(Optional.empty(), cipher.decrypt(ciphertext, "one row"));
    assertEquals(Optional.empty(), cipher.decrypt(new byte[0], "one row"));
    assertFalse(cipher.isPrimary(new byte[3]));
  }

  @Test
  void what_is_no_keyset_is_refused_without_repeating_it() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> new GrantCipher("{\"secret\": 1}"));
    assertFalse(String.valueOf(refused.getMessage()).contains("secret"));
    assertTrue(String.valueOf(refused.getMessage()).contains("keyset new"));
  }
}
