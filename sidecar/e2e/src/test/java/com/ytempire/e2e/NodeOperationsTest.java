package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.N8n;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Every operation of every node, in the workflows of {@code n8n-nodes/test/workflows}. */
@EndToEnd
@Order(6)
@Tag(EndToEnd.ANY_HOUR)
final class NodeOperationsTest {
  /** Database logins are not for service tokens. */
  private static final String BY_OPERATOR = "database-logins.json";

  static Stream<String> fixtures() {
    return Workflows.fixtures(Path.of(System.getProperty("ytempire.root"))).stream()
        .map(file -> file.getFileName().toString());
  }

  @ParameterizedTest(name = "each node of {0} gives something out")
  @MethodSource("fixtures")
  void each_node_of_a_workflow_gives_something_out(String name, SyncedPlatform synced)
      throws Exception {
    N8n n8n = synced.platform().n8n();
    Path root = synced.platform().settings().root();
    ObjectNode workflow = Workflows.read(root.resolve("n8n-nodes/test/workflows").resolve(name));
    String credential =
        name.equals(BY_OPERATOR)
            ? n8n.createCredential(
                synced.platform().sidecarUrl(), synced.platform().operatorToken())
            : synced.platform().credential();
    String id = n8n.importWorkflow(workflow, credential);
    String execution = n8n.run(id, "Run Now");
    assertEquals(
        "success",
        synced.workflows().awaitEnd(id, execution),
        () -> String.valueOf(n8n.errorMessage(execution)));
    Map<String, List<Integer>> outputs = n8n.outputs(execution);
    for (JsonNode node : workflow.get("nodes")) {
      String type = node.get("type").stringValue();
      if (type.startsWith("n8n-nodes-ytempire.")) {
        check(node, type, outputs);
      }
    }
  }

  private static void check(JsonNode node, String type, Map<String, List<Integer>> outputs) {
    String name = node.get("name").stringValue();
    List<Integer> items = outputs.getOrDefault(name, List.of());
    boolean mayBeEmpty = node.path("notes").asString("").equals("may be empty");
    assertTrue(
        mayBeEmpty ? outputs.containsKey(name) : !items.isEmpty() && items.getFirst() > 0,
        () -> "the node %s gave out %s".formatted(name, items));
    assertTrue(
        !type.endsWith(".storeMetrics") || items.size() < 2 || items.get(1) == 0,
        () -> "the node %s refused rows".formatted(name));
  }
}
