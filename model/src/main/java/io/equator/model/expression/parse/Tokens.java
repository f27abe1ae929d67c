package io.equator.model.expression.parse;

import io.equator.model.error.ApiException;
import io.equator.model.expression.ExpressionKind;
import io.equator.model.item.Utf8;
import java.util.Arrays;

/**
 * The tokens of one expression with a position in them.
 *
 * <p>All tokens are cut before parsing starts, because a syntax error shows the token after the
 * offending one too. Numbers are cut as DynamoDB does: {@code 0} stands alone, so {@code 007} is
 * three tokens.
 */
final class Tokens {
  private final ExpressionKind kind;
  private final String text;
  private TokenType[] types;
  private int[] starts;
  private int[] ends;
  private int count;
  private int position;

  private Tokens(ExpressionKind kind, String text) {
    this.kind = kind;
    this.text = text;
    int capacity = Math.max(8, text.length() / 3);
    types = new TokenType[capacity];
    starts = new int[capacity];
    ends = new int[capacity];
  }

  /**
   * Cuts a text.
   *
   * @throws ApiException when it is empty or too long
   */
  static Tokens of(ExpressionKind kind, String text) {
    if (text.isEmpty()) {
      throw ApiException.validation(kind.errorPrefix() + "The expression can not be empty;");
    }
    int bytes = Utf8.length(text);
    if (bytes > ExpressionLimits.TEXT_BYTES_MAX) {
      throw ApiException.validation(
          kind.errorPrefix()
              + "Expression size has exceeded the maximum allowed size; expression size: "
              + bytes);
    }
    Tokens tokens = new Tokens(kind, text);
    tokens.cut();
    return tokens;
  }

  /** The type of the current token; {@code END} from the end on. */
  TokenType type() {
    return types[position];
  }

  /** The type of the token after the current one. */
  TokenType nextType() {
    return types[Math.min(position + 1, count - 1)];
  }

  /** The text of the current token. */
  String text() {
    return text.substring(starts[position], ends[position]);
  }

  /** Goes to the next token. */
  void advance() {
    if (position < count - 1) {
      position++;
    }
  }

  /** Goes on when the current token is of this type. */
  boolean accept(TokenType type) {
    if (types[position] != type) {
      return false;
    }
    advance();
    return true;
  }

  /** Goes on, or complains when the current token is of another type. */
  void expect(TokenType type) {
    if (!accept(type)) {
      throw syntaxError();
    }
  }

  /** Complains about the current token: shown with the one before and the one after, as written. */
  ApiException syntaxError() {
    String token = types[position] == TokenType.END ? "<EOF>" : text();
    int from = position > 0 ? starts[position - 1] : 0;
    int to = ends[Math.min(position + 1, count - 1)];
    return ApiException.validation(
        kind.errorPrefix()
            + "Syntax error; token: \""
            + token
            + "\", near: \""
            + text.substring(from, to)
            + "\"");
  }

  private void cut() {
    int length = text.length();
    int at = 0;
    while (at < length) {
      char c = text.charAt(at);
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        at++;
      } else {
        at = cutOne(c, at);
      }
    }
    add(TokenType.END, length, length);
  }

  private int cutOne(char c, int start) {
    if (isNameStart(c)) {
      int end = nameEnd(start + 1);
      add(keywordOrName(start, end), start, end);
      return end;
    }
    if (c == '#' || c == ':') {
      int end = nameEnd(start + 1);
      TokenType type = c == '#' ? TokenType.NAME_ALIAS : TokenType.VALUE_ALIAS;
      add(end == start + 1 ? TokenType.UNKNOWN : type, start, end);
      return end;
    }
    if (c >= '0' && c <= '9') {
      int end = start + 1;
      while (c != '0' && end < text.length() && isDigit(text.charAt(end))) {
        end++;
      }
      add(TokenType.INTEGER, start, end);
      return end;
    }
    char next = start + 1 < text.length() ? text.charAt(start + 1) : 0;
    TokenType pair = pairOf(c, next);
    if (pair != TokenType.UNKNOWN) {
      add(pair, start, start + 2);
      return start + 2;
    }
    int end =
        Character.isHighSurrogate(c) && Character.isLowSurrogate(next) ? start + 2 : start + 1;
    add(signOf(c), start, end);
    return end;
  }

  private static TokenType pairOf(char first, char second) {
    if (first == '<') {
      return second == '>'
          ? TokenType.NOT_EQUAL
          : second == '=' ? TokenType.LESS_OR_EQUAL : TokenType.UNKNOWN;
    }
    return first == '>' && second == '=' ? TokenType.GREATER_OR_EQUAL : TokenType.UNKNOWN;
  }

  private static TokenType signOf(char c) {
    return switch (c) {
      case '=' -> TokenType.EQUAL;
      case '<' -> TokenType.LESS;
      case '>' -> TokenType.GREATER;
      case '(' -> TokenType.OPEN;
      case ')' -> TokenType.CLOSE;
      case '[' -> TokenType.OPEN_INDEX;
      case ']' -> TokenType.CLOSE_INDEX;
      case ',' -> TokenType.COMMA;
      case '.' -> TokenType.DOT;
      case '+' -> TokenType.PLUS;
      case '-' -> TokenType.MINUS;
      default -> TokenType.UNKNOWN;
    };
  }

  private TokenType keywordOrName(int start, int end) {
    return switch (end - start) {
      case 2 -> is(start, "OR") ? TokenType.OR : is(start, "IN") ? TokenType.IN : TokenType.NAME;
      case 3 ->
          is(start, "AND")
              ? TokenType.AND
              : is(start, "SET")
                  ? TokenType.SET
                  : is(start, "NOT")
                      ? TokenType.NOT
                      : is(start, "ADD") ? TokenType.ADD : TokenType.NAME;
      case 6 ->
          is(start, "REMOVE")
              ? TokenType.REMOVE
              : is(start, "DELETE") ? TokenType.DELETE : TokenType.NAME;
      case 7 -> is(start, "BETWEEN") ? TokenType.BETWEEN : TokenType.NAME;
      default -> TokenType.NAME;
    };
  }

  private boolean is(int start, String keyword) {
    return text.regionMatches(true, start, keyword, 0, keyword.length());
  }

  private int nameEnd(int from) {
    int end = from;
    while (end < text.length() && isNamePart(text.charAt(end))) {
      end++;
    }
    return end;
  }

  static boolean isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  static boolean isNamePart(char c) {
    return isNameStart(c) || isDigit(c);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void add(TokenType type, int start, int end) {
    if (count == types.length) {
      types = Arrays.copyOf(types, count * 2);
      starts = Arrays.copyOf(starts, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
    types[count] = type;
    starts[count] = start;
    ends[count] = end;
    count++;
  }
}
