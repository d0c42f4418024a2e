package com.ytempire.sidecar.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PackedContentTest {
  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void text_of_any_length_comes_back() {
    for (String piece : List.of("", "a", "\u00ff", "\uffff", "\0", "日本語", "🎬", "{\"views\":1}")) {
      for (int times : new int[] {1, PackedContent.LONG - 1, PackedContent.LONG, 100_000}) {
        byte[] text = utf8(piece.repeat(times));
        assertArrayEquals(
            text, PackedContent.unpack(PackedContent.pack(text)).orElseThrow(), piece);
      }
    }
  }

  @Test
  void rows_that_resemble_each_other_take_a_fifth_of_their_length_at_most() {
    byte[] rows =
        utf8("{\"kind\":\"channel-day\",\"day\":\"2026-11-01\",\"views\":1234}".repeat(28));
    assertTrue(PackedContent.pack(rows).length < rows.length / 5);
  }

  @Test
  void short_text_is_left_as_it_is() {
    byte[] text = utf8("{\"until\":\"2026-11-01\"}");
    assertArrayEquals(text, PackedContent.pack(text));
  }

  @Test
  void what_is_cut_off_does_not_unpack() {
    byte[] packed = PackedContent.pack(utf8("0123456789".repeat(100)));
    assertEquals(Optional.empty(), PackedContent.unpack(Arrays.copyOf(packed, packed.length / 2)));
  }
}
