package com.ytempire.sidecar.db;

import org.jdbi.v3.core.Handle;

/**
 * Statements of one transaction, and their result. It may run more than once (see {@link
 * Database}).
 */
@FunctionalInterface
public interface Work<T> {
  T run(Handle handle);
}
