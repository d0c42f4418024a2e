package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TextSearchTest {
  /** Few letters, so that texts begin alike, overlap and repeat; some beyond Latin-1. */
  private static String random(Random random, int length) {
    return IntStream.range(0, length)
        .mapToObj(i -> List.of("a", "b", "\u4e2d", "\ud83d\ude00").get(random.nextInt(4)))
        .collect(Collectors.joining());
  }

  @Test
  void finds_exactly_the_texts_that_contains_finds() {
    Random random = new Random(20_261_127);
    for (int round = 0; round < 2_000; round++) {
      Set<String> texts =
          IntStream.range(0, 20)
              .mapToObj(i -> random(random, random.nextInt(4, 9)))
              .collect(Collectors.toSet());
      String text = random(random, random.nextInt(60));
      assertEquals(
          texts.stream().filter(text::contains).collect(Collectors.toSet()),
          new TextSearch(texts).in(text),
          text);
    }
  }

  @Test
  void finds_a_text_at_the_start_and_at_the_end() {
    TextSearch search = new TextSearch(List.of("first", "last", "whole"));
    assertEquals(Set.of("first", "last"), search.in("first, and last"));
    assertEquals(Set.of("whole"), search.in("whole"));
    assertEquals(Set.of(), search.in(""));
  }

  @Test
  void rejects_a_text_that_is_too_short_to_look_for() {
    assertThrows(IllegalArgumentException.class, () -> new TextSearch(List.of("abc")));
  }
}
