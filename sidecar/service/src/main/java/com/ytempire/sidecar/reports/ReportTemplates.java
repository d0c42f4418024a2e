package com.ytempire.sidecar.reports;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Renders mails, and the pages behind their links, from {@code resources/mails}. In HTML every
 * value is escaped by the template engine. Safe to share between threads.
 */
final class ReportTemplates {
  private final Mustache.Compiler html =
      Mustache.compiler()
          .nullValue("")
          .emptyStringIsFalse(true)
          .withLoader(name -> source(name + ".html"));
  private final Mustache.Compiler text =
      Mustache.compiler()
          .nullValue("")
          .emptyStringIsFalse(true)
          .escapeHTML(false)
          .withLoader(name -> source(name + ".txt"));
  private final Map<String, Template> templates = new ConcurrentHashMap<>();

  String html(String template, Map<String, ? extends @Nullable Object> values) {
    return templates
        .computeIfAbsent(template + ".html", name -> html.loadTemplate(template))
        .execute(values);
  }

  String text(String template, Map<String, ? extends @Nullable Object> values) {
    return templates
        .computeIfAbsent(template + ".txt", name -> text.loadTemplate(template))
        .execute(values);
  }

  private static Reader source(String name) {
    String file = "/mails/" + name + ".mustache";
    return new InputStreamReader(
        Objects.requireNonNull(ReportTemplates.class.getResourceAsStream(file), file),
        StandardCharsets.UTF_8);
  }
}
