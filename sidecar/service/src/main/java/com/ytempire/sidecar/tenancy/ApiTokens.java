package com.ytempire.sidecar.tenancy;

import static com.ytempire.sidecar.web.Role.OPERATOR;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.web.Authenticator;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Role;
import com.ytempire.sidecar.web.Scope;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Routes that make, list, rotate and revoke API tokens, and the authenticator that checks them. */
public final class ApiTokens implements Authenticator {
  /** Characters that a token has at least. */
  private static final int SHORTEST = 32;

  /** What a workflow that syncs needs. */
  private static final List<String> STANDARD_SCOPES =
      List.of(Scope.READ.label(), Scope.SYNC.label());

  private static final Duration LAST_USED_PRECISION = Duration.ofMinutes(1);

  private final Database database;
  private final TenantAccess tenantAccess;
  private final Clock clock;
  private final FailedAttempts attempts;
  private final TokenLookups lookups = new TokenLookups();
  private final RecentTokens recent = new RecentTokens();
  private final Refused refused;

  /** Observes each token that is none; {@code limited}: its address has shown too many. */
  @FunctionalInterface
  public interface Refused {
    void refused(boolean limited);
  }

  public ApiTokens(Database database, TenantAccess tenantAccess, Refused refused, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.refused = refused;
    this.clock = clock;
    this.attempts = new FailedAttempts(clock);
  }

  record Create(
      String kind,
      @Nullable UUID userId,
      @Nullable List<String> scopes,
      String name,
      @Nullable Instant expiresAt) {

    /** In order, each once; those of a workflow when none are named; null for the other kinds. */
    @Nullable List<String> scopesOfKind() {
      return kind.equals("service")
          ? scopes == null ? STANDARD_SCOPES : List.copyOf(new TreeSet<>(scopes))
          : null;
    }
  }

  /** {@code schemas/api-token-rotate.json}. */
  record Rotate(@Nullable Integer overlapMinutes) {}

  record NewToken(String token, ApiToken details) {}

  record Listing(List<ApiToken> tokens) {}

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
        Endpoint.create(
                "/v1/tokens/{tokenId}/rotate",
                "Replace an API token by a new one of the same kind, user, scopes and name")
            .by(OPERATOR)
            .takes("api-token-rotate")
            .answers("api-token-created")
            .with(this::rotate),
        Endpoint.delete("/v1/tokens/{tokenId}", "Revoke an API token")
            .by(OPERATOR)
            .with(this::revoke));
  }

  @Override
  public Optional<Holder> holderOf(String bearerToken, String from) {
    Optional<Holder> holder =
        bearerToken.length() < SHORTEST
            ? Optional.empty()
            : findShared(Secrets.hash(bearerToken), from);
    if (holder.isEmpty()) {
      Optional<Instant> end = attempts.failed(from);
      refused.refused(end.isPresent());
      if (end.isPresent()) {
        throw Problem.until(
            Type.TOO_MANY_ATTEMPTS,
            "Your address has shown too many tokens that are not known. Correct the token, and try again in a minute.",
            end.get());
      }
    }
    return holder;
  }

  /** A token that was found lately waits behind none of an address that shows unknown ones. */
  private Optional<Holder> findShared(byte[] hash, String from) {
    String name = HexFormat.of().formatHex(hash);
    boolean isAddressSuspect = attempts.begin(from);
    try {
      boolean isUnverified = isAddressSuspect && !recent.contains(name);
      Optional<Holder> holder = lookups.find(name, () -> find(hash, isUnverified));
      if (holder.isPresent()) {
        recent.add(name);
      }
      return holder;
    } finally {
      attempts.end(from);
    }
  }

  private Optional<Holder> find(byte[] hash, boolean isUnverified) {
    Instant now = clock.instant();
    return database.authentication(
        isUnverified,
        handle -> {
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
                  tokens.touch(token.tokenId(), now);
                }
                return new Holder(
                    token.tokenId(),
                    Role.of(token.kind()),
                    token.userId(),
                    token.scopes() == null
                        ? Set.of()
                        : token.scopes().stream().map(Scope::of).collect(Collectors.toSet()));
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
    if (token.length() < SHORTEST) {
      throw new IllegalArgumentException(
          "YTEMPIRE_OPERATOR_TOKEN must have at least 32 characters; make one with: openssl rand -hex 32");
    }
    try {
      database
          .operator()
          .useDirectory(handle -> {
            ApiTokenDao tokens = handle.attach(ApiTokenDao.class);
            if (tokens.find(Secrets.hash(token)).isEmpty()) {
              tokens.create(
                  "operator",
                  null,
                  null,
                  "first operator",
                  Secrets.hash(token),
                  clock.instant(),
                  null);
            }
          });
    } catch (JdbiException e) {
      // Another replica that starts at the same time has made it.
      if (!Database.violates(e, "api_tokens_hash_key")) {
        throw e;
      }
    }
  }

  private NewToken create(Request request) {
    Create body = request.body(Create.class);
    UUID userId = body.userId();
    if (body.expiresAt() != null && !Request.isOfOurTime(body.expiresAt())) {
      throw Problem.invalid(
          "The token cannot end then.",
          List.of(new Problem.Fault("/expiresAt", "must be a time from 2000 to 2999")));
    }
    return database
        .operator()
        .directory(handle -> {
          if (userId != null) {
            Database.enter(handle, userId);
            if (handle.attach(UserDao.class).find().isEmpty()) {
              throw TenantAccess.unknownUser(userId);
            }
          }
          NewToken made =
              make(
                  handle.attach(ApiTokenDao.class),
                  body.kind(),
                  userId,
                  body.scopesOfKind(),
                  body.name(),
                  body.expiresAt());
          tenantAccess.auditPlatform(
              handle, request.caller(), "token.create", made.details().tokenId().toString());
          return made;
        });
  }

  private NewToken make(
      ApiTokenDao tokens,
      String kind,
      @Nullable UUID userId,
      @Nullable List<String> scopes,
      String name,
      @Nullable Instant expiresAt) {
    String token = "yte_" + kind + "_" + Secrets.random();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    UUID made = tokens.create(kind, userId, scopes, name, Secrets.hash(token), now, expiresAt);
    return new NewToken(
        token, new ApiToken(made, kind, userId, scopes, name, now, expiresAt, null, null));
  }

  private NewToken rotate(Request request) {
    UUID tokenId = request.id("tokenId", Type.UNKNOWN_TOKEN);
    Rotate body = request.body(Rotate.class);
    Instant now = clock.instant();
    Duration overlap =
        Duration.ofMinutes(body.overlapMinutes() == null ? 0 : body.overlapMinutes());
    return database
        .operator()
        .directory(handle -> {
          ApiTokenDao tokens = handle.attach(ApiTokenDao.class);
          ApiToken old = tokens.find(tokenId).orElseThrow(() -> unknown(tokenId));
          if (old.revokedAt() != null
              || (old.expiresAt() != null && !now.isBefore(old.expiresAt()))) {
            throw Problem.of(
                Type.TOKEN_ENDED, "The token " + tokenId + " no longer works. Make a new one.");
          }
          // Its end is the new one's too: to replace a token is no way to prolong it.
          NewToken made =
              make(tokens, old.kind(), old.userId(), old.scopes(), old.name(), old.expiresAt());
          if (overlap.isZero()) {
            tokens.revoke(tokenId, now);
          } else {
            tokens.expire(tokenId, now.plus(overlap));
          }
          tenantAccess.auditPlatform(handle, request.caller(), "token.rotate", tokenId.toString());
          return made;
        });
  }

  private static Problem unknown(UUID tokenId) {
    return Problem.of(Type.UNKNOWN_TOKEN, "There is no token " + tokenId + ".");
  }

  private Listing list(Request request) {
    return database
        .operator()
        .directory(handle -> new Listing(handle.attach(ApiTokenDao.class).list()));
  }

  private @Nullable Object revoke(Request request) {
    UUID tokenId = request.id("tokenId", Type.UNKNOWN_TOKEN);
    Instant now = clock.instant();
    boolean revoked =
        database
            .operator()
            .directory(handle -> {
              ApiTokenDao tokens = handle.attach(ApiTokenDao.class);
              tenantAccess.auditPlatform(
                  handle, request.caller(), "token.revoke", tokenId.toString());
              return tokens.revoke(tokenId, now);
            });
    if (!revoked) {
      throw unknown(tokenId);
    }
    return null;
  }
}
