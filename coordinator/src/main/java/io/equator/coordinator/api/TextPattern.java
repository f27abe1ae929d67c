package io.equator.coordinator.api;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A regular expression of the service model: what it accepts, and how a complaint spells it. */
public final class TextPattern {
  /** Names of tables, indexes and the like. */
  public static final TextPattern NAME =
      new TextPattern("[a-zA-Z0-9_.-]+", TextPattern::isNameLike);

  private final String text;
  private final Predicate<String> matches;

  private TextPattern(String text, Predicate<String> matches) {
    this.text = text;
    this.matches = matches;
  }

  /** For members of rare operations; matched by the JDK against the whole value. */
  public static TextPattern of(String regularExpression) {
    return new TextPattern(
        regularExpression, Pattern.compile(regularExpression).asMatchPredicate());
  }

  /** A pattern of hot requests, matched by hand. */
  public static TextPattern of(String regularExpression, Predicate<String> matches) {
    return new TextPattern(regularExpression, matches);
  }

  /** Whether the whole value matches. */
  public boolean matches(String value) {
    return matches.test(value);
  }

  /** The expression. */
  public String text() {
    return text;
  }

  /** The rule as it stands in a complaint. */
  String rule() {
    return "Member must satisfy regular expression pattern: " + text;
  }

  private static boolean isNameLike(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean ok =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '.'
              || c == '-';
      if (!ok) {
        return false;
      }
    }
    return !value.isEmpty();
  }
}
