package com.ytempire.sidecar.tenancy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EmailAddressTest {
  @Test
  void addresses_that_look_alike_have_one_canonical_form() {
    for (String text :
        List.of(
            "ada@example.com",
            "ADA@Example.COM",
            "\uff41\uff44\uff41@example.com",
            "ada@\uff45xample.com",
            "ada\uff20example.com".replace('\uff20', '@'))) {
      assertEquals(Optional.of("ada@example.com"), EmailAddress.canonical(text), text);
    }
    assertEquals(
        EmailAddress.canonical("ada@xn--bcher-kva.example"),
        EmailAddress.canonical("ada@B\u00dccher.example"));
  }

  @Test
  void comments_quotes_names_and_lists_are_refused() {
    for (String text :
        List.of(
            "(1)ada@example.com",
            "ada(1)@example.com",
            "\uff081\uff09ada@example.com",
            "ada@example.com(1)",
            "\"ada\"@example.com",
            "\uff02ada\uff02@example.com",
            "a\\da@example.com",
            "<ada@example.com>",
            "Ada<ada@example.com>",
            "ada@[127.0.0.1]",
            "bob,ada@example.com",
            "bob;ada@example.com",
            "team:ada@example.com")) {
      assertEquals(Optional.empty(), EmailAddress.canonical(text), text);
    }
  }

  @Test
  void invisible_half_and_missing_characters_are_refused() {
    for (String text :
        List.of(
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "ada@example.com@evil.example",
            "ada\uff20evil@example.com",
            "a\u200bda@example.com",
            "ada\u2060@example.com",
            "\ufeffada@example.com",
            "a\u202eda@example.com",
            "a\u00adda@example.com",
            "ada\ud800@example.com",
            "ada\udc00@example.com",
            "a da@example.com",
            "a\u3000da@example.com",
            "ada\u0000@example.com",
            "ada@exa_mple.com",
            "ada@" + "x".repeat(64) + ".com",
            "a".repeat(250) + "@example.com")) {
      assertEquals(Optional.empty(), EmailAddress.canonical(text), text);
    }
  }
}
