package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.metrics.PlanDao.Watch;
import com.ytempire.sidecar.metrics.PlanDao.Watched;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.Secrets;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets with which YouTube's hub signs what it pushes; they are stored encrypted, each bound
 * to its user and channel. Safe to share between threads.
 */
final class UploadSecrets {
  private static final Logger log = LoggerFactory.getLogger(UploadSecrets.class);

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

  /** Encrypts with the primary key what another key encrypted, or a former version did not. */
  void encryptAnew() {
    for (Watched watched :
        database.directory(handle -> handle.attach(PlanDao.class).allWatched())) {
      Tenant.run(
          watched.userId(),
          () ->
              database.asTenant(handle -> {
                PlanDao dao = handle.attach(PlanDao.class);
                dao.watchOf(watched.channelId()).forEach(watch -> encryptAnew(dao, watch));
                return true;
              }));
    }
  }

  private void encryptAnew(PlanDao dao, Watch watch) {
    cipher
        .renewed(watch.secret(), boundTo(Tenant.current(), watch.channelId()))
        .ifPresent(secret -> {
          var _ = dao.changeSecret(watch.channelId(), watch.secret(), secret);
        });
    if (of(watch).isEmpty()) {
      log.warn(
          "the push secret of channel {} does not decrypt; it is replaced at the next subscription",
          watch.channelId());
    }
  }
}
