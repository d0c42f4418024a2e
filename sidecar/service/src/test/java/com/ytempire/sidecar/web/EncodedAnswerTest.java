package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonGenerator;

final class EncodedAnswerTest {
  private static byte[] bytes(EncodedAnswer answer) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    answer.writeTo(out);
    return out.toByteArray();
  }

  @Test
  void an_answer_of_many_pieces_is_what_its_rows_would_be_as_objects() throws Exception {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("videoId", "\u00e9\ud83c\udfac\"" + i);
      row.put("views", (long) i);
      row.put("revenue", new BigDecimal("1.2500"));
      row.put("rate", 0.25);
      rows.add(row);
    }
    EncodedAnswer answer = new EncodedAnswer();
    try (JsonGenerator json = answer.generator()) {
      json.writeStartArray();
      rows.forEach(json::writePOJO);
      json.writeEndArray();
    }
    byte[] expected = Json.MAPPER.writeValueAsBytes(rows);
    assertArrayEquals(expected, bytes(answer));
    assertEquals(expected.length, answer.size());
  }

  @Test
  void an_empty_answer_has_no_bytes() throws Exception {
    assertEquals(0, new EncodedAnswer().size());
    assertEquals(0, bytes(new EncodedAnswer()).length);
  }
}
