package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.web.Contract;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The table of rows and the contract say the same. */
final class RowKindTest {
  private final Contract contract = Contract.load();

  @Test
  void every_kind_has_exactly_the_fields_of_its_schema() {
    for (RowKind kind : RowKind.values()) {
      JsonNode schema = contract.document(kind.label());
      TreeSet<String> inContract = new TreeSet<>(schema.get("properties").propertyNames());
      TreeSet<String> inTable = new TreeSet<>(kind.fields().stream().map(RowField::json).toList());
      inTable.add("kind");
      inTable.add("userId");
      assertEquals(inContract, inTable, kind.label());
    }
  }

  @Test
  void every_kind_of_the_contract_is_in_the_table_and_the_other_way_round() {
    JsonNode kinds = contract.document("metric-row").get("oneOf");
    TreeSet<String> inContract = new TreeSet<>();
    kinds.forEach(kind -> inContract.add(kind.get("$ref").stringValue().replace(".json", "")));
    TreeSet<String> inTable = new TreeSet<>();
    for (RowKind kind : RowKind.STORED) {
      inTable.add(kind.label());
    }
    assertEquals(inContract, inTable);
    TreeSet<String> listed = new TreeSet<>();
    contract.document("row-kind").get("enum").forEach(kind -> listed.add(kind.stringValue()));
    assertEquals(listed, inTable);
  }

  @Test
  void every_report_of_the_contract_is_known() {
    TreeSet<String> inContract = new TreeSet<>();
    contract.document("report").get("enum").forEach(report -> inContract.add(report.stringValue()));
    TreeSet<String> inTable = new TreeSet<>(Stream.of(Report.values()).map(Report::label).toList());
    assertEquals(inContract, inTable);
  }
}
