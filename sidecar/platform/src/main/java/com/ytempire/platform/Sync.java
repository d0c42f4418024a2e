package com.ytempire.platform;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The executions of the sync workflow that one run of it took.
 *
 * @param executions each id with the status it ended with, as n8n has it; more than one where a
 *     part died and the next tick followed
 */
public record Sync(List<Map.Entry<String, String>> executions) {
  public Sync {
    executions = List.copyOf(executions);
  }

  /** Returns whether n8n says of the last execution that it succeeded. */
  public boolean isSuccess() {
    return executions.getLast().getValue().equals("success");
  }

  /** The ids of the executions, in order. */
  public List<String> ids() {
    return executions.stream().map(Map.Entry::getKey).toList();
  }

  /** Describes each execution and its status. */
  public String description() {
    return executions.stream()
        .map(each -> "execution %s: n8n says %s".formatted(each.getKey(), each.getValue()))
        .collect(Collectors.joining("; next tick, "));
  }
}
