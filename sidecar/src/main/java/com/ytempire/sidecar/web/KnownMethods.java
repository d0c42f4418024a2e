package com.ytempire.sidecar.web;

import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses a request whose method is not one of HTTP's common ones, before it is routed: whatever is
 * kept by method (a meter, an entry of the router) has a bounded number of them.
 */
final class KnownMethods extends Handler.Wrapper {
  /** Those that reach the router. The API itself has no PUT and no OPTIONS: the router says so. */
  static final List<String> METHODS =
      List.of("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT");

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (METHODS.contains(request.getMethod())) {
      return super.handle(request, response, callback);
    }
    Response.writeError(request, response, callback, Problem.Type.METHOD_NOT_ALLOWED.status());
    return true;
  }
}
