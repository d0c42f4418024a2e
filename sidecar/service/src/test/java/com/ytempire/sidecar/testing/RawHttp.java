package com.ytempire.sidecar.testing;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * One HTTP/1.1 connection that sends any bytes, which a proper client refuses to. Not safe to share
 * between threads.
 */
public final class RawHttp implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream in;

  public RawHttp(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** An answer as it came: header names in lower case, a header that came twice by its last. */
  public record Response(int status, Map<String, String> headers, String body) {
    public JsonNode json() {
      return Platform.JSON.readTree(body);
    }

    public boolean closes() {
      return "close".equalsIgnoreCase(headers.get("connection"));
    }

    /** Fails unless this is a problem document of this status and type. */
    public JsonNode expectProblem(int wanted, String type) {
      if (status != wanted || !"application/problem+json".equals(headers.get("content-type"))) {
        throw new AssertionError(
            "%d %s instead of problem %d: %s".formatted(status, headers, wanted, body));
      }
      if (!json().get("type").stringValue().equals("/problems/" + type)) {
        throw new AssertionError("not " + type + ": " + body);
      }
      return json();
    }
  }

  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Says that nothing more will be sent. */
  public void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Sends one request and reads its answer. */
  public Response exchange(String text) throws IOException {
    return exchange(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends one request and reads its answer. */
  public Response exchange(byte[] request) throws IOException {
    send(request);
    return read(
        new String(request, 0, Math.min(5, request.length), StandardCharsets.ISO_8859_1)
            .equals("HEAD "));
  }

  /** Reads an answer; those that only announce it (1xx) are passed over. */
  public Response read(boolean isHead) throws IOException {
    Response response = readOne(isHead);
    while (response.status() < 200) {
      response = readOne(isHead);
    }
    return response;
  }

  /** Reads an answer that only announces another (1xx). */
  public Response readInterim() throws IOException {
    return readOne(false);
  }

  private Response readOne(boolean isHead) throws IOException {
    String status = line();
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status.substring(9, 12));
    byte[] body;
    if (isHead || code < 200 || code == 204 || code == 304) {
      body = new byte[0];
    } else if ("chunked".equals(headers.get("transfer-encoding"))) {
      body = chunked();
    } else if (headers.containsKey("content-length")) {
      body = in.readNBytes(Integer.parseInt(headers.get("content-length")));
    } else {
      body = in.readAllBytes();
    }
    return new Response(code, headers, new String(body, StandardCharsets.UTF_8));
  }

  private byte[] chunked() throws IOException {
    StringBuilder body = new StringBuilder();
    for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
      body.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
      line();
    }
    line();
    return body.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended after: " + line);
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
