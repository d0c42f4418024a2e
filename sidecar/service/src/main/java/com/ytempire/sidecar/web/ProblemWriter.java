package com.ytempire.sidecar.web;

import com.ytempire.sidecar.trace.RequestTrace;
import com.ytempire.sidecar.web.Problem.Type;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.MethodNotAllowedResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers failures with problem documents, and logs those that are ours under the id that the
 * document names. Safe to share between threads.
 */
final class ProblemWriter {
  private static final Logger log = LoggerFactory.getLogger(ProblemWriter.class);

  private final Function<Throwable, @Nullable Problem> translate;
  private final Clock clock;

  /**
   * Makes a writer.
   *
   * @param translate maps failures of other packages to problems; null for what it does not know
   */
  ProblemWriter(Function<Throwable, @Nullable Problem> translate, Clock clock) {
    this.translate = translate;
    this.clock = clock;
  }

  /** Answers a failure of a request. */
  void write(Exception failure, Context ctx, RequestTrace trace) {
    UUID errorId = UUID.randomUUID();
    if (failure instanceof MethodNotAllowedResponse e) {
      ctx.header("Allow", e.getDetails().getOrDefault("availableMethods", "GET"));
    }
    write(ctx, trace.supply(() -> problemOf(failure, errorId)), errorId);
  }

  private void write(Context ctx, Problem problem, UUID errorId) {
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

  private Problem problemOf(Throwable failure, UUID errorId) {
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
  static void writeError(HttpServletResponse response, Error error) {
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
}
