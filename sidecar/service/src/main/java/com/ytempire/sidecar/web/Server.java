package com.ytempire.sidecar.web;

import com.ytempire.sidecar.config.Network;
import com.ytempire.sidecar.trace.RequestTrace;
import com.ytempire.sidecar.web.Problem.Type;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.ExceptionHandler;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.MethodNotAllowedResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.exc.JacksonIOException;

/**
 * The HTTP server: endpoints in, Javalin underneath. Checks the token before a handler runs, limits
 * the size of bodies, maps every failure to a problem document, and serves {@code /openapi.json}
 * and the page {@code /docs} to try it.
 */
public final class Server implements AutoCloseable {
  /** Most bytes of a body. */
  public static final long MAX_BODY = LimitedBody.MAX_BYTES;

  private static final Logger log = LoggerFactory.getLogger(Server.class);

  /** How long a body may take to arrive, and how long it waits for its share of memory. */
  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(30);

  /** The account of all who send a body without a token. */
  private static final UUID UNAUTHENTICATED = new UUID(0, 0);

  /** The attribute of a request that holds its {@link RequestTrace}. */
  private static final String TRACE = "trace";

  private static final Duration GRACE = Duration.ofSeconds(20);

  private final Javalin javalin;

  private final DisconnectMonitor disconnects;

  private Server(Javalin javalin, DisconnectMonitor disconnects) {
    this.javalin = javalin;
    this.disconnects = disconnects;
  }

  /**
   * Starts to listen.
   *
   * @param translate maps failures of other packages to problems; null for what it does not know
   */
  public static Server start(
      String host,
      int port,
      Contract contract,
      Authenticator authenticator,
      List<Endpoint> endpoints,
      Function<Throwable, @Nullable Problem> translate,
      RequestObserver observer,
      List<Network> trustedProxies,
      Clock clock) {
    // Made when it is first asked for; few sidecars ever are.
    Supplier<OpenApi> openApi = lazily(() -> new OpenApi(contract, endpoints));
    DisconnectMonitor disconnects = new DisconnectMonitor();
    RequestLimits limits = new RequestLimits(clock);
    LargeBodies bodies = new LargeBodies(MAX_BODY, BODY_TIMEOUT, clock);
    Javalin javalin =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          config.startup.showOldJavalinVersionWarning = false;
          config.concurrency.useVirtualThreads = true;
          config.http.prefer405over404 = true;
          config.jetty.host = host;
          ErrorDocuments errors = new ErrorDocuments(observer);
          config.jetty.modifyServer(server -> {
            server.setStopTimeout(GRACE.toMillis());
            server.setErrorHandler(errors);
            server.setHandler(new KnownMethods());
          });
          // Jetty otherwise keeps 100 KB of header fields for each open connection, to parse a
          // repeated header a little faster: 20 MB for 200 callers.
          config.jetty.modifyHttpConfiguration(http -> http.setHeaderCacheSize(0));
          config.jetty.modifyServletContextHandler(handler -> handler.setErrorHandler(errors));
          config.routes.before(ctx -> {
            ctx.header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY")
                .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
            Request.requireReadablePath(ctx.req().getRequestURI());
          });
          for (Endpoint endpoint : endpoints) {
            config.routes.addHttpHandler(
                HandlerType.findOrCreate(endpoint.method()),
                endpoint.path(),
                ctx ->
                    trace(ctx)
                        .run(() ->
                            RequestLimits.deadline(ctx.header("Prefer"))
                                .run(() ->
                                    serve(
                                        ctx,
                                        endpoint,
                                        contract,
                                        authenticator,
                                        trustedProxies,
                                        disconnects,
                                        limits,
                                        bodies))));
          }
          config.routes.get(
              "/openapi.json",
              ctx -> ctx.contentType("application/json").result(openApi.get().json()));
          config.routes.get(
              "/docs",
              ctx -> ctx.header("Content-Security-Policy", OpenApi.PAGE_POLICY).html(OpenApi.PAGE));
          config.routes.get(
              OpenApi.ASSETS + "{version}/{file}",
              ctx -> {
                String file = ctx.pathParam("file");
                InputStream asset =
                    OpenApi.asset(ctx.pathParam("version"), file)
                        .orElseThrow(ErrorDocuments::notFound);
                // The version is in the address.
                ctx.header("Cache-Control", "public, max-age=86400")
                    .contentType(file.endsWith(".css") ? "text/css" : "text/javascript")
                    .result(asset);
              });
          config.routes.get("/", ctx -> ctx.redirect("/docs"));
          ExceptionHandler<Exception> toProblem =
              (failure, ctx) -> {
                UUID errorId = UUID.randomUUID();
                if (failure instanceof MethodNotAllowedResponse e) {
                  ctx.header("Allow", e.getDetails().getOrDefault("availableMethods", "GET"));
                }
                answer(
                    ctx,
                    trace(ctx).supply(() -> problemOf(failure, translate, errorId)),
                    errorId,
                    clock);
              };
          config.routes.exception(Exception.class, toProblem);
          // Javalin has a handler of its own for these, which would answer in plain text.
          config.routes.exception(HttpResponseException.class, toProblem::handle);
          config.router.javaLangErrorHandler(Server::answerError);
          config.requestLogger.http((ctx, ms) ->
              observer.answered(
                  KnownMethods.METHODS.contains(ctx.method().name())
                      ? ctx.method().name()
                      : RequestObserver.OTHER,
                  template(ctx),
                  ctx.statusCode(),
                  Duration.ofNanos((long) (ms * 1e6))));
        });
    javalin.start(port);
    return new Server(javalin, disconnects);
  }

  private static <T> Supplier<T> lazily(Supplier<T> make) {
    ConcurrentHashMap<Boolean, T> made = new ConcurrentHashMap<>();
    return () -> made.computeIfAbsent(true, key -> make.get());
  }

  private static String template(Context ctx) {
    return ctx.endpoints().lastHttpEndpoint() == null
        ? RequestObserver.OTHER
        : ctx.endpoints().lastHttpEndpoint().path;
  }

  private static void serve(
      Context ctx,
      Endpoint endpoint,
      Contract contract,
      Authenticator authenticator,
      List<Network> trustedProxies,
      DisconnectMonitor disconnects,
      RequestLimits limits,
      LargeBodies bodies) {
    Caller caller =
        endpoint.roles().isEmpty() ? null : admit(ctx, endpoint, authenticator, trustedProxies);
    Request.requireReadableQuery(ctx.queryString());
    // Answers hold users' data and new secrets; addresses of the OAuth callback hold a code.
    ctx.header("Cache-Control", "no-store");
    ctx.header("Referrer-Policy", "no-referrer");
    if (caller == null) {
      answer(ctx, endpoint, handle(ctx, endpoint, contract, null, disconnects, bodies));
      return;
    }
    // A large answer is written while the request counts, so that who reads slowly waits for
    // itself.
    limits.run(
        endpoint.bulkhead(),
        caller,
        userOf(ctx, endpoint),
        () -> answer(ctx, endpoint, handle(ctx, endpoint, contract, caller, disconnects, bodies)));
  }

  private static @Nullable Object handle(
      Context ctx,
      Endpoint endpoint,
      Contract contract,
      @Nullable Caller caller,
      DisconnectMonitor disconnects,
      LargeBodies bodies) {
    try (LargeBodies.Share share =
        bodies.open(caller == null ? UNAUTHENTICATED : caller.account())) {
      if (endpoint.body() != null) {
        limitBody(ctx, share);
      }
      return endpoint
          .handler()
          .handle(new Request(ctx, endpoint.body(), contract, caller, disconnects, share));
    }
  }

  private static void answer(Context ctx, Endpoint endpoint, @Nullable Object answer) {
    switch (answer) {
      case null -> ctx.status(204);
      case Endpoint.Page page ->
          ctx.status(page.status())
              .header(
                  "Content-Security-Policy",
                  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
              .html(page.html());
      case Endpoint.Redirect redirect -> ctx.redirect(redirect.location());
      case Endpoint.Download download -> send(ctx, endpoint, download);
      case String text ->
          ctx.status(endpoint.status()).contentType("text/plain; charset=utf-8").result(text);
      case Answer other ->
          ctx.status(other.status())
              .contentType("application/json")
              .result(Json.MAPPER.writeValueAsBytes(other.body()));
      case LargeAnswer large -> {
        ctx.status(endpoint.status()).contentType("application/json");
        try {
          Json.MAPPER.writeValue(ctx.outputStream(), large);
        } catch (JacksonIOException e) {
          // Its status has been sent, and its caller is gone.
          log.debug("a caller left while its answer was written: {}", e.getMessage());
        }
      }
      default ->
          ctx.status(endpoint.status())
              .contentType("application/json")
              .result(Json.MAPPER.writeValueAsBytes(answer));
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

  private static void send(Context ctx, Endpoint endpoint, Endpoint.Download download) {
    ctx.status(endpoint.status())
        .contentType(Objects.requireNonNull(endpoint.mediaType()))
        .header("Content-Disposition", "attachment; filename=\"" + download.name() + "\"")
        .result(download.content());
  }

  /** An answer whose status is not the endpoint's usual one. */
  public record Answer(int status, Object body) {}

  private static Caller admit(
      Context ctx, Endpoint endpoint, Authenticator authenticator, List<Network> trustedProxies) {
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
  private static RequestTrace trace(Context ctx) {
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
    if (ctx.req().getContentLengthLong() > MAX_BODY) {
      try {
        throw LimitedBody.tooLarge(ctx.bodyInputStream(), MAX_BODY, share);
      } catch (IOException e) {
        throw new UncheckedIOException("the caller went away", e);
      }
    }
  }

  private static Problem problemOf(
      Throwable failure, Function<Throwable, @Nullable Problem> translate, UUID errorId) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof Problem problem) {
        if (problem.type().status() >= 500) {
          log.warn("error {}: {}: {}", errorId, problem.type().uri(), problem.getMessage());
        }
        return problem;
      }
      Problem translated = translate.apply(t);
      if (translated != null) {
        if (translated.type().status() >= 500) {
          log.warn("error {}: {}: {}", errorId, translated.type().uri(), failure.getMessage());
        }
        return translated;
      }
      if (t instanceof HttpResponseException e) {
        return switch (e.getStatus()) {
          case 404 -> ErrorDocuments.notFound();
          case 405 -> ErrorDocuments.methodNotAllowed();
          case 413 -> ErrorDocuments.tooLarge();
          default ->
              Problem.of(
                  Type.INVALID_REQUEST,
                  e.getMessage() == null
                      ? HttpStatus.forStatus(e.getStatus()).name()
                      : e.getMessage());
        };
      }
    }
    log.error("error {}: unexpected failure", errorId, failure);
    return Problem.of(Type.INTERNAL, ErrorDocuments.OUR_FAULT);
  }

  /** Answers where the JVM itself failed, a stack overflow say. */
  private static void answerError(HttpServletResponse response, Error error) {
    UUID errorId = UUID.randomUUID();
    log.error("error {}: the JVM failed", errorId, error);
    byte[] document =
        Json.MAPPER.writeValueAsBytes(
            Problem.of(Type.INTERNAL, ErrorDocuments.OUR_FAULT).document(errorId));
    response.setStatus(Type.INTERNAL.status());
    response.setContentType("application/problem+json");
    try {
      response.getOutputStream().write(document);
    } catch (IOException e) {
      log.debug("the caller of error {} went away", errorId);
    }
  }

  private static void answer(Context ctx, Problem problem, UUID errorId, Clock clock) {
    if (problem.retryAt() != null) {
      long seconds =
          Math.max(1, Duration.between(clock.instant(), problem.retryAt()).toSeconds() + 1);
      ctx.header("Retry-After", String.valueOf(seconds));
    }
    if (problem.type() == Type.UNAUTHENTICATED) {
      ctx.header("WWW-Authenticate", "Bearer");
    }
    ctx.status(problem.type().status())
        .result(Json.MAPPER.writeValueAsBytes(problem.document(errorId)))
        .contentType("application/problem+json");
  }

  public int port() {
    return javalin.port();
  }

  /** Takes no more requests, and waits a while for those under way. */
  @Override
  public void close() {
    javalin.stop();
    disconnects.close();
  }
}
