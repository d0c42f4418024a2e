package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Checks the files against {@code .editorconfig}; Spotless keeps the length of Java's lines. */
final class EditorConfigTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  /** Folders of {@code .gitignore}, and Git's own. */
  private static final Set<String> IGNORED =
      Set.of(".git", ".idea", ".vscode", ".ytempire", "dist", "node_modules", "secrets", "target");

  private static final Set<String> TEXTS =
      Set.of(
          "cjs",
          "java",
          "js",
          "json",
          "md",
          "mjs",
          "mustache",
          "options",
          "sh",
          "sql",
          "svg",
          "ts",
          "xml",
          "yml");

  /** The properties of each section, in order. */
  private static Map<String, Map<String, String>> sections() throws IOException {
    Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    Map<String, String> section = new HashMap<>();
    for (String line : Files.readAllLines(ROOT.resolve(".editorconfig"))) {
      if (line.startsWith("[")) {
        section = new HashMap<>();
        sections.put(line.substring(1, line.length() - 1), section);
      } else if (line.contains("=") && !line.startsWith("#")) {
        String[] pair = line.split("=", 2);
        section.put(pair[0].strip(), pair[1].strip());
      }
    }
    return sections;
  }

  private static boolean matches(String glob, Path file) {
    Path subject = glob.contains("/") ? ROOT.relativize(file) : file.getFileName();
    return FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(subject);
  }

  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return IGNORED.contains(String.valueOf(folder.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString();
            if (TEXTS.contains(name.substring(name.lastIndexOf('.') + 1))) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  private static void check(Path file, Map<String, String> rules, List<String> faults)
      throws IOException {
    String text = Files.readString(file);
    String name = ROOT.relativize(file).toString();
    if ("true".equals(rules.get("insert_final_newline")) && !text.endsWith("\n")) {
      faults.add(name + ": no newline at its end");
    }
    String own = "tab".equals(rules.get("indent_style")) ? "\t" : "  ";
    String foreign = own.equals("\t") ? "  " : "\t";
    // A text in a program has an indentation of its own.
    if (text.lines().filter(line -> line.startsWith(foreign)).count()
        > text.lines().filter(line -> line.startsWith(own)).count()) {
      faults.add(name + ": not indented by " + rules.get("indent_style"));
    }
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String place = name + ":" + (i + 1);
      if ("true".equals(rules.get("trim_trailing_whitespace"))
          && !line.equals(line.stripTrailing())) {
        faults.add(place + ": white space at its end");
      }
    }
    if (text.indexOf('\r') >= 0) {
      faults.add(name + ": a carriage return");
    }
  }

  @Test
  void files_are_as_the_editor_configuration_says() throws IOException {
    Map<String, Map<String, String>> sections = sections();
    List<Path> files = files();
    List<String> faults = new ArrayList<>();
    for (Path file : files) {
      Map<String, String> rules = new HashMap<>();
      sections.forEach((glob, properties) -> {
        if (matches(glob, file)) {
          rules.putAll(properties);
        }
      });
      check(file, rules, faults);
    }
    assertTrue(files.size() > 500, "only " + files.size() + " files");
    assertEquals(List.of(), faults);
  }
}
