package com.ytempire.sidecar.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The loops, and the patterns of the contract, judge texts alike that are right but for a little.
 */
final class EventTextTest {
  private static final String LETTERS = "09azAZfgFG.-_:/TtZz+ !~\n\u0000\u00e9\u0660UC";

  /**
   * Texts near to some that are right: a character changed, left out or added, up to three times.
   */
  private static List<String> near(String... right) {
    Random random = new Random(7);
    List<String> texts = new ArrayList<>(List.of(""));
    for (String each : right) {
      texts.add(each);
      for (int n = 0; n < 20_000; n++) {
        StringBuilder text = new StringBuilder(each);
        for (int change = random.nextInt(3); change >= 0 && !text.isEmpty(); change--) {
          char c = LETTERS.charAt(random.nextInt(LETTERS.length()));
          int at = random.nextInt(text.length());
          switch (random.nextInt(4)) {
            case 0 -> text.insert(at, c);
            case 1 -> text.deleteCharAt(at);
            default -> text.setCharAt(at, c);
          }
        }
        texts.add(text.toString());
      }
    }
    return texts;
  }

  private static void assertAlike(Predicate<String> form, String pattern, String... right) {
    Pattern compiled = Pattern.compile(pattern);
    int good = 0;
    for (String text : near(right)) {
      boolean isRight = compiled.matcher(text).matches();
      good += isRight ? 1 : 0;
      assertEquals(isRight, form.test(text), text);
    }
    assertTrue(good > right.length, "some were right");
  }

  @Test
  void ids_types_sources_and_subjects_are_judged_as_by_the_patterns() {
    assertAlike(
        EventText::isUuid,
        "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d");
    assertAlike(
        EventText::isType,
        "[A-Za-z0-9][A-Za-z0-9._-]{0,99}",
        "video.rendered",
        "x",
        "v".repeat(100));
    assertAlike(EventText::isSource, "[!-~]{1,200}", "n8n/render", "s".repeat(200));
    assertAlike(
        EventText::isSubject,
        "(UC[0-9A-Za-z_-]{22})(?:/([0-9A-Za-z_-]{11}))?",
        "UCabcdefghijklmnopqrstuv",
        "UCabcdefghijklmnopqrstuv/dQw4w9WgXcQ");
  }

  @Test
  void times_are_read_as_by_the_calendar() {
    Pattern form =
        Pattern.compile(
            "\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:[Zz]|[+-]\\d\\d:\\d\\d)");
    for (String text :
        near(
            "2026-11-20T17:00:00Z",
            "2026-02-28T23:59:59.123456789Z",
            "2024-02-29T00:00:00.5Z",
            "2026-11-20T17:00:00.25+05:30")) {
      assertEquals(form.matcher(text).matches(), EventText.isTime(text), text);
      if (EventText.isTime(text)) {
        assertEquals(parsed(text), read(text), text);
      }
    }
  }

  private static Object parsed(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return "none";
    }
  }

  private static Object read(String text) {
    try {
      return EventText.time(text);
    } catch (DateTimeException e) {
      return "none";
    }
  }

  @Test
  void text_that_postgresql_cannot_hold_is_found() {
    assertFalse(EventText.isUnstorable("a\ud83d\ude00b"));
    for (String text :
        List.of("a\u0000", "\ud83d", "\ud83dx", "x\ude00", "\ude00\ud83d", "\ud83d\ud83d")) {
      assertTrue(EventText.isUnstorable(text));
    }
  }
}
