package com.ytempire.sidecar.db;

/**
 * PostgreSQL could not be reached, went away in the middle, or was not done, until the caller's
 * deadline. Whatever was under way has been rolled back, unless the failure {@link #isInDoubt}.
 */
public final class DatabaseUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final TransientFailure failure;
  private final boolean isInDoubt;

  DatabaseUnavailable(Throwable cause) {
    this(TransientFailure.CONNECTION, false, cause);
  }

  DatabaseUnavailable(TransientFailure failure, boolean isInDoubt, Throwable cause) {
    super("PostgreSQL is not available: " + cause.getMessage(), cause);
    this.failure = failure;
    this.isInDoubt = isInDoubt;
  }

  /** Whether the connection broke during the commit, so that nobody knows whether it holds. */
  public boolean isInDoubt() {
    return isInDoubt;
  }

  /** Whether a statement ran until the caller's deadline, and was cancelled then. */
  public boolean isTimedOut() {
    return failure == TransientFailure.TIMED_OUT;
  }

  /** Whether the server's disk has no room. */
  public boolean isDiskFull() {
    return failure == TransientFailure.DISK_FULL;
  }

  TransientFailure failure() {
    return failure;
  }
}
