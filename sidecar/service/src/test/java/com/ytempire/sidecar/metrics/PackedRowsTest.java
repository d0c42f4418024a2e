package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.web.Json;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Rows as they are held between fetch and store. */
final class PackedRowsTest {
  private static final PackedRows ROWS =
      PackedRows.of(
          Collections.nCopies(
              10_000, (JsonNode) Json.MAPPER.createObjectNode().put("kind", "channel-day")));

  @Test
  void rows_come_out_as_they_went_in() throws Exception {
    PackedRows one =
        PackedRows.of(List.of(Json.MAPPER.createObjectNode().put("kind", "video").put("n", "é")));
    assertEquals(
        "[{\"kind\":\"video\",\"n\":\"é\"}]",
        new String(PackedRows.json(one.content(), one.sizeBytes()), StandardCharsets.UTF_8));
  }

  @Test
  void content_of_another_size_than_noted_is_not_unpacked_further() {
    for (long noted : List.of(0L, 100L, ROWS.sizeBytes() - 1, ROWS.sizeBytes() + 1)) {
      assertThrows(
          PackedRows.Damaged.class, () -> PackedRows.json(ROWS.content(), noted), "" + noted);
    }
  }
}
