package com.ytempire.sidecar.db;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.WeakHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.config.JdbiConfig;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Proves to PostgreSQL that the sidecar itself chose a transaction's tenant: an HMAC-SHA-256 over
 * the tenant and the session, by a key that no statement of the first login can read. Whoever gets
 * SQL into a statement has no proof but that of the transaction's own tenant, and it holds in that
 * session alone. Safe to share between threads.
 */
final class TenantProofs {
  private static final String ALGORITHM = "HmacSHA256";

  private volatile @Nullable SecretKeySpec key;

  /** Sessions by their connection: what PostgreSQL calls them, which it says once. */
  private final Map<Connection, String> sessions = Collections.synchronizedMap(new WeakHashMap<>());

  /** Proves by this key from here on. */
  void setKey(byte[] secret) {
    key = new SecretKeySpec(secret, ALGORITHM);
  }

  void attach(Handle handle) {
    handle.getConfig(Config.class).proofs = this;
  }

  /**
   * The values of {@code app.tenant_id} for these users in this handle's session, in their order:
   * the id, a colon, the proof in hexadecimal.
   */
  static String[] prove(Handle handle, UUID... userIds) {
    TenantProofs proofs = handle.getConfig(Config.class).proofs;
    if (proofs == null) {
      throw new IllegalStateException("no transaction of the sidecar");
    }
    SecretKeySpec secret = proofs.key;
    if (secret == null) {
      throw new IllegalStateException("the key of tenants' proofs has not been read");
    }
    String session = proofs.sessionOf(handle);
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      return Arrays.stream(userIds)
          .map(user ->
              user
                  + ":"
                  + HexFormat.of()
                      .formatHex(
                          mac.doFinal((user + " " + session).getBytes(StandardCharsets.US_ASCII))))
          .toArray(String[]::new);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String sessionOf(Handle handle) {
    Connection physical = physical(handle.getConnection());
    String session = sessions.get(physical);
    if (session == null) {
      session = handle.createQuery("select app.session_id()").mapTo(String.class).one();
      sessions.put(physical, session);
    }
    return session;
  }

  /** The connection below the pool's, which hands out a new wrapper each time. */
  private static Connection physical(Connection connection) {
    try {
      return (Connection) connection.unwrap(PGConnection.class);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The reference of a handle to the proofs of its tenants; made by Jdbi. */
  public static final class Config implements JdbiConfig<Config> {
    private @Nullable TenantProofs proofs;

    /** Made by Jdbi. */
    public Config() {}

    @Override
    public Config createCopy() {
      Config copy = new Config();
      copy.proofs = proofs;
      return copy;
    }
  }
}
