package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that what the documentation names is there. */
class DocumentationTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  /** Folders that the pages name files in without naming the folder. */
  private static final List<Path> BASES =
      Stream.of(
              ".",
              "sidecar/service/src/main/java/com/ytempire/sidecar",
              "sql",
              "sidecar/service/src/test/java/com/ytempire/sidecar")
          .map(ROOT::resolve)
          .toList();

  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");

  /** A file of ours: a path with a folder, or a class. */
  private static final Pattern SOURCE =
      Pattern.compile("(?:[\\w.-]+/)+[\\w.-]+\\.(?:java|sql|ts|mjs|cjs|json)|\\w+\\.java");

  private static final Pattern LINK =
      Pattern.compile("(?:\\]\\(|(?:<img src|srcset)=\")([^)\\s\"]+)[)\"]");

  /** A test as the security pages name it. */
  private static final Pattern TEST = Pattern.compile("(\\w+Test)\\.(\\w+)");

  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
        Stream<Path> github = Files.walk(ROOT.resolve(".github"))) {
      return Stream.of(
              docs,
              github,
              Stream.of(ROOT.resolve("README.md"), ROOT.resolve("n8n-nodes/README.md")))
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  private static Set<String> matches(Path page, Pattern span, Pattern whole) throws IOException {
    return span.matcher(Files.readString(page))
        .results()
        .map(each -> each.group(1))
        .filter(each -> whole.matcher(each).matches())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void every_source_file_that_the_docs_name_exists() throws IOException {
    Set<String> missing = new TreeSet<>();
    int found = 0;
    for (Path page : pages()) {
      for (String name : matches(page, CODE, SOURCE)) {
        found++;
        if (BASES.stream().noneMatch(base -> Files.exists(base.resolve(name)))) {
          missing.add(ROOT.relativize(page) + ": " + name);
        }
      }
    }
    assertEquals(Set.of(), missing);
    assertTrue(found > 50, "only " + found + " names were found");
  }

  @Test
  void every_link_to_a_file_leads_to_one() throws IOException {
    Set<String> dead = new TreeSet<>();
    for (Path page : pages()) {
      for (String link : matches(page, LINK, Pattern.compile("(?!https?:|#|mailto:).*"))) {
        String file = link.replaceFirst("#.*", "");
        if (!Files.exists(page.resolveSibling(file))) {
          dead.add(ROOT.relativize(page) + ": " + link);
        }
      }
    }
    assertEquals(Set.of(), dead);
  }

  @Test
  void every_test_that_the_docs_name_exists() throws IOException {
    List<Path> sources;
    try (Stream<Path> files = Files.walk(ROOT.resolve("sidecar"))) {
      sources = files.filter(file -> file.toString().endsWith("Test.java")).toList();
    }
    Set<String> missing = new TreeSet<>();
    for (Path page : pages()) {
      for (String name : matches(page, CODE, TEST)) {
        String[] parts = name.split("\\.");
        boolean isThere = false;
        for (Path source : sources) {
          isThere |=
              source.endsWith(parts[0] + ".java")
                  && Files.readString(source).contains(" " + parts[1] + "(");
        }
        if (!isThere) {
          missing.add(ROOT.relativize(page) + ": " + name);
        }
      }
    }
    assertEquals(Set.of(), missing);
  }
}
