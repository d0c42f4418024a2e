package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.web.Json;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the contract says of reports beside what the code does. */
final class ReportContractTest {
  @Test
  void the_contract_says_of_each_report_what_the_code_does() throws Exception {
    JsonNode values;
    try (InputStream schema =
        ReportContractTest.class.getResourceAsStream("/schemas/report.json")) {
      values = Json.MAPPER.readTree(Objects.requireNonNull(schema)).get("x-values");
    }
    assertEquals(
        List.copyOf(values.propertyNames()).stream().sorted().toList(),
        Arrays.stream(Report.values()).map(Report::label).sorted().toList());
    for (Report report : Report.values()) {
      JsonNode traits = values.get(report.label());
      assertEquals(report.rowKind().label(), traits.get("kind").stringValue(), report.label());
      assertEquals(
          report.rowKind().isStored(), traits.get("storable").booleanValue(), report.label());
      assertEquals(
          report.schedule() != Schedule.Rule.ON_DEMAND,
          traits.get("incremental").booleanValue(),
          report.label());
      assertEquals(
          report.hasPeriod() ? Admission.maxDays(report) : 0,
          traits.path("maxDays").asInt(0),
          report.label());
    }
  }
}
