package com.ytempire.simulator;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;

/** Reads the body of a request, which may be compressed by gzip. */
final class GzipBody {
  private GzipBody() {}

  /** Google's client libraries zip what they send. */
  static byte[] read(Context ctx) {
    if (!"gzip".equals(ctx.header("Content-Encoding"))) {
      return ctx.bodyAsBytes();
    }
    try (var body = new GZIPInputStream(ctx.bodyInputStream())) {
      return body.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
