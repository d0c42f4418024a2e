package com.ytempire.sidecar.reports;

import java.util.Optional;

/** Seals the tokens of links in mails with the keyset of the grants. */
public interface LinkCipher {
  byte[] encrypt(String text, String boundTo);

  /** Empty when we never made it. */
  Optional<String> decrypt(byte[] ciphertext, String boundTo);
}
