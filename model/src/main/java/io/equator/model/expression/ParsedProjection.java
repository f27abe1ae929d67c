package io.equator.model.expression;

import io.equator.model.expression.parse.PathSyntax;
import io.equator.model.expression.parse.ProjectionParser;
import java.util.List;

/** A ProjectionExpression that was read. */
public record ParsedProjection(List<PathSyntax> paths) implements ParsedExpression {

  /** Copies the paths. */
  public ParsedProjection {
    paths = List.copyOf(paths);
  }

  /** Reads the expression, or throws DynamoDB's complaint. */
  public static ParsedProjection parse(String text) {
    return new ParsedProjection(ProjectionParser.parse(text));
  }
}
