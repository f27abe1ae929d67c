package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.model.expression.ClauseResolver.Clause;
import io.equator.model.expression.legacy.LegacyCondition;
import io.equator.model.expression.legacy.LegacyOperator;
import io.equator.model.expression.parse.ConditionSyntax;
import io.equator.model.expression.parse.OperandSyntax.Call;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import io.equator.proto.Comparator;
import io.equator.proto.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts names and values into a key condition, which by its grammar is any condition, and then sees
 * whether it is one that a query may have.
 */
final class KeyConditionResolver {
  private static final String INVALID = "Invalid condition in KeyConditionExpression: ";

  /** What was resolved, in the order of the text: clauses, and where an operator forbids them. */
  private final List<Object> parts = new ArrayList<>();

  private final ClauseResolver clauses;

  KeyConditionResolver(ExpressionContext context) {
    clauses = new ClauseResolver(context, ExpressionKind.KEY_CONDITION);
  }

  /** Checks each clause as a clause of any condition. */
  void resolve(ConditionSyntax syntax) {
    switch (syntax) {
      case ConditionSyntax.All(List<ConditionSyntax> conditions) ->
          conditions.forEach(this::resolve);
      case ConditionSyntax.Any(List<ConditionSyntax> conditions) -> {
        parts.add("OR");
        conditions.forEach(this::resolve);
      }
      case ConditionSyntax.Not(ConditionSyntax condition) -> {
        parts.add("NOT");
        resolve(condition);
      }
      case ConditionSyntax.Comparison _, ConditionSyntax.Between _, ConditionSyntax.In _, Call _ ->
          parts.add(clauses.resolve(syntax));
    }
  }

  /** The key condition, when all of it may be in one; after every expression was resolved. */
  ResolvedKeyCondition toKeyCondition() {
    List<LegacyCondition> result = new ArrayList<>(2);
    for (Object part : parts) {
      if (!(part instanceof Clause clause)) {
        throw invalidOperator((String) part);
      }
      LegacyCondition condition = toKeyClause(clause);
      for (LegacyCondition earlier : result) {
        if (earlier.attribute().equals(condition.attribute())) {
          throw refused("KeyConditionExpressions must only contain one condition per key");
        }
      }
      result.add(condition);
    }
    return new ResolvedKeyCondition(result);
  }

  private static LegacyCondition toKeyClause(Clause clause) {
    boolean attributeFirst = clause.operands().getFirst() instanceof ResolvedOperand.At;
    LegacyOperator operator =
        switch (clause.syntax()) {
          case ConditionSyntax.Comparison(Comparator comparator, _, _) ->
              operator(comparator, attributeFirst);
          case ConditionSyntax.Between _ -> {
            checkAttributeFirst(attributeFirst, "BETWEEN");
            yield LegacyOperator.BETWEEN;
          }
          case Call(String function, _) -> {
            if (!function.equals("begins_with")) {
              throw invalidOperator(function);
            }
            checkAttributeFirst(attributeFirst, function);
            yield LegacyOperator.BEGINS_WITH;
          }
          case ConditionSyntax.In _ -> throw invalidOperator("IN");
          case ConditionSyntax.All _, ConditionSyntax.Any _, ConditionSyntax.Not _ ->
              throw new IllegalArgumentException("not a clause: " + clause);
        };
    String attribute = null;
    List<AttributeValue> values = new ArrayList<>(2);
    for (ResolvedOperand operand : clause.operands()) {
      switch (operand) {
        case ResolvedOperand.At(Path path) -> attribute = attribute(path, attribute);
        case ResolvedOperand.Literal(EncodedValue value) -> values.add(value.decode());
        case ResolvedOperand.SizeOf _ ->
            throw refused("KeyConditionExpressions cannot contain nested operations");
      }
    }
    if (attribute == null) {
      throw ApiException.validation(INVALID + "No key attribute specified");
    }
    return new LegacyCondition(attribute, operator, values);
  }

  private static String attribute(Path path, @Nullable String earlier) {
    if (earlier != null) {
      throw ApiException.validation(INVALID + "Multiple attribute names used in one condition");
    }
    if (path.getElementsCount() > 1) {
      throw refused("KeyConditionExpressions cannot have conditions on nested attributes");
    }
    return ExpressionPaths.attribute(path);
  }

  /** {@code :v < sk} says the same as {@code sk > :v}. */
  private static LegacyOperator operator(Comparator comparator, boolean attributeFirst) {
    return switch (comparator) {
      case EQUAL -> LegacyOperator.EQ;
      case LESS -> attributeFirst ? LegacyOperator.LT : LegacyOperator.GT;
      case LESS_OR_EQUAL -> attributeFirst ? LegacyOperator.LE : LegacyOperator.GE;
      case GREATER -> attributeFirst ? LegacyOperator.GT : LegacyOperator.LT;
      case GREATER_OR_EQUAL -> attributeFirst ? LegacyOperator.GE : LegacyOperator.LE;
      case NOT_EQUAL, COMPARATOR_UNSPECIFIED, UNRECOGNIZED ->
          throw invalidOperator(ClauseResolver.text(comparator));
    };
  }

  private static void checkAttributeFirst(boolean attributeFirst, String operator) {
    if (!attributeFirst) {
      throw ApiException.validation(
          INVALID + operator + " operator must have the key attribute as its first operand");
    }
  }

  private static ApiException invalidOperator(String operator) {
    return ApiException.validation("Invalid operator used in KeyConditionExpression: " + operator);
  }

  private static ApiException refused(String message) {
    return ApiException.validation(ExpressionKind.KEY_CONDITION.errorPrefix() + message);
  }
}
