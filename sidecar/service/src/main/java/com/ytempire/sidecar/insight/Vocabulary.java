package com.ytempire.sidecar.insight;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Words that mean something to the check of a model's sentences. All in lower case. */
final class Vocabulary {
  /** Numbers in words, and words for units that the text of a slot has already. */
  private static final Set<String> NUMBERS =
      words(
          """
          zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
          eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million
          millions billion billions trillion dozen dozens score scores half halved halves third thirds quarter quarters tenth
          fourth fifth sixth seventh eighth ninth first second once twice thrice double doubled doubles doubling triple tripled
          triples tripling quadruple quadrupled quintuple tenfold twofold threefold fold pair couple single percent percentage
          dollar dollars cent cents usd bucks k m grand several pct bps mil mln bn lakh lakhs crore crores duo trio dual umpteen
          zillion zillions gazillion fifths sixths sevenths eighths ninths tenths
          """);

  /** They stand in no word that is not about a number, wherever they are in it. */
  private static final Pattern STEM =
      Pattern.compile(
          "three|four|five|six|seven|eleven|twel[fv]|twenty|thirt|fort(?:y|ies|ieth)|fift|eighteen|(?<!w)eight(?:y|ies|ieth)|ninet|teenth|hundred|thousand|(?:m|b|tr|z)illion|dozen|third|percent|dollar|tripl|quadrupl|quintupl|tieth|(?:many|multi)fold");

  /** Those of them that no words of English make where one ends and the next begins. */
  private static final Pattern STEM_OF_SEVERAL_WORDS =
      Pattern.compile("twenty|thirty|fifty|sixty|hundred|thousand|(?:m|b|tr)illion|dollar");

  /** Nothing but numbers, such as “twothirds”, “oneandahalf” and “tenk”. */
  private static final Pattern COMPOUND = compound();

  /** From ii on; “mix” is a word. */
  private static final Pattern ROMAN =
      Pattern.compile(
          "(?!mix$|[ivxlcdm]$)m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})");

  static final Set<String> UP =
      words(
          """
          up rise rises rising rose risen grow grows growing grew grown growth increase increases increasing increased climb
          climbs climbing climbed gain gains gaining gained improve improves improving improved improvement higher jump jumps
          jumped jumping surge surges surged surging soar soars soared soaring stronger better more greater larger uptick
          upward advanced expanded skyrocketed spiked boomed rocketed leapt leaped accelerated strengthened rallied rebounded
          recovered swelled mounted lifted ballooned exploded
          """);

  static final Set<String> DOWN =
      words(
          """
          down fall falls falling fell fallen drop drops dropping dropped decline declines declining declined decrease decreases
          decreasing decreased lower lose loses losing lost loss losses worse worsened slip slips slipped slipping shrink
          shrinks shrank shrunk weaker slowed slows slowdown dip dips dipped less fewer smaller sank sink plunged plunge
          slumped slump tumbled downward contracted plummet plummets plummeted plummeting tanked cratered collapsed dwindled
          eroded ebbed faded receded nosedived crashed weakened softened cooled deteriorated decelerated diminished reduced
          subsided retreated stumbled faltered
          """);

  /** They turn a direction around. */
  static final Set<String> NEGATIONS =
      words(
          """
          not no never without neither nor hardly barely nothing none cannot can't don't doesn't didn't won't wasn't weren't
          isn't aren't instead although unlike despite
          """);

  /** Words that a sentence may begin with; any other with a capital letter is taken for a name. */
  static final Set<String> OPENERS =
      words(
          """
          a an the this that these those your you it its they their there here in on at by for from with within over under
          during after before between among across about as while when if because since so and but or yet also still then
          overall altogether together compared meanwhile however moreover consider try keep focus look note watch build plan
          revenue earnings income views viewers viewing subscribers audience costs cost profit channel channels video videos
          week month most all both each every our well strong solid good great steady stable flat a new next last recent
          best top leading looking given to of net total average watching publishing uploading uploads more less higher lower
          growth another despite although
          """);

  /** Names that mean no person. */
  static final Set<String> KNOWN_NAMES =
      words(
          """
          youtube monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
          september october november december rpm ctr i
          """);

  private Vocabulary() {}

  private static Pattern compound() {
    String number =
        NUMBERS.stream()
            .filter(word -> word.length() > 2)
            .sorted(Comparator.comparingInt(String::length).reversed())
            .collect(Collectors.joining("|", "(?>", ")"));
    return Pattern.compile(
        "(?!milk$)%1$s(?:(?:anda|and|point|a)?+%1$s)*+(?:k|m|bn)?".formatted(number));
  }

  /** Whether a word is a number, or a unit of one, or has one in it. */
  static boolean isNumber(String word) {
    return NUMBERS.contains(word)
        || COMPOUND.matcher(word).matches()
        || STEM.matcher(word).find()
        || (word.length() > 1 && ROMAN.matcher(word).matches());
  }

  /**
   * Whether words that follow each other are read as a number together, such as “fif ty” and “f i f
   * t y”.
   *
   * @param joined the words without what parts them
   */
  static boolean isNumberOfSeveralWords(String joined) {
    return COMPOUND.matcher(joined).matches() || STEM_OF_SEVERAL_WORDS.matcher(joined).find();
  }

  private static Set<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+"))
        .map(word -> word.toLowerCase(Locale.ROOT))
        .collect(Collectors.toUnmodifiableSet());
  }
}
