package com.ytempire.sidecar;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds which of a fixed set of texts occur in another text, in one pass over it. {@link
 * String#contains} takes a pass for each of them, which is most of what an attack costs when
 * megabytes come back. Safe to share between threads.
 */
final class TextSearch {
  /** Each text is looked for by so many of its first characters, four bits of a hash for each. */
  private static final int PREFIX = 4;

  private static final int HASHES = 1 << (4 * PREFIX);

  private final Map<Integer, List<String>> byHash = new HashMap<>();
  private final boolean[] known = new boolean[HASHES];

  /**
   * Prepares a search.
   *
   * @param texts each of four characters or more
   */
  TextSearch(Collection<String> texts) {
    for (String text : texts) {
      if (text.length() < PREFIX) {
        throw new IllegalArgumentException("'" + text + "' is shorter than " + PREFIX);
      }
      int hash = 0;
      for (int i = 0; i < PREFIX; i++) {
        hash = next(hash, text.charAt(i));
      }
      known[hash] = true;
      byHash.computeIfAbsent(hash, key -> new ArrayList<>()).add(text);
    }
  }

  /** Of the last four characters: those before are shifted out. */
  private static int next(int hash, char character) {
    return ((hash << 4) ^ character) & (HASHES - 1);
  }

  /** Returns those of the texts that occur in this one. */
  Set<String> in(String text) {
    Set<String> found = new HashSet<>();
    char[] characters = text.toCharArray();
    int hash = 0;
    for (int i = 0; i < characters.length; i++) {
      hash = next(hash, characters[i]);
      if (known[hash] && i >= PREFIX - 1) {
        for (String candidate : byHash.getOrDefault(hash, List.of())) {
          if (text.startsWith(candidate, i - PREFIX + 1)) {
            found.add(candidate);
          }
        }
      }
    }
    return found;
  }
}
