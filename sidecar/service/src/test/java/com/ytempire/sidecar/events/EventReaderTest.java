package com.ytempire.sidecar.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

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
      List<Fault> faults = new EventReader().readAll(List.of(event), NOW).getFirst().faults();
      assertEquals(
          contract.faults("recorded-event", event).isEmpty(),
          faults.isEmpty(),
          example + ": " + faults);
    }
  }

  @Test
  void faults_are_bounded_for_each_event_and_for_the_batch() {
    ObjectNode bad = Json.MAPPER.createObjectNode();
    IntStream.range(0, 2_000).forEach(i -> bad.put("field" + i, i));
    List<Integer> faults =
        new EventReader()
            .readAll(Collections.nCopies(500, bad), NOW).stream()
                .map(read -> read.faults().size())
                .toList();
    int whole = EventReader.MAX_BATCH_FAULTS / EventReader.MAX_FAULTS;
    assertEquals(Collections.nCopies(whole, EventReader.MAX_FAULTS), faults.subList(0, whole));
    assertEquals(Collections.nCopies(500 - whole, 1), faults.subList(whole, 500));
  }
}
