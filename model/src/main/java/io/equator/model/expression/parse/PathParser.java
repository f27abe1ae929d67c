package io.equator.model.expression.parse;

import java.util.ArrayList;
import java.util.List;

/** Reads document paths: {@code name.name[3].#alias}. */
final class PathParser {
  private final Tokens tokens;
  private final Faults faults;

  PathParser(Tokens tokens, Faults faults) {
    this.tokens = tokens;
    this.faults = faults;
  }

  PathSyntax path() {
    List<PathSyntax.Step> steps = new ArrayList<>(2);
    steps.add(name());
    while (true) {
      if (tokens.accept(TokenType.DOT)) {
        steps.add(name());
      } else if (tokens.accept(TokenType.OPEN_INDEX)) {
        steps.add(index());
      } else {
        return PathSyntax.of(steps);
      }
    }
  }

  private PathSyntax.Step name() {
    TokenType type = tokens.type();
    if (type != TokenType.NAME && type != TokenType.NAME_ALIAS) {
      throw tokens.syntaxError();
    }
    String text = tokens.text();
    tokens.advance();
    if (type == TokenType.NAME_ALIAS) {
      return new PathSyntax.Step.Alias(text);
    }
    faults.checkName(text);
    return new PathSyntax.Step.Name(text);
  }

  private PathSyntax.Step index() {
    if (tokens.type() != TokenType.INTEGER) {
      throw tokens.syntaxError();
    }
    String text = tokens.text();
    tokens.advance();
    tokens.expect(TokenType.CLOSE_INDEX);
    long value = text.length() > 10 ? Long.MAX_VALUE : Long.parseLong(text);
    if (value > Integer.MAX_VALUE) {
      faults.indexOutOfRange(text);
      value = 0;
    }
    return new PathSyntax.Step.Index((int) value);
  }
}
