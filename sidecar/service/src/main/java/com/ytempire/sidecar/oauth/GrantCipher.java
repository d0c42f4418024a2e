package com.ytempire.sidecar.oauth;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Optional;

/**
 * Encrypts refresh tokens, each bound to its user and channel: copied to another row it does not
 * decrypt. Other secrets are bound to what they belong to in the same way. A keyset may hold
 * several keys; the primary encrypts, every one decrypts.
 *
 * <p>Keys are rotated in three steps, each of them a restart of all replicas, one after the other:
 * {@link #added} makes every replica know the new key before any encrypts with it, {@link
 * #promoted} makes it the primary, whereupon the policy jobs encrypt every grant anew, and {@link
 * #pruned} takes the old ones away. Safe to share between threads.
 */
public final class GrantCipher {
  private static final int ID_LENGTH = 4;

  private final Aead aead;
  private final int primaryId;

  /**
   * Reads a keyset.
   *
   * @param keyset as {@link #newKeyset} writes it
   * @throws IllegalArgumentException if it is none
   */
  public GrantCipher(String keyset) {
    try {
      KeysetHandle keys = parsed(keyset);
      this.aead = keys.getPrimitive(RegistryConfiguration.get(), Aead.class);
      this.primaryId = keys.getPrimary().getId();
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("YTEMPIRE_GRANT_KEYSET holds no key for encryption.", e);
    }
  }

  private static KeysetHandle parsed(String keyset) {
    try {
      AeadConfig.register();
      return TinkJsonProtoKeysetFormat.parseKeyset(keyset, InsecureSecretKeyAccess.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "YTEMPIRE_GRANT_KEYSET is no Tink keyset; make one with: ./ytempire keyset new");
    }
  }

  private static String written(KeysetHandle keys) throws GeneralSecurityException {
    return TinkJsonProtoKeysetFormat.serializeKeyset(keys, InsecureSecretKeyAccess.get());
  }

  /**
   * A fresh AES-256-GCM keyset, as JSON. Keep it secret, and keep it: without it every channel must
   * be connected again.
   */
  public static String newKeyset() {
    try {
      AeadConfig.register();
      return written(KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The keyset with one key more, which decrypts but does not yet encrypt. */
  public static String added(String keyset) {
    try {
      return written(
          KeysetHandle.newBuilder(parsed(keyset))
              .addEntry(
                  KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                      .withRandomId())
              .build());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The keyset with its newest key as the primary. */
  public static String promoted(String keyset) {
    try {
      KeysetHandle.Builder keys = KeysetHandle.newBuilder(parsed(keyset));
      keys.getAt(keys.size() - 1).makePrimary();
      return written(keys.build());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The keyset with its primary key alone. What the others encrypted is lost. */
  public static String pruned(String keyset) {
    try {
      KeysetHandle.Builder keys = KeysetHandle.newBuilder(parsed(keyset));
      for (int i = keys.size() - 1; i >= 0; i--) {
        if (!keys.getAt(i).isPrimary()) {
          keys.deleteAt(i);
        }
      }
      return written(keys.build());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the primary key encrypted this: Tink's prefix is a version and the key's id. */
  public boolean isPrimary(byte[] ciphertext) {
    return ciphertext.length > ID_LENGTH
        && ByteBuffer.wrap(ciphertext, 1, ID_LENGTH).getInt() == primaryId;
  }

  /**
   * Encrypts with the primary key.
   *
   * @param boundTo what alone it decrypts for; each kind of secret has a prefix of its own
   */
  public byte[] encrypt(String secret, String boundTo) {
    return encryptBytes(secret.getBytes(StandardCharsets.UTF_8), boundTo);
  }

  /** As {@link #encrypt}, of bytes. */
  public byte[] encryptBytes(byte[] secret, String boundTo) {
    try {
      return aead.encrypt(secret, boundTo.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Empty when it was encrypted with another key, for something else, or changed since. */
  public Optional<String> decrypt(byte[] ciphertext, String boundTo) {
    return decryptBytes(ciphertext, boundTo)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /** As {@link #decrypt}, of what {@link #encryptBytes} made. */
  public Optional<byte[]> decryptBytes(byte[] ciphertext, String boundTo) {
    try {
      return Optional.of(aead.decrypt(ciphertext, boundTo.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }
}
