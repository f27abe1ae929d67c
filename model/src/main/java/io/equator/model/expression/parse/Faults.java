package io.equator.model.expression.parse;

import io.equator.model.error.ApiException;
import io.equator.model.expression.ExpressionKind;
import org.jspecify.annotations.Nullable;

/**
 * The first fault of each sort that was met while parsing one expression.
 *
 * <p>DynamoDB tells of one fault only, and which one depends on its sort before its place: syntax
 * (thrown at once, so not here), then the sorts in the order of the fields, which differs between
 * conditions and updates.
 */
final class Faults {
  private final ExpressionKind kind;
  private int operators;
  private boolean redundantParentheses;
  private @Nullable String unknownFunction;
  private @Nullable String misusedFunction;
  private @Nullable String name;
  private @Nullable String repeatedSection;

  Faults(ExpressionKind kind) {
    this.kind = kind;
  }

  void countOperator() {
    operators++;
  }

  void redundantParentheses() {
    redundantParentheses = true;
  }

  void unknownFunction(String function) {
    if (unknownFunction == null) {
      unknownFunction = "Invalid function name; function: " + function;
    }
  }

  void functionOfOtherKind(String function, String place) {
    if (misusedFunction == null) {
      misusedFunction =
          "The function is not allowed in " + place + " expression; function: " + function;
    }
  }

  void misusedFunction(String function) {
    if (misusedFunction == null) {
      misusedFunction =
          "The function is not allowed to be used this way in an expression; function: " + function;
    }
  }

  void checkName(String written) {
    if (name == null && ReservedWords.contains(written)) {
      name = "Attribute name is a reserved keyword; reserved keyword: " + written;
    }
  }

  void indexOutOfRange(String written) {
    if (name == null) {
      name = "List index is not within the allowable range; index: [" + written + "]";
    }
  }

  void repeatedSection(String section) {
    if (repeatedSection == null) {
      repeatedSection =
          "The \"" + section + "\" section can only be used once in an update expression;";
    }
  }

  /** Complains when there is anything to complain about. */
  void check() {
    if (operators > ExpressionLimits.OPERATORS_MAX) {
      throw refused("The expression contains too many operators; operator count: " + operators);
    }
    if (redundantParentheses) {
      throw refused("The expression has redundant parentheses;");
    }
    if (kind == ExpressionKind.UPDATE) {
      throwFirst(name, unknownFunction, misusedFunction, repeatedSection);
    } else {
      throwFirst(unknownFunction, misusedFunction, name, null);
    }
  }

  private void throwFirst(
      @Nullable String first,
      @Nullable String second,
      @Nullable String third,
      @Nullable String fourth) {
    String message =
        first != null ? first : second != null ? second : third != null ? third : fourth;
    if (message != null) {
      throw refused(message);
    }
  }

  private ApiException refused(String message) {
    return ApiException.validation(kind.errorPrefix() + message);
  }
}
