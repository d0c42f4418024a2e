package com.ytempire.sidecar.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.config.HttpSettings.Legal;
import com.ytempire.sidecar.tenancy.Channel;
import com.ytempire.sidecar.web.Endpoint.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages that owners of channels see. They are left in target/pages to be looked at. */
final class ConnectPagesTest {
  private static final String WANTED = "UCaaaaaaaaaaaaaaaaaaaaaa";
  private static final String PICKED = "UCbbbbbbbbbbbbbbbbbbbbbb";

  private static final GrantDao.Customer ADA =
      new GrantDao.Customer("ada@example.com", "Ada <Lovelace>");

  private final ConnectPages pages =
      new ConnectPages(
          "https://data.example.com",
          new Legal("https://example.com/privacy", "privacy@example.com"));

  private static Channel channel(String name, String connection) {
    return new Channel(
        UUID.randomUUID(),
        WANTED,
        1,
        name,
        null,
        null,
        connection,
        null,
        true,
        null,
        Instant.EPOCH);
  }

  private Map<String, Page> all(String name) {
    Map<String, Page> all = new LinkedHashMap<>();
    all.put("welcome", pages.welcome(channel(name, "not-connected"), ADA, "state", true, false));
    all.put("not-agreed", pages.welcome(channel(name, "not-connected"), ADA, "state", false, true));
    all.put(
        "reconnect", pages.welcome(channel(name, "reconnect-needed"), ADA, "state", true, false));
    all.put("connected", pages.connected(name, true));
    all.put(
        "wrong-channel",
        pages.wrongChannel("Chess with Bob", PICKED, name, WANTED, pages.link("state")));
    all.put("expired", pages.expired());
    return all;
  }

  @Test
  void the_page_names_the_customer_who_receives_the_data() {
    String html = Objects.requireNonNull(all("Cooking").get("welcome")).html();
    assertTrue(html.contains("Who receives them: <strong>Ada &lt;Lovelace&gt;</strong>"), html);
    assertTrue(html.contains("ada@example.com"), html);
  }

  @Test
  void pages_are_left_to_be_looked_at() throws IOException {
    Path folder = Files.createDirectories(Path.of("target/pages"));
    for (Map.Entry<String, Page> page : all("Cooking with Ada").entrySet()) {
      Files.writeString(folder.resolve(page.getKey() + ".html"), page.getValue().html());
    }
  }

  @Test
  void names_from_youtube_cannot_put_anything_on_the_page() {
    all("<script>alert(1)</script>\"><img src=x>")
        .forEach((name, page) ->
            assertFalse(page.html().contains("<script") || page.html().contains("<img"), name));
  }

  @Test
  void every_page_is_for_phones_keyboards_and_screen_readers() {
    all("Cooking with Ada")
        .forEach((name, page) -> {
          String html = page.html();
          assertTrue(html.contains("lang=\"en\"") && html.contains("width=device-width"), name);
          assertTrue(html.contains(":focus-visible"), name);
          assertEquals(1, Pattern.compile("<h1>").splitAsStream(html).count() - 1, name);
          // Every box is inside its label, so that a tap on the words ticks it.
          assertEquals(
              Pattern.compile("<label><input type=\"checkbox\"").splitAsStream(html).count(),
              Pattern.compile("<input type=\"checkbox\"").splitAsStream(html).count(),
              name);
          for (String link :
              new String[] {
                "https://www.youtube.com/t/terms",
                "https://policies.google.com/privacy",
                "https://example.com/privacy",
                "https://security.google.com/settings/security/permissions"
              }) {
            assertTrue(html.contains(link), link + " is not on " + name);
          }
        });
  }

  @Test
  void a_wrong_channel_is_named_beside_the_right_one_with_a_way_back() {
    String html = Objects.requireNonNull(all("Cooking with Ada").get("wrong-channel")).html();
    // As a browser reads it: the template engine writes "=" as an entity.
    html = html.replace("&#x3D;", "=");
    for (String part :
        new String[] {"Chess with Bob", PICKED, "Cooking with Ada", WANTED, "/v1/connect?state="}) {
      assertTrue(html.contains(part), part);
    }
  }
}
