package com.ytempire.sidecar.web;

import com.ytempire.sidecar.config.HttpSettings;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server: endpoints in, Javalin underneath. Maps every failure to a problem document, and
 * serves {@code /openapi.json} and the page {@code /docs} to try it.
 */
public final class Server implements AutoCloseable {
  /** Most bytes of a body. */
  public static final long MAX_BODY = LimitedBody.MAX_BYTES;

  private static final Duration GRACE = Duration.ofSeconds(20);

  private final Javalin javalin;
  private final Dispatcher dispatcher;

  private Server(Javalin javalin, Dispatcher dispatcher) {
    this.javalin = javalin;
    this.dispatcher = dispatcher;
  }

  /**
   * Starts to listen.
   *
   * @param translate maps failures of other packages to problems; null for what it does not know
   */
  public static Server start(
      HttpSettings settings,
      Contract contract,
      Authenticator authenticator,
      List<Endpoint> endpoints,
      Function<Throwable, @Nullable Problem> translate,
      RequestObserver observer,
      Clock clock) {
    Dispatcher dispatcher =
        new Dispatcher(contract, authenticator, settings.trustedProxies(), clock);
    ProblemWriter problems = new ProblemWriter(translate, clock);
    Javalin javalin =
        Javalin.create(config -> {
          configureServer(config, settings.host(), new ErrorDocuments(observer));
          config.routes.before(Server::secure);
          endpoints.forEach(endpoint ->
              config.routes.addHttpHandler(
                  HandlerType.findOrCreate(endpoint.method()),
                  endpoint.path(),
                  ctx -> dispatcher.dispatch(ctx, endpoint)));
          // Made when it is first asked for; few sidecars ever are.
          addDocumentation(config, lazily(() -> new OpenApi(contract, endpoints)));
          addProblems(config, problems);
          config.requestLogger.http((ctx, ms) -> observe(observer, ctx, ms));
        });
    javalin.start(settings.port());
    return new Server(javalin, dispatcher);
  }

  private static void configureServer(JavalinConfig config, String host, ErrorDocuments errors) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.concurrency.useVirtualThreads = true;
    config.http.prefer405over404 = true;
    config.jetty.host = host;
    config.jetty.modifyServer(server -> {
      server.setStopTimeout(GRACE.toMillis());
      server.setErrorHandler(errors);
      server.setHandler(edge());
    });
    // Jetty otherwise keeps 100 KB of header fields for each open connection, to parse a repeated
    // header a little faster: 20 MB for 200 callers.
    config.jetty.modifyHttpConfiguration(http -> http.setHeaderCacheSize(0));
    config.jetty.modifyServletContextHandler(handler -> handler.setErrorHandler(errors));
  }

  /** What a request and its answer pass before and after the router. */
  static Handler.Wrapper edge() {
    return new MinimumAnswerRate(new KnownMethods());
  }

  private static void secure(Context ctx) {
    ctx.header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "DENY")
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    CallerText.requireReadablePath(ctx.req().getRequestURI());
  }

  private static void addDocumentation(JavalinConfig config, Supplier<OpenApi> openApi) {
    config.routes.get(
        "/openapi.json", ctx -> ctx.contentType("application/json").result(openApi.get().json()));
    config.routes.get(
        "/docs",
        ctx -> ctx.header("Content-Security-Policy", OpenApi.PAGE_POLICY).html(OpenApi.PAGE));
    config.routes.get(
        OpenApi.ASSETS + "{version}/{file}",
        ctx -> {
          String file = ctx.pathParam("file");
          InputStream asset =
              OpenApi.asset(ctx.pathParam("version"), file).orElseThrow(ErrorDocuments::notFound);
          // The version is in the address.
          ctx.header("Cache-Control", "public, max-age=86400")
              .contentType(file.endsWith(".css") ? "text/css" : "text/javascript")
              .result(asset);
        });
    config.routes.get("/", ctx -> ctx.redirect("/docs"));
  }

  private static void addProblems(JavalinConfig config, ProblemWriter problems) {
    config.routes.exception(
        Exception.class, (failure, ctx) -> problems.write(failure, ctx, Dispatcher.trace(ctx)));
    // Javalin has a handler of its own for these, which would answer in plain text.
    config.routes.exception(
        HttpResponseException.class,
        (failure, ctx) -> problems.write(failure, ctx, Dispatcher.trace(ctx)));
    config.router.javaLangErrorHandler(ProblemWriter::writeError);
  }

  private static void observe(RequestObserver observer, Context ctx, float ms) {
    observer.answered(
        KnownMethods.METHODS.contains(ctx.method().name())
            ? ctx.method().name()
            : RequestObserver.OTHER,
        template(ctx),
        ctx.statusCode(),
        Duration.ofNanos((long) (ms * 1e6)));
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

  public int port() {
    return javalin.port();
  }

  /** Takes no more requests, and waits a while for those under way. */
  @Override
  public void close() {
    javalin.stop();
    dispatcher.close();
  }
}
