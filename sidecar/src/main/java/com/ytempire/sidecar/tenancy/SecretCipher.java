package com.ytempire.sidecar.tenancy;

import java.util.Optional;

/**
 * Encrypts secrets that are stored and used again, each bound to what it belongs to: copied to
 * another row it does not decrypt. Safe to share between threads.
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

  /**
   * Encrypts a stored secret anew where {@link #isCurrent} does not hold; empty when it holds, or
   * when it cannot be decrypted.
   */
  default Optional<String> renewed(String stored, String boundTo) {
    return isCurrent(stored)
        ? Optional.empty()
        : decrypt(stored, boundTo).map(secret -> encrypt(secret, boundTo));
  }
}
