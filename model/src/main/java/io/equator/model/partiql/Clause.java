package io.equator.model.partiql;

import io.equator.model.expression.ExpressionValues;
import io.equator.model.expression.StatementExpressions;
import io.equator.model.expression.legacy.LegacyCondition;
import io.equator.model.expression.legacy.LegacyOperator;
import io.equator.model.expression.parse.ConditionSyntax;
import io.equator.model.expression.parse.OperandSyntax;
import io.equator.model.expression.parse.OperandSyntax.PathOperand;
import io.equator.model.expression.parse.OperandSyntax.ValueOperand;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import io.equator.model.key.KeyAttribute;
import io.equator.proto.Comparator;
import io.equator.proto.Condition;
import io.equator.proto.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One clause of a condition; when it compares a whole attribute with values only, it could be one
 * of a key condition.
 *
 * @param condition the clause as it is evaluated
 * @param attribute what it compares; empty when it could not be of a key
 * @param operator how it compares; null when it could not be of a key
 * @param values with what
 */
record Clause(
    Condition condition,
    String attribute,
    @Nullable LegacyOperator operator,
    List<AttributeValue> values) {

  /** Checks a clause and looks what it is. */
  static Clause of(ConditionSyntax syntax, ExpressionValues values) {
    Condition condition = StatementExpressions.condition(syntax, values);
    Clause clause =
        switch (syntax) {
          case ConditionSyntax.Comparison(Comparator comparator, var left, var right) ->
              left instanceof ValueOperand
                  ? compare(condition, mirrored(comparator), right, List.of(left), values)
                  : compare(condition, operator(comparator), left, List.of(right), values);
          case ConditionSyntax.Between(var value, var lower, var upper) ->
              compare(condition, LegacyOperator.BETWEEN, value, List.of(lower, upper), values);
          case ConditionSyntax.In(var value, var candidates) ->
              compare(condition, LegacyOperator.IN, value, candidates, values);
          case OperandSyntax.Call(String function, var arguments)
              when function.equals("begins_with") ->
              compare(
                  condition,
                  LegacyOperator.BEGINS_WITH,
                  arguments.getFirst(),
                  arguments.subList(1, 2),
                  values);
          case ConditionSyntax.Any(var alternatives) -> anyOf(condition, alternatives, values);
          case OperandSyntax.Call _, ConditionSyntax.All _, ConditionSyntax.Not _ -> null;
        };
    return clause == null ? new Clause(condition, "", null, List.of()) : clause;
  }

  boolean isOn(KeyAttribute key) {
    return operator != null && attribute.equals(key.name());
  }

  LegacyCondition legacy() {
    if (operator == null) {
      throw new IllegalStateException("no clause of a key");
    }
    return new LegacyCondition(attribute, operator, values);
  }

  private static @Nullable Clause compare(
      Condition condition,
      @Nullable LegacyOperator operator,
      OperandSyntax operand,
      List<OperandSyntax> others,
      ExpressionValues values) {
    if (operator == null || !(operand instanceof PathOperand(var path))) {
      return null;
    }
    Path literal = path.literal();
    if (literal == null || literal.getElementsCount() != 1) {
      return null;
    }
    List<AttributeValue> decoded = new ArrayList<>(others.size());
    for (OperandSyntax other : others) {
      EncodedValue value =
          other instanceof ValueOperand(String placeholder) ? values.value(placeholder) : null;
      if (value == null) {
        return null;
      }
      decoded.add(value.decode());
    }
    return new Clause(condition, literal.getElements(0).getField(), operator, decoded);
  }

  /** {@code a = 1 OR a = 2} is {@code a IN (1, 2)}. */
  private static @Nullable Clause anyOf(
      Condition condition, List<ConditionSyntax> alternatives, ExpressionValues values) {
    String attribute = "";
    List<AttributeValue> all = new ArrayList<>();
    for (ConditionSyntax alternative : alternatives) {
      if (!(alternative instanceof ConditionSyntax.Comparison)) {
        return null;
      }
      Clause clause = of(alternative, values);
      if (clause.operator != LegacyOperator.EQ
          || !(attribute.isEmpty() || attribute.equals(clause.attribute))) {
        return null;
      }
      attribute = clause.attribute;
      all.addAll(clause.values);
    }
    return new Clause(condition, attribute, LegacyOperator.IN, all);
  }

  private static @Nullable LegacyOperator operator(Comparator comparator) {
    return switch (comparator) {
      case EQUAL -> LegacyOperator.EQ;
      case LESS -> LegacyOperator.LT;
      case LESS_OR_EQUAL -> LegacyOperator.LE;
      case GREATER -> LegacyOperator.GT;
      case GREATER_OR_EQUAL -> LegacyOperator.GE;
      case NOT_EQUAL, COMPARATOR_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }

  /** The operator for the operands the other way round. */
  private static @Nullable LegacyOperator mirrored(Comparator comparator) {
    return switch (comparator) {
      case LESS -> LegacyOperator.GT;
      case LESS_OR_EQUAL -> LegacyOperator.GE;
      case GREATER -> LegacyOperator.LT;
      case GREATER_OR_EQUAL -> LegacyOperator.LE;
      case EQUAL, NOT_EQUAL, COMPARATOR_UNSPECIFIED, UNRECOGNIZED -> operator(comparator);
    };
  }
}
