package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.model.expression.parse.ConditionSyntax;
import io.equator.model.expression.parse.PathSyntax;
import io.equator.model.expression.parse.UpdateSyntax;
import io.equator.proto.Condition;
import io.equator.proto.Path;
import io.equator.proto.Update;
import java.util.function.Supplier;

/**
 * Conditions and updates of PartiQL statements: checked by the same rules as expressions, with the
 * same words, but without the name of a parameter before them (observed on the real service, 2026).
 */
public final class StatementExpressions {
  private StatementExpressions() {}

  /**
   * A condition with its values in.
   *
   * @throws ApiException with DynamoDB's complaint
   */
  public static Condition condition(ConditionSyntax syntax, ExpressionValues values) {
    ExpressionKind kind = ExpressionKind.CONDITION;
    return unnamed(
        kind,
        () -> new ConditionResolver(new ExpressionContext(null, values), kind).resolve(syntax));
  }

  /**
   * An update with its values in.
   *
   * @throws ApiException with DynamoDB's complaint
   */
  public static Update update(UpdateSyntax syntax, ExpressionValues values) {
    return unnamed(
        ExpressionKind.UPDATE,
        () -> new UpdateResolver(new ExpressionContext(null, values)).resolve(syntax));
  }

  /**
   * A path.
   *
   * @throws ApiException when it is too deep
   */
  public static Path path(PathSyntax syntax) {
    ExpressionKind kind = ExpressionKind.PROJECTION;
    return unnamed(kind, () -> new ExpressionContext(null, null).path(syntax, kind));
  }

  private static <T> T unnamed(ExpressionKind kind, Supplier<T> resolved) {
    try {
      return resolved.get();
    } catch (ApiException e) {
      String message = e.error().message();
      String prefix = kind.errorPrefix();
      throw message != null && message.startsWith(prefix)
          ? ApiException.validation(message.substring(prefix.length()))
          : e;
    }
  }
}
