package io.equator.model.expression.parse;

import io.equator.model.expression.ExpressionKind;
import java.util.ArrayList;
import java.util.List;

/** Reads ProjectionExpressions: paths with commas between them. */
public final class ProjectionParser {

  private ProjectionParser() {}

  /**
   * Reads a whole projection.
   *
   * @throws io.equator.model.error.ApiException when it is none
   */
  public static List<PathSyntax> parse(String text) {
    Tokens tokens = Tokens.of(ExpressionKind.PROJECTION, text);
    Faults faults = new Faults(ExpressionKind.PROJECTION);
    PathParser parser = new PathParser(tokens, faults);
    List<PathSyntax> paths = new ArrayList<>();
    do {
      paths.add(parser.path());
    } while (tokens.accept(TokenType.COMMA));
    if (tokens.type() != TokenType.END) {
      throw tokens.syntaxError();
    }
    faults.check();
    return List.copyOf(paths);
  }
}
