package com.ytempire.sidecar.privacy;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.tenancy.EmailAddress;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Endpoint.Download;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Routes by which a user takes everything along, or has it erased. */
public final class PrivacyRoutes {
  /** For whoever has bound no deadline. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  private final Database database;
  private final TenantAccess tenantAccess;
  private final Grants grants;
  private final Cache cache;
  private final Export export;
  private final OpenExports openExports;
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
    this.export = new Export(database, clock);
    this.openExports = new OpenExports(clock);
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/export",
                "Everything that is stored of a user, a ZIP of CSV files")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.ADMINISTER)
            .answersFile("application/zip")
            .in(Endpoint.Bulkhead.EXPORT)
            .with(this::export),
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

  private Download export(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    tenantAccess.use(request.caller(), userId, "user.export", handle -> {});
    return new Download(
        "ytempire-%s-%s.zip"
            .formatted(userId, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)),
        openExports.open(userId, () -> written(userId)));
  }

  /**
   * Compressing keeps a processor busy. A virtual thread would keep it from all others until the
   * next wait; among platform threads the operating system shares it out.
   */
  private InputStream written(UUID userId) {
    CompletableFuture<InputStream> written = new CompletableFuture<>();
    // A scoped value is not inherited by a thread that is started like this.
    Deadline deadline = Deadline.currentOr(DEFAULT_TIMEOUT);
    Thread writer =
        Thread.ofPlatform()
            .name("export")
            .daemon()
            .start(() -> {
              try {
                InputStream archive = deadline.call(() -> Tenant.as(userId, export::write));
                if (!written.complete(archive)) {
                  archive.close();
                }
              } catch (Exception e) {
                written.completeExceptionally(e);
              }
            });
    try {
      return written.get();
    } catch (InterruptedException e) {
      if (!written.cancel(false)) {
        closeFinished(written);
      }
      writer.interrupt();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while exporting", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  /** Closes an archive that was finished just before its request was given up. */
  private static void closeFinished(CompletableFuture<InputStream> written) {
    if (written.state() != Future.State.SUCCESS) {
      return;
    }
    try {
      written.resultNow().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
