package com.ytempire.sidecar.tenancy;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers the last {@value #TOKENS} tokens that were found, by their hash. It says nothing of
 * whether they still are good: each is looked up at each request. Safe to share between threads.
 */
final class RecentTokens {
  static final int TOKENS = 10_000;

  private final Map<String, Boolean> hashes =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > TOKENS;
        }
      };

  synchronized void add(String hash) {
    hashes.put(hash, true);
  }

  synchronized boolean contains(String hash) {
    return hashes.get(hash) != null;
  }
}
