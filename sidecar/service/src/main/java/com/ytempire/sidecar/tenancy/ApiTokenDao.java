package com.ytempire.sidecar.tenancy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/**
 * API tokens, through the directory's functions: a token is asked for before any tenant is known.
 */
interface ApiTokenDao {
  /** As stored, with the hash. */
  record TokenRow(
      UUID tokenId,
      String kind,
      @Nullable UUID userId,
      @Nullable List<String> scopes,
      String name,
      byte[] tokenHash,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable Instant revokedAt,
      @Nullable Instant lastUsedAt) {}

  // Columns by name: the replicas of one version go on while the next migrates.
  @SqlQuery(
      """
      select token_id, kind, user_id, scopes, name, token_hash, created_at, expires_at, revoked_at, last_used_at
        from app.find_api_token_with_scopes(:tokenHash)
      """)
  @RegisterConstructorMapper(TokenRow.class)
  Optional<TokenRow> find(byte[] tokenHash);

  @SqlQuery(
      "select app.create_api_token(:kind, :userId, :name, :tokenHash, :createdAt, :expiresAt, :scopes)")
  UUID create(
      String kind,
      @Nullable UUID userId,
      @Nullable List<String> scopes,
      String name,
      byte[] tokenHash,
      Instant createdAt,
      @Nullable Instant expiresAt);

  @SqlQuery(
      """
      select token_id, kind, user_id, scopes, name, created_at, expires_at, revoked_at, last_used_at
        from app.list_api_tokens_with_scopes()
      """)
  @RegisterConstructorMapper(ApiToken.class)
  List<ApiToken> list();

  @SqlQuery("select app.revoke_api_token(:tokenId, :revokedAt)")
  boolean revoke(UUID tokenId, Instant revokedAt);

  @SqlQuery(
      """
      select token_id, kind, user_id, scopes, name, created_at, expires_at, revoked_at, last_used_at
        from app.list_api_tokens_with_scopes() where token_id = :tokenId
      """)
  @RegisterConstructorMapper(ApiToken.class)
  Optional<ApiToken> find(UUID tokenId);

  @SqlUpdate("select app.expire_api_token(:tokenId, :expiresAt)")
  void expire(UUID tokenId, Instant expiresAt);

  @SqlUpdate("select app.touch_api_token(:tokenId, :usedAt)")
  void touch(UUID tokenId, Instant usedAt);
}
