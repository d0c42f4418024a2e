package com.ytempire.sidecar.wording;

import java.text.BreakIterator;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Makes strangers' text, such as the title of a video, fit to stand in a sentence of ours and in a
 * prompt: one line in quotation marks, cut, without links, markup, slots and invisible characters.
 */
public final class UntrustedText {
  public static final int MAX_LENGTH = 60;

  /** Far more than a title has; the rest is not looked at. */
  private static final int MAX_READ = 1_000;

  private static final Pattern LINK =
      Pattern.compile(
          "(?:[a-z][a-z0-9+.-]{1,20}:/*|www\\.)\\S+|\\b[\\p{L}\\p{N}-]{1,63}(?:\\.[\\p{L}\\p{N}-]{1,63})*\\.(?:[a-z]{2,24}|xn--[a-z0-9-]{1,59})\\b(?:/\\S*)?|\\S+@\\S+",
          Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

  private static final Pattern INVISIBLE =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Cn}\\p{Zl}\\p{Zp}]+");
  private static final Pattern MARKUP = Pattern.compile("<[^>]*>?|[{}<>`\\[\\]|\\\\\"“”„«»]");
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private UntrustedText() {}

  /** The text in quotation marks; of what has nothing to show, “untitled”. */
  public static String quoted(String text) {
    String shown = text.length() > MAX_READ ? text.substring(0, MAX_READ) : text;
    // Letters that look like others would hide a link.
    shown = Normalizer.normalize(shown, Normalizer.Form.NFKC);
    shown = INVISIBLE.matcher(shown).replaceAll(" ");
    shown = MARKUP.matcher(shown).replaceAll(" ");
    shown = LINK.matcher(shown).replaceAll(" ");
    shown = BLANKS.matcher(shown).replaceAll(" ").strip();
    return "“" + (shown.isEmpty() ? "untitled" : cut(shown)) + "”";
  }

  private static String cut(String text) {
    if (text.length() <= MAX_LENGTH) {
      return text;
    }
    BreakIterator characters = BreakIterator.getCharacterInstance(Locale.ROOT);
    characters.setText(text);
    return text.substring(0, characters.preceding(MAX_LENGTH)).strip() + "…";
  }
}
