package com.ytempire.sidecar.oauth;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import com.ytempire.sidecar.config.HttpSettings.Legal;
import com.ytempire.sidecar.tenancy.Channel;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.web.Endpoint.Page;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The pages that the owner of a channel sees while connecting it: what is asked for and why, which
 * channel to pick, and the links that YouTube's Developer Policies demand (III.A.1, III.A.2). Plain
 * HTML without a script: for a phone, a keyboard, a screen reader, light and dark. The templates
 * are in {@code resources/pages}; every value is escaped by the template engine. Safe to share
 * between threads.
 */
final class ConnectPages {
  static final String PATH = "/v1/connect";
  static final String START = "/v1/connect/start";

  private final Mustache.Compiler compiler = Mustache.compiler().withLoader(ConnectPages::source);
  private final Map<String, Template> templates = new ConcurrentHashMap<>();
  private final String publicUrl;
  private final Legal legal;

  ConnectPages(String publicUrl, Legal legal) {
    this.publicUrl = publicUrl;
    this.legal = legal;
  }

  /** Returns the address of the first page. */
  String link(String sealedState) {
    return publicUrl + PATH + "?state=" + URLEncoder.encode(sealedState, StandardCharsets.UTF_8);
  }

  /**
   * Returns the first page.
   *
   * @param customer who will receive the data
   * @param notAgreed whether it is shown again because the terms were not agreed to
   */
  Page welcome(
      Channel channel,
      GrantDao.Customer customer,
      String state,
      boolean offersRevenue,
      boolean notAgreed) {
    boolean again = Connection.RECONNECT_NEEDED.is(channel.connection());
    return page(
        200,
        again ? "Reconnect your channel" : "Connect your channel",
        "welcome",
        Map.of(
            "again", again,
            "channelName", channel.channelName(),
            "channelId", channel.channelId(),
            "customerName", customer.displayName(),
            "customerEmail", customer.email(),
            "offersRevenue", offersRevenue,
            "action", START,
            "state", state,
            "notAgreed", notAgreed));
  }

  /** Returns the page after a channel was connected. */
  Page connected(String title, boolean revenue) {
    return page(200, "Connected", "connected", Map.of("channelName", title, "revenue", revenue));
  }

  /** Returns the page for an owner who picked another of its channels. */
  Page wrongChannel(
      String pickedTitle, String pickedId, String wantedName, String wantedId, String again) {
    return page(
        409,
        "That was another channel",
        "wrong-channel",
        Map.of(
            "pickedTitle", pickedTitle,
            "pickedId", pickedId,
            "wantedName", wantedName,
            "wantedId", wantedId,
            "again", again));
  }

  /** Returns the page for a link that is no longer valid. */
  Page expired() {
    return message(
        400,
        "This link no longer works",
        "It has expired, was cut short, or its channel was removed. Ask for a new one where you got it.",
        null);
  }

  /**
   * Returns a page with one sentence.
   *
   * @param again the link to begin again, or null
   */
  Page message(int status, String title, String text, @Nullable String again) {
    return page(
        status,
        title,
        "message",
        again == null ? Map.of("text", text) : Map.of("text", text, "again", again));
  }

  private Page page(int status, String title, String template, Map<String, Object> values) {
    Map<String, @Nullable Object> all = new HashMap<>(values);
    all.put("pageTitle", title);
    all.put("contact", legal.contact());
    all.put("privacyPolicyUrl", legal.privacyPolicyUrl());
    all.putIfAbsent("again", null);
    return new Page(
        status,
        templates.computeIfAbsent(template, name -> compiler.loadTemplate(name)).execute(all));
  }

  private static Reader source(String template) {
    String file = "/pages/" + template + ".mustache";
    return new InputStreamReader(
        Objects.requireNonNull(ConnectPages.class.getResourceAsStream(file), file),
        StandardCharsets.UTF_8);
  }
}
