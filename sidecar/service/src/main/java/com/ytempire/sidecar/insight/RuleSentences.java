package com.ytempire.sidecar.insight;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sentences about seven days by fixed rules, from the facts that a model would be given. */
final class RuleSentences {
  private RuleSentences() {}

  /** The sentences, one at least; the first names the days. */
  static List<String> of(WeekFacts week) {
    List<String> sentences = new ArrayList<>();
    if (week.facts().isEmpty()) {
      return List.of("YouTube has not reported the figures of these days yet.");
    }
    String days = week.find("period").map(Fact::text).orElse("");
    week.find("revenue")
        .ifPresent(revenue ->
            sentences.add(
                "%s: your channels earned %s%s."
                    .formatted(days, revenue.text(), beside(week.find("revenue_change")))));
    week.find("views")
        .ifPresent(views ->
            sentences.add(
                "%s had %s views%s."
                    .formatted(
                        sentences.isEmpty() ? days + ": your videos" : "Your videos",
                        views.text(),
                        beside(week.find("views_change")))));
    week.find("net_subscribers").ifPresent(fact -> sentences.add(subscribers(fact)));
    both(week, "top_video", "top_video_views", "The most viewed video was %s with %s views.")
        .ifPresent(sentences::add);
    both(week, "top_channel", "top_channel_revenue", "The channel %s earned the most: %s.")
        .ifPresent(sentences::add);
    week.find("growing_channel")
        .flatMap(name ->
            week.find("growing_channel_change")
                .filter(change -> change.sign() > 0)
                .map(change ->
                    "Views grew most on %s, by %s: look at what it did in these days."
                        .formatted(name.text(), change.text())))
        .ifPresent(sentences::add);
    both(week, "cost", "profit", "Costs of %s leave a profit of %s.").ifPresent(sentences::add);
    return List.copyOf(sentences);
  }

  private static String subscribers(Fact fact) {
    int net = fact.sign();
    if (net == 0) {
      return "As many people subscribed as unsubscribed.";
    }
    return net > 0
        ? "%s more people subscribed than unsubscribed.".formatted(fact.text())
        : "%s more people unsubscribed than subscribed.".formatted(fact.text());
  }

  private static Optional<String> both(WeekFacts week, String one, String other, String sentence) {
    return week.find(one)
        .flatMap(first ->
            week.find(other).map(second -> sentence.formatted(first.text(), second.text())));
  }

  private static String beside(Optional<Fact> change) {
    return change
        .map(fact ->
            switch (fact.sign()) {
              case 1 -> ", up %s on the 7 days before".formatted(fact.text());
              case -1 -> ", down %s on the 7 days before".formatted(fact.text());
              default -> ", as in the 7 days before";
            })
        .orElse("");
  }
}
