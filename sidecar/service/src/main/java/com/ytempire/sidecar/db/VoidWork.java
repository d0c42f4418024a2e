package com.ytempire.sidecar.db;

import org.jdbi.v3.core.Handle;

/** Statements of one transaction, without a result; otherwise as {@link Work}. */
@FunctionalInterface
public interface VoidWork {
  void run(Handle handle);

  /** Adapts it to {@link Work}; the result means nothing. */
  default Work<Boolean> toWork() {
    return handle -> {
      run(handle);
      return true;
    };
  }
}
