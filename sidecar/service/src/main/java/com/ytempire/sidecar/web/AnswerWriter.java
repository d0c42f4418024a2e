package com.ytempire.sidecar.web;

import io.javalin.http.Context;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.exc.JacksonIOException;

/** Writes what a handler answered: JSON, a page, a redirect, a file, or nothing. */
final class AnswerWriter {
  private static final Logger log = LoggerFactory.getLogger(AnswerWriter.class);

  private AnswerWriter() {}

  /** Writes an answer; null: an empty one. */
  static void write(Context ctx, Endpoint endpoint, @Nullable Object answer) {
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
      case Endpoint.Answer other ->
          ctx.status(other.status())
              .contentType("application/json")
              .result(Json.MAPPER.writeValueAsBytes(other.body()));
      case EncodedAnswer encoded -> {
        ctx.status(endpoint.status()).contentType("application/json");
        try {
          encoded.writeTo(ctx.outputStream());
        } catch (IOException e) {
          log.debug("a caller left while its answer was written: {}", e.getMessage());
        }
      }
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

  private static void send(Context ctx, Endpoint endpoint, Endpoint.Download download) {
    ctx.status(endpoint.status())
        .contentType(Objects.requireNonNull(endpoint.mediaType()))
        .header("Content-Disposition", "attachment; filename=\"" + download.name() + "\"")
        .result(download.content());
  }
}
