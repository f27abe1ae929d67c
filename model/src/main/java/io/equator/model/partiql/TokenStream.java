package io.equator.model.partiql;

import io.equator.model.error.ApiException;
import io.equator.model.partiql.Token.Kind;
import java.util.List;

/** The tokens of a statement from left to right. */
final class TokenStream {
  private final List<Token> tokens;
  private int at;

  /** Tokens with an END behind them. */
  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  Token next() {
    Token token = peek();
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  /** Takes this keyword if it is next. */
  boolean takeWord(String keyword) {
    boolean taken = peek().isWord(keyword);
    if (taken) {
      next();
    }
    return taken;
  }

  /** Takes this sign if it is next. */
  boolean takeSign(String sign) {
    boolean taken = peek().isSign(sign);
    if (taken) {
      next();
    }
    return taken;
  }

  void expectWord(String keyword) {
    if (!takeWord(keyword)) {
      throw unexpected();
    }
  }

  void expectSign(String sign) {
    if (!takeSign(sign)) {
      throw unexpected();
    }
  }

  /** The complaint about the next token. */
  ApiException unexpected() {
    return StatementErrors.notWellFormed(
        peek().isReserved() ? StatementErrors.KEYWORD : StatementErrors.TERM);
  }
}
