package io.equator.model.partiql;

import io.equator.model.partiql.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Cuts the text of a statement into tokens; comments and blanks fall away. */
final class Lexer {
  /** Signs of two characters, which win over those of one. */
  private static final List<String> PAIRS = List.of("<=", ">=", "<>", "!=", "<<", ">>", "||");

  private static final String SINGLES = "()[]{},.:*=<>+-/%?;";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int lineStart;

  private Lexer(String text) {
    this.text = text;
  }

  /**
   * The tokens, and an {@link Kind#END} behind them.
   *
   * @throws io.equator.model.error.ApiException when a literal or comment has no end, or a
   *     character is no part of the language
   */
  static List<Token> tokens(String text) {
    Lexer lexer = new Lexer(text);
    while (lexer.skipBlanks()) {
      lexer.next();
    }
    lexer.add(Kind.END, "", lexer.at);
    return lexer.tokens;
  }

  /** Goes to the next token; false at the end. */
  private boolean skipBlanks() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        newLine(at + 1);
        at++;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else if (text.startsWith("--", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        int end = text.indexOf("*/", at + 2);
        if (end < 0) {
          throw unreadable();
        }
        countLines(at, end);
        at = end + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  private void next() {
    char c = text.charAt(at);
    if (isWordStart(c)) {
      int end = at + 1;
      while (end < text.length() && isWordPart(text.charAt(end))) {
        end++;
      }
      add(Kind.WORD, text.substring(at, end), end);
    } else if (isDigit(c)) {
      number();
    } else if (c == '\'') {
      quoted(Kind.STRING, c);
    } else if (c == '"') {
      quoted(Kind.QUOTED, c);
    } else {
      sign(c);
    }
  }

  private void number() {
    int end = digits(at);
    if (end < text.length() && text.charAt(end) == '.') {
      end = digits(end + 1);
    }
    if (end < text.length() && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
      int exponent = end + 1;
      if (exponent < text.length()
          && (text.charAt(exponent) == '+' || text.charAt(exponent) == '-')) {
        exponent++;
      }
      end = digits(exponent);
      if (end == exponent) {
        throw unreadable();
      }
    }
    if (end < text.length() && isWordPart(text.charAt(end))) {
      throw unreadable();
    }
    add(Kind.NUMBER, text.substring(at, end), end);
  }

  private int digits(int from) {
    int end = from;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  /** A quote inside is written twice. */
  private void quoted(Kind kind, char quote) {
    StringBuilder content = new StringBuilder();
    int i = at + 1;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c != quote) {
        content.append(c);
        i++;
      } else if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
        content.append(c);
        i += 2;
      } else {
        int start = at;
        add(kind, content.toString(), i + 1);
        countLines(start, i);
        return;
      }
    }
    throw unreadable();
  }

  private void sign(char c) {
    for (String pair : PAIRS) {
      if (text.startsWith(pair, at)) {
        add(Kind.SIGN, pair, at + 2);
        return;
      }
    }
    if (SINGLES.indexOf(c) < 0) {
      throw unreadable();
    }
    add(Kind.SIGN, String.valueOf(c), at + 1);
  }

  private void add(Kind kind, String content, int end) {
    tokens.add(new Token(kind, content, at, new Position(line, at - lineStart + 1, end - at)));
    at = end;
  }

  private void countLines(int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) == '\n') {
        newLine(i + 1);
      }
    }
  }

  private void newLine(int start) {
    line++;
    lineStart = start;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
  }

  private static boolean isWordPart(char c) {
    return isWordStart(c) || isDigit(c);
  }

  private static io.equator.model.error.ApiException unreadable() {
    return StatementErrors.notWellFormed("");
  }
}
