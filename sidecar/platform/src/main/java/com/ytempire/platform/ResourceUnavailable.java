package com.ytempire.platform;

/**
 * Something of the machine that a platform needs and cannot have now: its folder, a port or space
 * on the disk. What the platform has stored is not the cause. The message says what to do.
 */
public final class ResourceUnavailable extends IllegalStateException {
  private static final long serialVersionUID = 1;

  /** Makes it with a sentence that says what is taken and what to do. */
  public ResourceUnavailable(String message) {
    super(message);
  }

  ResourceUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
