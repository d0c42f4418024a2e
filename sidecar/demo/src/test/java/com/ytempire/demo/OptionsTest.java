package com.ytempire.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.CommandLineSetup.InvalidArgument;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OptionsTest {
  @Test
  void without_options_it_is_the_whole_product() {
    assertEquals(
        new Options(false, 50, 5, 1, null, null, false, true, null, false, null, false),
        Options.parse());
    assertEquals(250, Options.parse().allChannels());
  }

  @Test
  void every_option_is_read() {
    assertEquals(
        new Options(
            true,
            3,
            2,
            7,
            20_000,
            Instant.parse("2027-01-01T07:58:00Z"),
            true,
            false,
            2,
            true,
            null,
            true),
        Options.parse(
            "--once",
            "--users",
            "3",
            "--channels",
            "2",
            "--seed",
            "7",
            "--port-base",
            "20000",
            "--at",
            "2026-12-31T23:58-08:00",
            "--busy",
            "--no-dashboards",
            "--pool",
            "2",
            "--week"));
  }

  @Test
  void only_a_plain_demo_goes_on_with_what_is_stored() {
    assertFalse(Options.parse().fresh());
    assertFalse(Options.parse("--users", "4").fresh());
    for (List<String> words :
        List.of(
            List.of("--fresh"),
            List.of("--once"),
            List.of("--week"),
            List.of("--at", "2026-12-31T23:58-08:00"))) {
      assertTrue(Options.parse(words.toArray(String[]::new)).fresh(), words.toString());
    }
  }

  @Test
  void a_week_is_of_few_users_unless_more_are_asked_for() {
    assertEquals(8, Options.parse("--week").allChannels());
    assertEquals(10, Options.parse("--week", "--users", "5").allChannels());
  }

  @Test
  void each_kill_has_a_user_of_its_own() {
    assertEquals(
        new Options(true, 9, 2, 1, null, null, false, true, null, false, 8, true),
        Options.parse("--once", "--kills", "8"));
  }

  @Test
  void an_unusable_option_is_reported_in_a_sentence() {
    for (List<String> arguments :
        List.of(
            List.of("--users"),
            List.of("--users", "0"),
            List.of("--users", "many"),
            List.of("--seed", "-1"),
            List.of("--kills", "9999999999", "--once"),
            List.of("--channels", "6"),
            List.of("--port-base", "80"),
            List.of("--pool", "1"),
            List.of("--at"),
            List.of("--at", "2026-12-31T23:58"),
            List.of("--at", "2026-02-29T12:00-08:00"),
            List.of("--at", "1999-12-31T23:58-08:00"),
            List.of("--kills", "8"),
            List.of("--kills", "0"),
            List.of("--kills", "8", "--once", "--users", "3"),
            List.of("--kills", "8", "--once", "--week"),
            List.of("--fast"))) {
      InvalidArgument invalid =
          assertThrows(
              InvalidArgument.class, () -> Options.parse(arguments.toArray(String[]::new)));
      assertTrue(
          String.valueOf(invalid.getMessage()).contains(arguments.getFirst()),
          invalid.getMessage());
    }
  }

  @Test
  void help_lists_every_option() {
    String help =
        String.valueOf(
            assertThrows(Options.HelpRequest.class, () -> Options.parse("--help")).getMessage());
    for (String option :
        List.of(
            "--once",
            "--users",
            "--channels",
            "--seed",
            "--port-base",
            "--at",
            "--busy",
            "--no-dashboards",
            "--pool",
            "--week",
            "--kills")) {
      assertTrue(help.contains(option), help);
    }
  }
}
