package io.equator.model.partiql;

import java.util.Locale;

/**
 * One word or sign of a statement.
 *
 * @param text an identifier or a string without its quotes; a number or a sign as written
 * @param start the index of its first character
 * @param at where it stands
 */
record Token(Kind kind, String text, int start, Position at) {
  /** The sorts of tokens. */
  enum Kind {
    /** An identifier or keyword, without quotes. */
    WORD,
    /** An identifier in double quotes. */
    QUOTED,
    /** A string in single quotes. */
    STRING,
    /** An unsigned number. */
    NUMBER,
    /** Everything else, {@code ?} included. */
    SIGN,
    /** Behind the last token. */
    END
  }

  boolean isWord(String keyword) {
    return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
  }

  boolean isSign(String sign) {
    return kind == Kind.SIGN && text.equals(sign);
  }

  boolean isReserved() {
    return kind == Kind.WORD && Keywords.contains(text);
  }

  String lowerCase() {
    return text.toLowerCase(Locale.ROOT);
  }
}
