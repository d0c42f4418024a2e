package com.ytempire.sidecar.privacy;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.tenancy.EmailAddress;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Routes by which a user or a channel is erased. */
public final class PrivacyRoutes {
  private final Database database;
  private final TenantAccess tenantAccess;
  private final Grants grants;
  private final Cache cache;
  private final ExecutionErasures executions;
  private final List<ErasureListener> listeners;
  private final Clock clock;

  /**
   * Makes the routes.
   *
   * @param listeners that are called when a user is erased, in this order
   */
  public PrivacyRoutes(
      Database database,
      TenantAccess tenantAccess,
      Grants grants,
      Cache cache,
      ExecutionErasures executions,
      List<ErasureListener> listeners,
      Clock clock) {
    this.executions = executions;
    this.listeners = List.copyOf(listeners);
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.grants = grants;
    this.cache = cache;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.delete(
                "/v1/users/{userId}",
                "Erase a user: rows, history, tokens, logins, grants, executions of n8n. Export first; nothing comes back")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.ERASE)
            .query("confirm", "The user's email, so that nobody is erased by a slip.")
            .answersWithBody("erasure")
            .with(this::erase),
        Endpoint.delete(
                "/v1/users/{userId}/channels/{channelId}",
                "Delete a channel with everything stored of it, and end its grant; nothing comes back")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.ERASE)
            .with(this::deleteChannel));
  }

  private @Nullable Object deleteChannel(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    String channelId = request.path("channelId");
    tenantAccess.as(
        request.caller(),
        userId,
        "channel.delete",
        handle -> {
          Channels.require(handle, channelId);
          grants.end(handle, channelId);
          return handle.attach(PrivacyDao.class).deleteChannel(channelId);
        });
    Tenant.run(userId, () -> grants.forget(channelId));
    cache.forget(userId, channelId);
    grants.revokeEnded(userId);
    return null;
  }

  /** {@code schemas/erasure.json}. */
  record Erasure(UUID userId, Instant erasedAt, String n8nExecutions) {}

  private Erasure erase(Request request) {
    Instant now = clock.instant();
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Caller caller = request.caller();
    Optional<String> confirmed = request.query("confirm");
    tenantAccess.require(caller, userId);
    Tenant.run(
        userId,
        () ->
            database
                .operator()
                .useTenant(handle -> {
                  PrivacyDao dao = handle.attach(PrivacyDao.class);
                  String email = dao.email().orElseThrow(() -> TenantAccess.unknownUser(userId));
                  if (confirmed.filter(text -> EmailAddress.matches(text, email)).isEmpty()) {
                    throw Problem.invalid(
                        "Nothing was erased: confirm must be the email of the user.",
                        List.of(new Fault("?confirm", "must be the user's email")));
                  }
                  List<String> terms =
                      new ArrayList<>(
                          List.of(
                              userId.toString(),
                              email,
                              // As addresses have it, such as that of this very request.
                              URLEncoder.encode(email, StandardCharsets.UTF_8)));
                  terms.addAll(dao.channelIds());
                  executions.request(handle, terms);
                  dao.eraseUser(now);
                  // What the audit log said of this user goes with the user; this is what stays.
                  tenantAccess.auditPlatform(handle, caller, "user.erased", userId.toString());
                }));
    // First what needs no database: the user is gone, so a second request would not come this far.
    grants.forgetUser(userId);
    cache.forget(userId);
    listeners.forEach(listener -> listener.erased(userId));
    grants.revokeEnded(userId);
    return new Erasure(userId, now, executions.isConfigured() ? "pending" : "not-configured");
  }
}
