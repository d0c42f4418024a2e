package com.ytempire.sidecar.web;

import com.ytempire.sidecar.web.Problem.Type;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers with a problem document where Jetty refuses a request by itself: a request line or header
 * that it cannot read, that is too long, or a body that does not arrive. Safe to share between
 * threads.
 */
final class ErrorDocuments extends ErrorHandler {
  private static final Logger log = LoggerFactory.getLogger(ErrorDocuments.class);

  static final String OUR_FAULT =
      "This is our fault, and it is in our log. Try again, and tell us the instance if it stays.";

  private final RequestObserver observer;

  ErrorDocuments(RequestObserver observer) {
    this.observer = observer;
  }

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    Problem problem = problem(code, message);
    UUID errorId = UUID.randomUUID();
    if (problem.type().status() >= 500) {
      log.error("error {}: the server answered {}", errorId, code, cause);
    }
    observer.answered(
        RequestObserver.OTHER, RequestObserver.OTHER, problem.type().status(), Duration.ZERO);
    response.setStatus(problem.type().status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    if (problem.type() == Type.METHOD_NOT_ALLOWED) {
      response.getHeaders().put(HttpHeader.ALLOW, "DELETE, GET, HEAD, PATCH, POST");
    }
    response.write(
        true, ByteBuffer.wrap(Json.MAPPER.writeValueAsBytes(problem.document(errorId))), callback);
  }

  static Problem notFound() {
    return Problem.of(
        Type.NOT_FOUND, "There is nothing at this address; /docs lists what there is.");
  }

  static Problem tooLarge() {
    return Problem.of(
        Type.TOO_LARGE,
        "The body is too large; at most %,d bytes are taken.".formatted(LimitedBody.MAX_BYTES));
  }

  static Problem methodNotAllowed() {
    return Problem.of(
        Type.METHOD_NOT_ALLOWED, "This address takes other methods; /docs lists them.");
  }

  private static Problem problem(int code, @Nullable String message) {
    return switch (code) {
      case 404 -> notFound();
      case 405 -> methodNotAllowed();
      case 408 ->
          Problem.of(
              Type.REQUEST_TIMEOUT,
              "The request did not arrive whole in time. Send it again, faster.");
      case 413 -> tooLarge();
      case 414 ->
          Problem.of(
              Type.ADDRESS_TOO_LONG,
              "The address has more than 8,000 characters. Name fewer users at a time, or send them in a body.");
      case 431 ->
          Problem.of(
              Type.HEADERS_TOO_LARGE,
              "Address and headers have more than 8,000 characters together. Name fewer users at a time, or send them in a body.");
      case 500, 503 -> Problem.of(Type.INTERNAL, OUR_FAULT);
      default ->
          Problem.of(
              Type.INVALID_REQUEST,
              "The request is not HTTP as it should be: %s."
                  .formatted(message == null || message.isBlank() ? "status " + code : message));
    };
  }
}
