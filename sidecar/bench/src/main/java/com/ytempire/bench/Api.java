package com.ytempire.bench;

import com.ytempire.sidecar.web.Json;
import com.ytempire.simulator.ConsentPage;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/** The sidecar's HTTP API, and the owners' browsers. Safe to share between threads. */
final class Api {
  private final String url;
  private final String token;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  Api(String url, String token) {
    this.url = url;
    this.token = token;
  }

  JsonNode post(String path, Object body) {
    try {
      HttpResponse<byte[]> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(url + path))
                  .header("Authorization", "Bearer " + token)
                  .POST(BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)))
                  .build(),
              BodyHandlers.ofByteArray());
      JsonNode json = Json.MAPPER.readTree(answer.body());
      if (answer.statusCode() / 100 != 2) {
        throw new IllegalStateException(path + " answered " + json);
      }
      return json;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  void consent(String link, String channelId) throws IOException, InterruptedException {
    URI back = ConsentPage.pick(http, link, channelId);
    HttpResponse<String> end =
        http.send(HttpRequest.newBuilder(back).build(), BodyHandlers.ofString());
    if (end.statusCode() != 200) {
      throw new IllegalStateException("connecting ended with " + end.body());
    }
  }

  /** Creates every account's user and channels, and connects them; answers the users' ids. */
  Map<World.Account, String> connect(World world) throws Exception {
    Map<World.Account, String> users = new LinkedHashMap<>();
    try (ExecutorService owners = Executors.newFixedThreadPool(8)) {
      List<Future<?>> all = new ArrayList<>();
      for (World.Account account : world.accounts()) {
        String user =
            post("/v1/users", Map.of("email", account.email(), "displayName", account.email()))
                .get("userId")
                .stringValue();
        users.put(account, user);
        for (World.Channel channel : account.channels()) {
          all.add(
              owners.submit(() -> {
                post(
                    "/v1/users/" + user + "/channels",
                    Map.of("channelId", channel.id(), "channelName", channel.title()));
                consent(
                    post("/v1/users/%s/channels/%s/connect".formatted(user, channel.id()), Map.of())
                        .get("connectUrl")
                        .stringValue(),
                    channel.id());
                return true;
              }));
        }
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    return users;
  }
}
