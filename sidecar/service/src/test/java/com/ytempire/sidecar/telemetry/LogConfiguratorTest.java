package com.ytempire.sidecar.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.ytempire.sidecar.trace.RequestTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class LogConfiguratorTest {
  private final LoggerContext loggers = new LoggerContext();
  @TempDir Path folder = Path.of(".");

  @AfterEach
  void stop() {
    loggers.stop();
    System.clearProperty("YTEMPIRE_LOG_FOLDER");
    System.clearProperty("logback.configurationFile");
  }

  @Test
  void logback_finds_it_as_a_service() {
    assertTrue(
        ServiceLoader.load(ch.qos.logback.classic.spi.Configurator.class).stream()
            .anyMatch(provider -> provider.type() == LogConfigurator.class));
  }

  @Test
  void a_line_of_the_file_is_a_json_object_in_utc() throws IOException {
    System.setProperty("YTEMPIRE_LOG_FOLDER", folder.toString());
    loggers.setMDCAdapter(new LogbackMDCAdapter());
    LogConfigurator.apply(loggers);
    loggers.getLogger("com.ytempire.Test").warn("{} of two", "one");
    loggers.getLogger("org.flywaydb.core").info("not of interest");
    loggers.stop();
    List<String> lines = Files.readAllLines(folder.resolve("sidecar.log"));
    assertEquals(1, lines.size());
    JsonNode line = JsonMapper.builder().build().readTree(lines.getFirst());
    assertEquals("one of two", line.get("message").stringValue());
    assertEquals("WARN", line.get("level").stringValue());
    assertTrue(line.get("@timestamp").stringValue().endsWith("Z"), lines.getFirst());
  }

  @Test
  void a_line_that_a_request_writes_names_its_execution() throws IOException {
    System.setProperty("YTEMPIRE_LOG_FOLDER", folder.toString());
    loggers.setMDCAdapter(new LogbackMDCAdapter());
    LogConfigurator.apply(loggers);
    RequestTrace trace = RequestTrace.of("w1", "77");
    trace.run(() -> loggers.getLogger("com.ytempire.Test").info("within"));
    loggers.getLogger("com.ytempire.Test").info("without");
    loggers.stop();
    List<JsonNode> lines =
        Files.readAllLines(folder.resolve("sidecar.log")).stream()
            .map(JsonMapper.builder().build()::readTree)
            .toList();
    assertEquals(trace.requestId(), lines.getFirst().get("requestId").stringValue());
    assertEquals("77", lines.getFirst().get("executionId").stringValue());
    assertEquals("w1", lines.getFirst().get("workflowId").stringValue());
    assertFalse(lines.getLast().has("requestId"), lines.getLast().toString());
  }

  @Test
  void a_configuration_file_of_the_operator_is_used_instead() {
    System.setProperty("logback.configurationFile", "/etc/ytempire/logback.xml");
    assertEquals(ExecutionStatus.INVOKE_NEXT_IF_ANY, new LogConfigurator().configure(loggers));
    assertEquals(Level.DEBUG, loggers.getLogger("io.lettuce").getEffectiveLevel());
  }
}
