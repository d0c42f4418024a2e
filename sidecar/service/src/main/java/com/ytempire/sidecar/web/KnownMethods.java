package com.ytempire.sidecar.web;

import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses a request whose method is not one of HTTP's common ones, before it is routed: whatever is
 * kept by method (a meter, an entry of the router) has a bounded number of them. A header that asks
 * the router for another method than that of the request line is left out for the same reason.
 */
final class KnownMethods extends Handler.Wrapper {
  /** Those that reach the router. The API itself has no PUT and no OPTIONS: the router says so. */
  static final List<String> METHODS =
      List.of("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT");

  private static final String OVERRIDE = "X-HTTP-Method-Override";

  private static final class WithoutOverride extends Request.Wrapper {
    private final HttpFields headers;

    WithoutOverride(Request request) {
      super(request);
      headers = HttpFields.build(request.getHeaders()).remove(OVERRIDE).asImmutable();
    }

    @Override
    public HttpFields getHeaders() {
      return headers;
    }
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (METHODS.contains(request.getMethod())) {
      return super.handle(
          request.getHeaders().contains(OVERRIDE) ? new WithoutOverride(request) : request,
          response,
          callback);
    }
    Response.writeError(request, response, callback, Problem.Type.METHOD_NOT_ALLOWED.status());
    return true;
  }
}
