package com.ytempire.sidecar.quota;

import java.util.UUID;

/**
 * The share that pays for a call.
 *
 * @param account the user's id, or {@code platform} for what serves all users at once
 * @param isInteractive whether a person waits for it; then it may use what is kept for that
 */
public record Payer(String account, boolean isInteractive) {
  static final String PLATFORM_ACCOUNT = "platform";

  /** What serves all users at once, such as pooled statistics. */
  public static final Payer PLATFORM = new Payer(PLATFORM_ACCOUNT, false);

  public static Payer user(UUID userId, boolean isInteractive) {
    return new Payer(userId.toString(), isInteractive);
  }
}
