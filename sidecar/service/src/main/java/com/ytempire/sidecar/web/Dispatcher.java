package com.ytempire.sidecar.web;

import com.ytempire.sidecar.config.Network;
import com.ytempire.sidecar.trace.RequestTrace;
import com.ytempire.sidecar.web.Problem.Type;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Dispatches requests to the handlers of their endpoints: checks the token first, then waits for
 * the caller's place and for the memory of the body. Safe to share between threads.
 */
final class Dispatcher implements AutoCloseable {
  /** How long a body may take to arrive, and how long it waits for its share of memory. */
  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(30);

  /** The attribute of a request that holds its {@link RequestTrace}. */
  private static final String TRACE = "trace";

  private final Contract contract;
  private final Authenticator authenticator;
  private final List<Network> trustedProxies;
  private final DisconnectMonitor disconnects = new DisconnectMonitor();
  private final RequestLimits limits;
  private final LargeBodies bodies;

  Dispatcher(
      Contract contract, Authenticator authenticator, List<Network> trustedProxies, Clock clock) {
    this.contract = contract;
    this.authenticator = authenticator;
    this.trustedProxies = trustedProxies;
    this.limits = new RequestLimits(clock);
    this.bodies = new LargeBodies(LimitedBody.MAX_BYTES, BODY_TIMEOUT, clock);
  }

  /** Serves a request within the deadline that it asks for. */
  void dispatch(Context ctx, Endpoint endpoint) {
    trace(ctx)
        .run(() -> RequestLimits.deadline(ctx.header("Prefer")).run(() -> serve(ctx, endpoint)));
  }

  private void serve(Context ctx, Endpoint endpoint) {
    Caller caller = endpoint.roles().isEmpty() ? null : admit(ctx, endpoint);
    CallerText.requireReadableQuery(ctx.queryString());
    // Answers hold users' data and new secrets; addresses of the OAuth callback hold a code.
    ctx.header("Cache-Control", "no-store");
    ctx.header("Referrer-Policy", "no-referrer");
    if (caller == null) {
      AnswerWriter.write(ctx, endpoint, handle(ctx, endpoint, null));
      return;
    }
    // A large answer is written while the request counts, so that who reads slowly waits for
    // itself.
    limits.run(
        endpoint.bulkhead(),
        caller,
        userOf(ctx, endpoint),
        () -> AnswerWriter.write(ctx, endpoint, handle(ctx, endpoint, caller)));
  }

  private @Nullable Object handle(Context ctx, Endpoint endpoint, @Nullable Caller caller) {
    try (LargeBodies.Share share =
        caller == null ? bodies.openUnauthenticated() : bodies.open(caller.account())) {
      if (endpoint.body() != null) {
        limitBody(ctx, share);
      }
      return endpoint
          .handler()
          .handle(new Request(ctx, endpoint.body(), contract, caller, disconnects, share));
    }
  }

  /** The user whom an address names; null: it names none. */
  private static @Nullable UUID userOf(Context ctx, Endpoint endpoint) {
    if (!endpoint.path().contains("{userId}")) {
      return null;
    }
    try {
      return UUID.fromString(ctx.pathParam("userId"));
    } catch (IllegalArgumentException e) {
      return null; // the handler says what is wrong with it
    }
  }

  private Caller admit(Context ctx, Endpoint endpoint) {
    Set<Role> roles = endpoint.roles();
    String header = ctx.header("Authorization");
    if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      throw Problem.of(Type.UNAUTHENTICATED, "Send a token: Authorization: Bearer ….");
    }
    Authenticator.Holder holder =
        authenticator
            .holderOf(
                header.substring(7).strip(),
                ClientAddress.of(
                    ctx.req().getRemoteAddr(),
                    Collections.list(ctx.req().getHeaders("X-Forwarded-For")),
                    trustedProxies))
            .orElseThrow(() ->
                Problem.of(
                    Type.UNAUTHENTICATED,
                    "The token is not known, has expired or was revoked. Ask your operator for a new one."));
    if (!roles.contains(holder.role())) {
      throw Problem.of(
          Type.FORBIDDEN,
          "A token of kind %s may not do this; it takes: %s."
              .formatted(
                  holder.role().label(),
                  String.join(", ", roles.stream().map(Role::label).sorted().toList())));
    }
    if (holder.role() == Role.SERVICE && !holder.scopes().contains(endpoint.scope())) {
      throw Problem.of(
          Type.FORBIDDEN,
          "The token lacks the scope %s; it has: %s. Ask your operator for a token with it."
              .formatted(
                  endpoint.scope().label(),
                  String.join(", ", holder.scopes().stream().map(Scope::label).sorted().toList())));
    }
    return new Caller(
        holder.tokenId(),
        holder.role(),
        holder.userId(),
        shortened(ctx.header("X-N8n-Workflow-Id")),
        shortened(ctx.header("X-N8n-Execution-Id")));
  }

  /** The trace of a request, made when it is asked for first. */
  static RequestTrace trace(Context ctx) {
    RequestTrace known = ctx.attribute(TRACE);
    if (known != null) {
      return known;
    }
    RequestTrace trace =
        RequestTrace.of(ctx.header("X-N8n-Workflow-Id"), ctx.header("X-N8n-Execution-Id"));
    ctx.attribute(TRACE, trace);
    return trace;
  }

  private static @Nullable String shortened(@Nullable String value) {
    return value == null || value.length() <= 100 ? value : value.substring(0, 100);
  }

  private static void limitBody(Context ctx, LargeBodies.Share share) {
    if (ctx.req().getContentLengthLong() > LimitedBody.MAX_BYTES) {
      try {
        throw LimitedBody.tooLarge(ctx.bodyInputStream(), LimitedBody.MAX_BYTES, share);
      } catch (IOException e) {
        throw Request.callerGone();
      }
    }
  }

  @Override
  public void close() {
    disconnects.close();
  }
}
