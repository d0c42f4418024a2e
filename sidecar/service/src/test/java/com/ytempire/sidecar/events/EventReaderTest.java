package com.ytempire.sidecar.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The reader, which is written out, and the schema, which is the contract, judge alike. */
final class EventReaderTest {
  private static final Path EXAMPLES = Path.of("../../schemas/examples/recorded-event");
  private static final Instant NOW = Instant.parse("2026-11-20T18:00:00Z");

  @Test
  void examples_are_judged_as_by_the_schema() throws IOException {
    Contract contract = Contract.load();
    List<Path> examples;
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      examples = files.sorted().toList();
    }
    assertTrue(examples.size() >= 8, examples.toString());
    for (Path example : examples) {
      JsonNode event = Json.MAPPER.readTree(Files.readString(example));
      assertEquals(
          contract.faults("recorded-event", event).isEmpty(),
          new EventReader().read(event, NOW).faults().isEmpty(),
          example + ": " + new EventReader().read(event, NOW).faults());
    }
  }
}
