package com.ytempire.sidecar.tenancy;

import static com.ytempire.sidecar.web.Role.OPERATOR;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Gate;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Role;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** API tokens: made, listed, revoked, and asked at the gate. */
public final class ApiTokens implements Gate {
  private static final Duration LAST_USED_PRECISION = Duration.ofMinutes(1);

  private final Database database;
  private final Clock clock;

  public ApiTokens(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** {@code schemas/api-token.json}. */
  public record Details(
      UUID tokenId,
      String kind,
      @Nullable UUID userId,
      String name,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable Instant revokedAt,
      @Nullable Instant lastUsedAt) {}

  record Create(String kind, @Nullable UUID userId, String name, @Nullable Instant expiresAt) {}

  record Created(String token, Details details) {}

  record Listing(List<Details> tokens) {}

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.create("/v1/tokens", "Make an API token; its secret is shown this once")
            .by(OPERATOR)
            .takes("api-token-create")
            .answers("api-token-created")
            .with(this::create),
        Endpoint.get("/v1/tokens", "List API tokens")
            .by(OPERATOR)
            .answers("api-token-list")
            .with(this::list),
        Endpoint.delete("/v1/tokens/{tokenId}", "Revoke an API token")
            .by(OPERATOR)
            .with(this::revoke));
  }

  @Override
  public Optional<Holder> holderOf(String bearerToken) {
    byte[] hash = Secrets.hash(bearerToken);
    Instant now = clock.instant();
    return database.directory(handle -> {
      ApiTokenDao tokens = handle.attach(ApiTokenDao.class);
      return tokens
          .find(hash)
          .filter(token -> MessageDigest.isEqual(token.tokenHash(), hash))
          .filter(token ->
              token.revokedAt() == null
                  && (token.expiresAt() == null || now.isBefore(token.expiresAt())))
          .map(token -> {
            if (token.lastUsedAt() == null
                || token.lastUsedAt().plus(LAST_USED_PRECISION).isBefore(now)) {
              tokens.touch(token.tokenId(), now.atOffset(ZoneOffset.UTC));
            }
            return new Holder(token.tokenId(), Role.of(token.kind()), token.userId());
          });
    });
  }

  /**
   * Sees to it that this operator token works; the first one of an installation comes so. One that
   * was revoked stays revoked.
   *
   * @throws IllegalArgumentException if it is too short to be safe
   */
  public void ensureOperator(String token) {
    if (token.length() < 32) {
      throw new IllegalArgumentException(
          "YTEMPIRE_OPERATOR_TOKEN must have at least 32 characters; make one with: openssl rand -hex 32");
    }
    database.directory(handle -> {
      ApiTokenDao tokens = handle.attach(ApiTokenDao.class);
      if (tokens.find(Secrets.hash(token)).isEmpty()) {
        tokens.create(
            "operator",
            null,
            "first operator",
            Secrets.hash(token),
            clock.instant().atOffset(ZoneOffset.UTC),
            null);
      }
      return true;
    });
  }

  private Created create(Request request) {
    Create body = request.body(Create.class);
    String token = "yte_" + body.kind() + "_" + Secrets.random();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    UUID userId = body.userId();
    UUID tokenId =
        database.directory(handle -> {
          if (userId != null) {
            Database.enter(handle, userId);
            if (handle.attach(UserDao.class).find().isEmpty()) {
              throw Acting.unknownUser(userId);
            }
          }
          ApiTokenDao tokens = handle.attach(ApiTokenDao.class);
          UUID made =
              tokens.create(
                  body.kind(),
                  userId,
                  body.name(),
                  Secrets.hash(token),
                  now.atOffset(ZoneOffset.UTC),
                  body.expiresAt() == null ? null : body.expiresAt().atOffset(ZoneOffset.UTC));
          audit(tokens, request, "token.create", made, now);
          return made;
        });
    return new Created(
        token,
        new Details(tokenId, body.kind(), userId, body.name(), now, body.expiresAt(), null, null));
  }

  private Listing list(Request request) {
    return database.directory(handle -> new Listing(handle.attach(ApiTokenDao.class).list()));
  }

  private @Nullable Object revoke(Request request) {
    UUID tokenId = request.id("tokenId", Type.UNKNOWN_TOKEN);
    Instant now = clock.instant();
    boolean revoked =
        database.directory(handle -> {
          ApiTokenDao tokens = handle.attach(ApiTokenDao.class);
          audit(tokens, request, "token.revoke", tokenId, now);
          return tokens.revoke(tokenId, now.atOffset(ZoneOffset.UTC));
        });
    if (!revoked) {
      throw Problem.of(Type.UNKNOWN_TOKEN, "There is no token " + tokenId + ".");
    }
    return null;
  }

  private static void audit(
      ApiTokenDao tokens, Request request, String action, UUID about, Instant now) {
    tokens.recordPlatformAct(
        now.atOffset(ZoneOffset.UTC),
        request.caller().tokenId(),
        request.caller().role().label(),
        action,
        request.caller().workflowId(),
        request.caller().executionId(),
        "{\"tokenId\": \"" + about + "\"}");
  }
}
