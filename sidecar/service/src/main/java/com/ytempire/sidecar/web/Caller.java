package com.ytempire.sidecar.web;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The caller of a request: its token, and the n8n workflow and execution that its headers name.
 *
 * @param userId the one user of a user token; null for the other roles
 */
public record Caller(
    UUID tokenId,
    Role role,
    @Nullable UUID userId,
    @Nullable String workflowId,
    @Nullable String executionId) {
  /** To whom the request is counted: the user of a user token, otherwise the token itself. */
  public UUID account() {
    return userId == null ? tokenId : userId;
  }
}
