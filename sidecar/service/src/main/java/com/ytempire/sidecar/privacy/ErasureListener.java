package com.ytempire.sidecar.privacy;

import java.util.UUID;

/** Receives each user who was erased, to forget what is held of it outside the database. */
@FunctionalInterface
public interface ErasureListener {
  /** Forgets a user; needs no database that knows it. */
  void erased(UUID userId);
}
