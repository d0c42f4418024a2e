package com.ytempire.sidecar;

import com.ytempire.sidecar.AttackCast.Person;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks for the canaries of some users in what came back to one of them. */
final class Canaries {
  private final List<Person> people;
  private final TextSearch search;

  Canaries(List<Person> people) {
    this.people = people;
    this.search =
        new TextSearch(
            people.stream()
                .flatMap(
                    person -> Stream.concat(person.canaries().stream(), person.hidden().stream()))
                .distinct()
                .toList());
  }

  /**
   * Returns a text that this user must never see, or that nobody may, less what the attempt itself
   * says: an error may repeat what was asked. Empty: nothing of that kind.
   *
   * @param attacker null where nobody acts: then every user's canary is another's
   */
  String seen(String output, @Nullable Person attacker, String attempt) {
    Set<String> found = search.in(output);
    if (found.isEmpty()) {
      return "";
    }
    for (Person other : people) {
      if (other != attacker) {
        for (String canary : other.canaries()) {
          if (found.contains(canary) && !attempt.contains(canary)) {
            return canary;
          }
        }
      }
      for (String canary : other.hidden()) {
        if (found.contains(canary) && !attempt.contains(canary)) {
          return canary;
        }
      }
    }
    return "";
  }
}
