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

  private static final Pattern ACTION =
      Pattern.compile("<form method=\"get\" action=\"([^\"]*)\">");
  private static final Pattern CHECKBOX =
      Pattern.compile("<input type=\"checkbox\" name=\"([^\"]*)\"");

  private ConsentPage() {}

  /**
   * Opens the link, goes on from the platform's own page as it stands (every box ticked that is
   * offered), and picks a channel on Google's.
   *
   * @param link to the platform's page, or to Google's
   * @param channelId which to pick; empty to cancel
   * @return where the page sends the browser: the app's callback address
   * @throws IOException when the page does not send back
   */
  public static URI pick(HttpClient browser, String link, String channelId)
      throws IOException, InterruptedException {
    URI address = URI.create(link);
    String page = open(browser, address).body();
    Matcher action = ACTION.matcher(page);
    if (action.find()) {
      List<String> ticked = new ArrayList<>(hidden(page));
      Matcher boxes = CHECKBOX.matcher(page);
      while (boxes.find()) {
        ticked.add(field(boxes.group(1), "on"));
      }
      HttpResponse<String> onwards =
          open(browser, address.resolve(action.group(1) + "?" + String.join("&", ticked)));
      address =
          onwards
              .headers()
              .firstValue("location")
              .map(URI::create)
              .orElseThrow(
                  () -> new IOException("the first page leads nowhere: " + onwards.body()));
      page = open(browser, address).body();
    }
    List<String> form = new ArrayList<>(hidden(page));
    form.add(field("channel", channelId));
    HttpRequest picked =
        HttpRequest.newBuilder(address.resolve("/o/oauth2/v2/auth"))
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

  private static HttpResponse<String> open(HttpClient browser, URI address)
      throws IOException, InterruptedException {
    return browser.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
  }

  private static List<String> hidden(String page) {
    List<String> fields = new ArrayList<>();
    Matcher matcher = HIDDEN.matcher(page);
    while (matcher.find()) {
      fields.add(
          field(
              matcher.group(1),
              matcher.group(2).replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&")));
    }
    return fields;
  }

  private static String field(String name, String value) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8)
        + "="
        + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
