package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.metrics.UploadWatchDao.UploadWatchKey;
import com.ytempire.sidecar.metrics.UploadWatchDao.Watch;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.Secrets;
import com.ytempire.sidecar.tenancy.StoredSecret;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * The secrets with which YouTube's hub signs what it pushes; they are stored encrypted, each bound
 * to its user and channel. Safe to share between threads.
 */
final class UploadSecrets {
  private final Database database;
  private final SecretCipher cipher;

  UploadSecrets(Database database, SecretCipher cipher) {
    this.database = database;
    this.cipher = cipher;
  }

  private static String boundTo(UUID userId, String channelId) {
    return "upload-secret:" + userId + ":" + channelId;
  }

  /** A new secret of a channel of the acting tenant, as it is stored. */
  String fresh(String channelId) {
    return cipher.encrypt(Secrets.random(), boundTo(Tenant.current(), channelId));
  }

  /** The secret of a watch of the acting tenant; empty when its key is lost. */
  Optional<String> of(Watch watch) {
    return cipher.decrypt(watch.secret(), boundTo(Tenant.current(), watch.channelId()));
  }

  /** Encrypts secrets with the primary key where another key, or none, did. */
  void encryptAnew() {
    StoredSecret.encryptAnew(
        cipher,
        database.directory(handle -> handle.attach(UploadWatchDao.class).allWatched()).stream()
            .flatMap(watched -> stored(watched).stream())
            .toList());
  }

  private List<StoredSecret> stored(UploadWatchKey watched) {
    return asTenant(watched, dao -> dao.watchOf(watched.channelId())).stream()
        .map(watch ->
            new StoredSecret(
                "the pushes of channel " + watch.channelId(),
                watch.secret(),
                boundTo(watched.userId(), watch.channelId()),
                secret ->
                    asTenant(
                        watched,
                        dao -> dao.changeSecret(watch.channelId(), watch.secret(), secret))))
        .toList();
  }

  private <T> T asTenant(UploadWatchKey watched, Function<UploadWatchDao, T> act) {
    return Tenant.as(
        watched.userId(),
        () -> database.asTenant(handle -> act.apply(handle.attach(UploadWatchDao.class))));
  }
}
