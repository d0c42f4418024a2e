package com.ytempire.platform;

import com.ytempire.engines.LocalPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks for customers' figures in what n8n keeps of an execution, which every editor can read. */
final class ExecutionData {
  /** Fields of rows that are figures; each row that passes through n8n carries one of them. */
  private static final List<String> FIGURES =
      List.of(
          "views",
          "likes",
          "subscribers",
          "estimatedRevenue",
          "estimatedMinutesWatched",
          "impressions",
          "title");

  private ExecutionData() {}

  /**
   * What is wrong, as sentences: figures in the data of an execution, or no references in any.
   *
   * @param executionIds of the sync; of one that crashed there may be no data
   */
  static List<String> faults(LocalPostgres postgres, List<String> executionIds)
      throws SQLException {
    List<String> faults = new ArrayList<>();
    boolean hasReferences = false;
    try (Connection n8n = postgres.connect("n8n", LocalPostgres.ADMIN, postgres.password());
        var statement =
            n8n.prepareStatement(
                "select data from execution_data where \"executionId\" = ?::integer")) {
      for (String executionId : executionIds) {
        statement.setString(1, executionId);
        try (ResultSet result = statement.executeQuery()) {
          while (result.next()) {
            String data = result.getString(1);
            hasReferences |= data.contains("\"batchId\"");
            for (String figure : FIGURES) {
              if (data.contains("\"" + figure + "\"")) {
                faults.add(
                    "n8n's data of execution %s holds customers' figures: %s"
                        .formatted(executionId, figure));
              }
            }
          }
        }
      }
    }
    if (!hasReferences) {
      faults.add(
          "n8n kept no references of executions %s, so that nothing shows what else it kept"
              .formatted(String.join(", ", executionIds)));
    }
    return faults;
  }
}
