package com.ytempire.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The consent page as a channel's owner meets it in a browser: opens the link, picks, and is sent
 * back to the app.
 */
public final class ConsentPage {
  private static final Pattern HIDDEN =
      Pattern.compile("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">");

  private ConsentPage() {}

  /**
   * Opens the link and picks a channel.
   *
   * @param channelId which to pick; empty to cancel
   * @return where the page sends the browser: the app's callback address
   * @throws IOException when the page does not send back
   */
  public static URI pick(HttpClient browser, String link, String channelId)
      throws IOException, InterruptedException {
    String page =
        browser
            .send(HttpRequest.newBuilder(URI.create(link)).build(), BodyHandlers.ofString())
            .body();
    List<String> form = new ArrayList<>();
    Matcher matcher = HIDDEN.matcher(page);
    while (matcher.find()) {
      form.add(
          field(
              matcher.group(1),
              matcher.group(2).replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&")));
    }
    form.add(field("channel", channelId));
    HttpRequest picked =
        HttpRequest.newBuilder(URI.create(link).resolve("/o/oauth2/v2/auth"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(String.join("&", form)))
            .build();
    HttpResponse<String> answer = browser.send(picked, BodyHandlers.ofString());
    return answer
        .headers()
        .firstValue("location")
        .map(URI::create)
        .orElseThrow(() -> new IOException("the consent page did not send back: " + answer.body()));
  }

  private static String field(String name, String value) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8)
        + "="
        + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
