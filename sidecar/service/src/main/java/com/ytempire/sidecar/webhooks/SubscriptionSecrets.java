package com.ytempire.sidecar.webhooks;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.StoredSecret;
import java.util.Optional;

/**
 * The secrets by which deliveries are signed, encrypted at rest. A secret is bound to its
 * subscription's address: it signs for no other. It is not bound to the subscription's user
 * besides. Subscriptions of one address share its reader, who knows all their secrets; and whoever
 * can write another user into a subscription can as well make one of that user, with a secret of
 * its own. Safe to share between threads.
 */
record SubscriptionSecrets(Database database, SecretCipher cipher) {
  /** Encrypts the secret of a subscription to this address. */
  static String encrypt(SecretCipher cipher, String secret, String url) {
    return cipher.encrypt(secret, boundTo(url));
  }

  /** Decrypts the secret of a subscription to this address; empty: no key of ours can. */
  Optional<String> decrypt(String stored, String url) {
    return cipher.decrypt(stored, boundTo(url));
  }

  private static String boundTo(String url) {
    return "webhook-secret:" + url;
  }

  /** Encrypts secrets with the primary key where another key, or none, did. */
  void encryptAnew() {
    StoredSecret.encryptAnew(
        cipher,
        database.directory(handle -> handle.attach(WebhookDao.class).secrets()).stream()
            .map(row ->
                new StoredSecret(
                    "subscription " + row.subscriptionId(),
                    row.secret(),
                    boundTo(row.url()),
                    secret -> replace(row, secret)))
            .toList());
  }

  private void replace(WebhookDao.SecretRow row, String secret) {
    database
        .operator()
        .useDirectory(handle ->
            handle
                .attach(WebhookDao.class)
                .changeSecret(row.subscriptionId(), row.secret(), secret));
  }
}
