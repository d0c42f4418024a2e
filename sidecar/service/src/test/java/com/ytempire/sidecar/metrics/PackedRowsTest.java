package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Rows as they are held between fetch and store. */
final class PackedRowsTest {
  private static final UUID USER = UUID.randomUUID();
  private static final PackedRows ROWS =
      PackedRows.of(Collections.nCopies(10_000, new FetchedRow(RowKind.CHANNEL_DAY, USER, "UC1")));

  @Test
  void rows_come_out_as_they_went_in() throws Exception {
    PackedRows one =
        PackedRows.of(List.of(new FetchedRow(RowKind.VIDEO, USER, "UC1").set("title", "é")));
    assertEquals(
        "[{\"kind\":\"video\",\"userId\":\"%s\",\"channelId\":\"UC1\",\"title\":\"é\"}]"
            .formatted(USER),
        new String(PackedRows.json(one.content(), one.sizeBytes()), StandardCharsets.UTF_8));
  }

  @Test
  void content_of_another_size_than_noted_is_not_unpacked_further() {
    for (long noted : List.of(0L, 100L, ROWS.sizeBytes() - 1, ROWS.sizeBytes() + 1)) {
      assertThrows(
          PackedRows.DamagedRows.class, () -> PackedRows.json(ROWS.content(), noted), "" + noted);
    }
  }
}
