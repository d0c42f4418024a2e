package com.ytempire.e2e;

import com.ytempire.platform.Http;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A client of the Model Context Protocol, 2025-06-18, over streamable HTTP. */
final class Agent {
  private static final String VERSION = "2025-06-18";

  private final String path;
  private Http http;
  private int calls;

  /**
   * Makes a client that is not connected yet.
   *
   * @param http a client of n8n with the token of agents
   * @param server the name of the MCP server
   */
  Agent(Http http, String server) {
    this.path = "/mcp/" + server;
    this.http = http.with("Accept", "application/json, text/event-stream");
  }

  /** Whether it was let in. */
  boolean connect() {
    HttpResponse<String> answer =
        send(
            "initialize",
            Http.map(
                "protocolVersion",
                VERSION,
                "capabilities",
                Map.of(),
                "clientInfo",
                Http.map("name", "agent of the tests", "version", "1")));
    if (answer.statusCode() != 200) {
      return false;
    }
    http = http.with("MCP-Protocol-Version", VERSION);
    answer
        .headers()
        .firstValue("mcp-session-id")
        .ifPresent(session -> http = http.with("Mcp-Session-Id", session));
    HttpResponse<String> unused =
        http.exchange(path, Http.map("jsonrpc", "2.0", "method", "notifications/initialized"));
    return true;
  }

  List<String> tools() {
    List<String> names = new ArrayList<>();
    for (JsonNode tool : result(send("tools/list", Map.of())).get("tools")) {
      names.add(tool.get("name").stringValue());
    }
    return names.stream().sorted().toList();
  }

  String call(String tool, Map<String, Object> arguments) {
    return result(send("tools/call", Http.map("name", tool, "arguments", arguments)))
        .get("content")
        .get(0)
        .get("text")
        .stringValue();
  }

  private HttpResponse<String> send(String method, Map<String, Object> parameters) {
    return http.exchange(
        path, Http.map("jsonrpc", "2.0", "id", ++calls, "method", method, "params", parameters));
  }

  /** As JSON, or as the event of a stream. */
  private static JsonNode result(HttpResponse<String> answer) {
    String body = answer.body();
    int data = body.indexOf("data:");
    JsonNode message =
        Http.JSON.readTree(
            data < 0 ? body : body.substring(data + 5).lines().findFirst().orElse(""));
    JsonNode result = message.get("result");
    if (result == null) {
      throw new IllegalStateException("the MCP server answered " + body);
    }
    return result;
  }
}
