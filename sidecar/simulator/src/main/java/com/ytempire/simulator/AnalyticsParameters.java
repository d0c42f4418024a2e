package com.ytempire.simulator;

import io.javalin.http.Context;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of a query of Analytics. */
final class AnalyticsParameters {
  private AnalyticsParameters() {}

  /** Returns the first value of a parameter; null: it is not there. */
  static @Nullable String value(Context ctx, String name) {
    List<String> values = all(ctx).get(name);
    return values == null || values.isEmpty() ? null : values.getFirst();
  }

  /**
   * The parameters of the address, or of the body: Google's client libraries send a query of more
   * than 2,048 characters as a POST with the header X-HTTP-Method-Override, and its parameters as a
   * form.
   */
  static Map<String, List<String>> all(Context ctx) {
    if (!"GET".equals(ctx.header("X-HTTP-Method-Override"))) {
      return ctx.queryParamMap();
    }
    Map<String, List<String>> known = ctx.attribute("parameters");
    if (known != null) {
      return known;
    }
    Map<String, List<String>> parameters = new HashMap<>();
    for (String pair : new String(GzipBody.read(ctx), StandardCharsets.UTF_8).split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters
            .computeIfAbsent(pair.substring(0, equals), name -> new ArrayList<>())
            .add(URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    ctx.attribute("parameters", parameters);
    return parameters;
  }
}
