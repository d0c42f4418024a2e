package com.ytempire.sidecar.insight;

import com.ytempire.sidecar.web.Json;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Checks the answer of a language model against the facts that it was given, and fills its slots.
 * What a sentence says in figures and names comes from the slots alone: outside of them there are
 * no digits, number words, names, links or markup. Words of direction must agree with the sign of
 * each change that the sentence names. One bad sentence refuses the answer: who invented once is
 * not believed elsewhere.
 */
final class SentenceCheck {
  static final int MAX_SENTENCES = 8;
  static final int MAX_ANSWER = 20_000;
  private static final int MAX_LENGTH = 400;

  /** Letters of a number that is written in parts: of “quadrupled”, and then some. */
  private static final int LONGEST_NUMBER = 12;

  private static final Pattern SLOT = Pattern.compile("\\{\\{\\s*([^{}]{0,60}?)\\s*\\}\\}");

  /** All that may stand outside of slots; so no digits of any script, no markup, no addresses. */
  private static final Pattern ALLOWED =
      Pattern.compile("[[\\p{L}&&\\p{IsLatin}][ ,.;:!?'’()\\u2013\\u2014-]]*");

  /** An apostrophe stands in a contraction or a genitive, and does not hide a word in two. */
  private static final Pattern WORD =
      Pattern.compile("[a-z]+(?:'(?:s|t|d|m|re|ve|ll)(?![a-z]))?", Pattern.CASE_INSENSITIVE);

  private static final Pattern MARKS = Pattern.compile("\\p{Mn}+");
  private static final Pattern NO_LETTERS = Pattern.compile("[^a-z]+", Pattern.CASE_INSENSITIVE);

  /** A dot within a word: a host name, an abbreviation that hides one. */
  private static final Pattern ADDRESS = Pattern.compile("\\p{L}[.:]\\p{L}");

  private final Map<String, Fact> facts = new LinkedHashMap<>();

  SentenceCheck(List<Fact> facts) {
    facts.forEach(fact -> this.facts.put(fact.id(), fact));
  }

  /**
   * The result of checking an answer.
   *
   * @param fault why it is of no use, for people; null: the sentences are filled
   */
  record Verdict(List<String> sentences, @Nullable String fault) {
    private static Verdict refused(String fault) {
      return new Verdict(List.of(), fault);
    }
  }

  /** A sentence that breaks a rule; the message says which. */
  private static final class BadSentence extends Exception {
    private static final long serialVersionUID = 1;

    BadSentence(String message) {
      super(message);
    }
  }

  /**
   * Checks an answer.
   *
   * @param answer as it was sent: an object, the same as text, or anything else
   */
  Verdict check(@Nullable JsonNode answer) {
    if (answer == null || answer.isNull() || answer.isMissingNode()) {
      return Verdict.refused("the model gave no answer");
    }
    JsonNode object = answer;
    if (answer.isString()) {
      String text = answer.stringValue();
      if (text.isBlank()) {
        return Verdict.refused("the model gave no answer");
      }
      if (text.length() > MAX_ANSWER) {
        return Verdict.refused(
            "the answer has %,d characters, of %,d at most".formatted(text.length(), MAX_ANSWER));
      }
      try {
        object = Json.BODIES.readTree(text);
      } catch (JacksonException e) {
        return Verdict.refused("the answer is no JSON");
      }
    }
    JsonNode list = object.path("sentences");
    if (!list.isArray() || list.isEmpty() || list.size() > MAX_SENTENCES) {
      return Verdict.refused(
          "the answer has no list of 1 to %d sentences".formatted(MAX_SENTENCES));
    }
    List<String> filled = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      try {
        filled.add(fill(list.get(i)));
      } catch (BadSentence e) {
        return Verdict.refused("sentence %d %s".formatted(i + 1, e.getMessage()));
      }
    }
    return new Verdict(List.copyOf(filled), null);
  }

  private String fill(JsonNode node) throws BadSentence {
    if (!node.isString() || node.stringValue().isBlank()) {
      throw new BadSentence("is no text");
    }
    String sentence = node.stringValue().strip();
    if (sentence.length() > MAX_LENGTH) {
      throw new BadSentence("has more than %d characters".formatted(MAX_LENGTH));
    }
    List<Fact> named = slots(sentence);
    // A slot stands for a word, so that what is around it is judged as it will be read.
    String outside = SLOT.matcher(sentence).replaceAll(" , ");
    if (!ALLOWED.matcher(outside).matches()) {
      throw new BadSentence("has a character that is none of words: figures come by slots");
    }
    if (ADDRESS.matcher(outside).find()) {
      throw new BadSentence("has what looks like an address");
    }
    boolean says = direction(words(outside, sentence), named);
    Matcher slots = SLOT.matcher(sentence);
    return slots.replaceAll(slot -> Matcher.quoteReplacement(text(slot.group(1), says)));
  }

  private List<Fact> slots(String sentence) throws BadSentence {
    List<Fact> named = new ArrayList<>();
    Matcher slots = SLOT.matcher(sentence);
    while (slots.find()) {
      Fact fact = facts.get(slots.group(1));
      if (fact == null) {
        throw new BadSentence("has a slot of no fact");
      }
      named.add(fact);
    }
    if (named.isEmpty()) {
      throw new BadSentence("has no slot");
    }
    return named;
  }

  /**
   * The text as its letters are read: accents do not make another word, and a letter that only
   * looks like one of the alphabet is none.
   */
  private static String plain(String outside) throws BadSentence {
    String plain = MARKS.matcher(Normalizer.normalize(outside, Normalizer.Form.NFD)).replaceAll("");
    plain = plain.replace('’', '\'');
    if (plain.codePoints().anyMatch(each -> each > 0x7f && Character.isLetter(each))) {
      throw new BadSentence("has a letter that looks like another");
    }
    return plain;
  }

  /** The words outside of slots, in lower case. */
  private static Set<String> words(String outside, String sentence) throws BadSentence {
    String plain = plain(outside);
    Set<String> words = new HashSet<>();
    List<String> tokens = new ArrayList<>();
    // What is read as one word though marks part it, such as “fif-ty”.
    for (String token : plain.split(" ", -1)) {
      String joined = NO_LETTERS.matcher(token).replaceAll("").toLowerCase(Locale.ROOT);
      requireNoNumber(joined);
      words.add(joined);
      if (!joined.isEmpty()) {
        tokens.add(joined);
      }
    }
    requireNoNumberOfSeveral(tokens);
    boolean isFirst = !sentence.startsWith("{{");
    Matcher word = WORD.matcher(plain);
    while (word.find()) {
      String text = word.group();
      String lower = text.toLowerCase(Locale.ROOT);
      requireNoNumber(lower);
      if (Character.isUpperCase(text.codePointAt(0))
          && !Vocabulary.KNOWN_NAMES.contains(lower)
          && !(isFirst && Vocabulary.OPENERS.contains(lower))) {
        throw new BadSentence("has a name that is in no slot");
      }
      isFirst = false;
      words.add(lower);
    }
    return words;
  }

  /** No number that is written in parts, such as “fif ty”. */
  private static void requireNoNumberOfSeveral(List<String> tokens) throws BadSentence {
    for (int first = 0; first < tokens.size(); first++) {
      String token = tokens.get(first);
      // A number that goes on in the next word begins in the end of a long one.
      StringBuilder joined =
          new StringBuilder(token.substring(Math.max(0, token.length() - LONGEST_NUMBER + 1)));
      for (int next = first + 1; next < tokens.size() && joined.length() < LONGEST_NUMBER; next++) {
        if (Vocabulary.isNumberOfSeveralWords(joined.append(tokens.get(next)).toString())) {
          throw new BadSentence("has a number in words");
        }
      }
    }
  }

  private static void requireNoNumber(String word) throws BadSentence {
    if (Vocabulary.isNumber(word)) {
      throw new BadSentence("has a number in words");
    }
  }

  /**
   * Whether the sentence says a direction, which then is that of its changes.
   *
   * @throws BadSentence when it is not, or nothing in the sentence says one
   */
  private static boolean direction(Set<String> words, List<Fact> named) throws BadSentence {
    boolean isUp = words.stream().anyMatch(Vocabulary.UP::contains);
    boolean isDown = words.stream().anyMatch(Vocabulary.DOWN::contains);
    if (!isUp && !isDown) {
      return false;
    }
    if (isUp && isDown) {
      throw new BadSentence("says both up and down");
    }
    if (words.stream().anyMatch(Vocabulary.NEGATIONS::contains)) {
      throw new BadSentence("turns a direction around");
    }
    List<Fact> changes = named.stream().filter(Fact::isChange).toList();
    if (changes.isEmpty()) {
      throw new BadSentence("says a direction and names no change");
    }
    int wanted = isUp ? 1 : -1;
    if (changes.stream().anyMatch(change -> change.sign() != wanted)) {
      throw new BadSentence("says %s of what is not".formatted(isUp ? "up" : "down"));
    }
    return true;
  }

  private String text(String id, boolean isDirectionSaid) {
    Fact fact = facts.get(id);
    if (fact == null) {
      throw new IllegalStateException(id);
    }
    if (!fact.isChange() || isDirectionSaid) {
      return fact.text();
    }
    return (fact.sign() < 0 ? "−" : fact.sign() > 0 ? "+" : "") + fact.text();
  }
}
