package com.ytempire.sidecar.oauth;

/**
 * Grants that were read at once for a request. Closing it forgets those that were not needed and
 * notes of the others, at once, that Google took them.
 */
public interface PrefetchedGrants extends AutoCloseable {
  @Override
  void close();
}
