package com.ytempire.sidecar.tenancy;

import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A secret as it is stored, and how to store another ciphertext of it.
 *
 * @param name of what it belongs to, for the log
 * @param text ciphertext, or what a former version stored in clear
 * @param boundTo what it is encrypted for
 * @param replace stores a new ciphertext, unless another has been stored meanwhile
 */
public record StoredSecret(String name, String text, String boundTo, Consumer<String> replace) {
  private static final Logger log = LoggerFactory.getLogger(StoredSecret.class);

  /**
   * Encrypts secrets with the primary key where another key, or none, did. One that does not
   * decrypt is logged and left as it is.
   */
  public static void encryptAnew(SecretCipher cipher, Iterable<StoredSecret> secrets) {
    for (StoredSecret secret : secrets) {
      Optional<String> clear = cipher.decrypt(secret.text(), secret.boundTo());
      if (clear.isEmpty()) {
        log.warn(
            "the secret of {} does not decrypt: its key is not in the keyset, or it is another's",
            secret.name());
      } else if (!cipher.isCurrent(secret.text())) {
        secret.replace().accept(cipher.encrypt(clear.get(), secret.boundTo()));
      }
    }
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "StoredSecret[" + name + "]";
  }
}
