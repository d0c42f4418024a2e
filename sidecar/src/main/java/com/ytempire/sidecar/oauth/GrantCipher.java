package com.ytempire.sidecar.oauth;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Optional;

/**
 * Encrypts refresh tokens, each bound to its user and channel: copied to another row it does not
 * decrypt. A keyset may hold several keys; the primary encrypts, every one decrypts, so keys are
 * rotated by adding one. Safe to share between threads.
 */
public final class GrantCipher {
  private final Aead aead;

  /**
   * Reads a keyset.
   *
   * @param keyset as {@link #newKeyset} writes it
   * @throws IllegalArgumentException if it is none
   */
  public GrantCipher(String keyset) {
    try {
      AeadConfig.register();
      this.aead =
          TinkJsonProtoKeysetFormat.parseKeyset(keyset, InsecureSecretKeyAccess.get())
              .getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "YTEMPIRE_GRANT_KEYSET is no Tink keyset; make one with: java -jar ytempire-sidecar.jar keyset");
    }
  }

  /**
   * A fresh AES-256-GCM keyset, as JSON. Keep it secret, and keep it: without it every channel must
   * be connected again.
   */
  public static String newKeyset() {
    try {
      AeadConfig.register();
      return TinkJsonProtoKeysetFormat.serializeKeyset(
          KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM),
          InsecureSecretKeyAccess.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] encrypt(String secret, String boundTo) {
    try {
      return aead.encrypt(
          secret.getBytes(StandardCharsets.UTF_8), boundTo.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Empty when it was encrypted with another key, for something else, or changed since. */
  Optional<String> decrypt(byte[] ciphertext, String boundTo) {
    try {
      return Optional.of(
          new String(
              aead.decrypt(ciphertext, boundTo.getBytes(StandardCharsets.UTF_8)),
              StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }
}
