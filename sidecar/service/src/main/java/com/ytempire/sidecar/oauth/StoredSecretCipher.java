package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.tenancy.SecretCipher;
import java.util.Base64;
import java.util.Optional;

/**
 * Encrypts signing secrets with the keyset of the grants, as text in base64 after a prefix, by
 * which it is distinguished from what a former version stored in clear.
 */
public final class StoredSecretCipher implements SecretCipher {
  private static final String PREFIX = "aead:";

  private final GrantCipher cipher;

  public StoredSecretCipher(GrantCipher cipher) {
    this.cipher = cipher;
  }

  @Override
  public String encrypt(String secret, String boundTo) {
    return PREFIX + Base64.getEncoder().encodeToString(cipher.encrypt(secret, boundTo));
  }

  @Override
  public Optional<String> decrypt(String stored, String boundTo) {
    return stored.startsWith(PREFIX)
        ? bytes(stored).flatMap(ciphertext -> cipher.decrypt(ciphertext, boundTo))
        : Optional.of(stored);
  }

  @Override
  public boolean isCurrent(String stored) {
    return stored.startsWith(PREFIX) && bytes(stored).filter(cipher::isPrimary).isPresent();
  }

  private static Optional<byte[]> bytes(String stored) {
    try {
      return Optional.of(Base64.getDecoder().decode(stored.substring(PREFIX.length())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
