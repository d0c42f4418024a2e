package com.ytempire.sidecar.tenancy;

import java.util.Optional;

/**
 * Encrypts secrets that are stored and used again, each bound to a text that says what it is for:
 * where the text is another, it does not decrypt. Safe to share between threads.
 */
public interface SecretCipher {
  /** Encrypts, as text that may be stored. */
  String encrypt(String secret, String boundTo);

  /**
   * Decrypts what {@link #encrypt} made; what a former version stored in clear is returned as it
   * is. Empty when it was encrypted by a key that is lost, or for something else, or changed since.
   */
  Optional<String> decrypt(String stored, String boundTo);

  /** Whether the key in use encrypted this; if not, it is to be encrypted anew. */
  boolean isCurrent(String stored);
}
