package com.ytempire.sidecar.oauth;

/** Encrypts refresh tokens, each bound to its user and channel. Safe to share between threads. */
record GrantSecrets(GrantCipher cipher) {
  /**
   * Decrypts the refresh token of a channel.
   *
   * @throws IllegalStateException when the keyset is not the one that encrypted it
   */
  String decrypt(ChannelKey key, byte[] ciphertext) {
    return cipher
        .decrypt(ciphertext, boundTo(key))
        .orElseThrow(() ->
            new IllegalStateException(
                "the grant of channel "
                    + key.channelId()
                    + " does not decrypt; is YTEMPIRE_GRANT_KEYSET the right one?"));
  }

  byte[] encrypt(ChannelKey key, String refreshToken) {
    return cipher.encrypt(refreshToken, boundTo(key));
  }

  private static String boundTo(ChannelKey key) {
    return "grant " + key.userId() + " " + key.channelId();
  }
}
