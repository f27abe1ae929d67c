package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.model.expression.parse.ConditionSyntax;
import io.equator.model.expression.parse.ConditionSyntax.Between;
import io.equator.model.expression.parse.ConditionSyntax.Comparison;
import io.equator.model.expression.parse.ConditionSyntax.In;
import io.equator.model.expression.parse.ExpressionFunction;
import io.equator.model.expression.parse.ExpressionLimits;
import io.equator.model.expression.parse.OperandSyntax;
import io.equator.model.expression.parse.OperandSyntax.Call;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueType;
import io.equator.proto.Comparator;
import io.equator.proto.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts names and values into single clauses (comparisons and functions) and checks their operands.
 *
 * <p>DynamoDB goes clause by clause in the order of the text. Inside one it complains first about
 * undefined names and values, then about the number of operands, then about equal operands, then
 * about types.
 */
final class ClauseResolver {
  private static final String ANY_TYPE = "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}";
  private static final String TYPE_NAMES = "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}";

  private final ExpressionContext context;
  private final ExpressionKind kind;
  private @Nullable String countFault;
  private @Nullable String typeFault;

  ClauseResolver(ExpressionContext context, ExpressionKind kind) {
    this.context = context;
    this.kind = kind;
  }

  /**
   * A clause whose operands are as they must be.
   *
   * @param syntax which clause
   * @param operands all operands from left to right
   */
  record Clause(ConditionSyntax syntax, List<ResolvedOperand> operands) {}

  /** Resolves and checks a clause; for conditions that are neither AND, OR nor NOT. */
  Clause resolve(ConditionSyntax syntax) {
    countFault = null;
    typeFault = null;
    List<ResolvedOperand> operands = operands(syntax);
    String operator = operator(syntax);
    if (syntax instanceof In(_, List<OperandSyntax> candidates)
        && candidates.size() > ExpressionLimits.IN_OPERANDS_MAX) {
      countFault(
          "The IN operator is provided with too many operands; number of operands: "
              + candidates.size());
    }
    if (syntax instanceof Call call) {
      checkCount(call);
    }
    if (countFault != null) {
      throw refused(countFault);
    }
    checkDistinct(operator, operands);
    if (typeFault == null) {
      checkTypes(syntax, operator, operands);
    }
    if (typeFault != null) {
      throw refused(typeFault);
    }
    return new Clause(syntax, operands);
  }

  private List<ResolvedOperand> operands(ConditionSyntax syntax) {
    return switch (syntax) {
      case Comparison(_, OperandSyntax left, OperandSyntax right) ->
          List.of(operand(left), operand(right));
      case Between(OperandSyntax value, OperandSyntax lower, OperandSyntax upper) ->
          List.of(operand(value), operand(lower), operand(upper));
      case In(OperandSyntax value, List<OperandSyntax> candidates) -> {
        List<ResolvedOperand> operands = new ArrayList<>(candidates.size() + 1);
        operands.add(operand(value));
        for (OperandSyntax candidate : candidates) {
          operands.add(operand(candidate));
        }
        yield operands;
      }
      case Call(_, List<OperandSyntax> arguments) -> {
        List<ResolvedOperand> operands = new ArrayList<>(arguments.size());
        for (OperandSyntax argument : arguments) {
          operands.add(operand(argument));
        }
        yield operands;
      }
      case ConditionSyntax.All _, ConditionSyntax.Any _, ConditionSyntax.Not _ ->
          throw new IllegalArgumentException("not a clause: " + syntax);
    };
  }

  private ResolvedOperand operand(OperandSyntax syntax) {
    return switch (syntax) {
      case OperandSyntax.PathOperand(var path) -> new ResolvedOperand.At(context.path(path, kind));
      case OperandSyntax.ValueOperand(String placeholder) ->
          new ResolvedOperand.Literal(context.value(placeholder, kind));
      case Call call -> size(call);
      case OperandSyntax.Arithmetic _ ->
          throw new IllegalArgumentException("arithmetic in a condition: " + syntax);
    };
  }

  /** The only function that may be an operand here is {@code size}; parsing has seen to that. */
  private ResolvedOperand size(Call call) {
    List<ResolvedOperand> operands = new ArrayList<>(1);
    for (OperandSyntax argument : call.arguments()) {
      operands.add(operand(argument));
    }
    checkCount(call);
    ResolvedOperand operand = operands.getFirst();
    ValueType type = operand.type();
    if (type == ValueType.N || type == ValueType.BOOL || type == ValueType.NULL) {
      typeFault(call.function(), type);
    }
    return new ResolvedOperand.SizeOf(operand);
  }

  private void checkCount(Call call) {
    ExpressionFunction function = ExpressionFunction.of(call.function());
    if (function != null && call.arguments().size() != function.operands()) {
      countFault(
          "Incorrect number of operands for operator or function; operator or function: "
              + call.function()
              + ", number of operands: "
              + call.arguments().size());
    }
  }

  private void checkDistinct(String operator, List<ResolvedOperand> operands) {
    if (!(operands.getFirst() instanceof ResolvedOperand.At(Path first))) {
      return;
    }
    for (int i = 1; i < operands.size(); i++) {
      if (operands.get(i) instanceof ResolvedOperand.At(Path other) && first.equals(other)) {
        throw refused(
            "The first operand must be distinct from the remaining operands for this operator or"
                + " function; operator: "
                + operator
                + ", first operand: "
                + ExpressionPaths.text(first));
      }
    }
  }

  private void checkTypes(ConditionSyntax syntax, String operator, List<ResolvedOperand> operands) {
    switch (syntax) {
      case Comparison(Comparator comparator, _, _) -> {
        if (comparator != Comparator.EQUAL && comparator != Comparator.NOT_EQUAL) {
          checkOrdered(operator, operands);
        }
      }
      case Between _ -> {
        checkOrdered(operator, operands);
        if (typeFault == null
            && operands.get(1) instanceof ResolvedOperand.Literal(EncodedValue lower)
            && operands.get(2) instanceof ResolvedOperand.Literal(EncodedValue upper)) {
          checkBounds(lower, upper);
        }
      }
      case Call call -> checkCallTypes(call.function(), operands);
      case In _, ConditionSyntax.All _, ConditionSyntax.Any _, ConditionSyntax.Not _ -> {}
    }
  }

  private void checkOrdered(String operator, List<ResolvedOperand> operands) {
    for (ResolvedOperand operand : operands) {
      ValueType type = operand.type();
      if (type != null && !type.isKeyType()) {
        typeFault(operator, type);
      }
    }
  }

  private void checkBounds(EncodedValue lower, EncodedValue upper) {
    String requirement;
    AttributeValue low = lower.decode();
    AttributeValue high = upper.decode();
    if (low.type() != high.type()) {
      requirement = "requires same data type for lower and upper bounds";
    } else if (ValueOrder.compare(low, high) > 0) {
      requirement = "requires upper bound to be greater than or equal to lower bound";
    } else {
      return;
    }
    typeFault =
        "The BETWEEN operator "
            + requirement
            + "; lower bound operand: AttributeValue: "
            + show(low)
            + ", upper bound operand: AttributeValue: "
            + show(high);
  }

  /** As the service's own class prints itself. */
  private static String show(AttributeValue value) {
    String text =
        switch (value) {
          case AttributeValue.S(String string) -> string;
          case AttributeValue.N(var number) -> number.toString();
          case AttributeValue.B(var bytes) ->
              "java.nio.HeapByteBuffer[pos=0 lim="
                  + bytes.length()
                  + " cap="
                  + bytes.length()
                  + "]";
          default -> value.toString();
        };
    return "{" + value.typeName() + ":" + text + "}";
  }

  private void checkCallTypes(String function, List<ResolvedOperand> operands) {
    switch (function) {
      case "attribute_exists", "attribute_not_exists" -> checkPath(function, operands);
      case "attribute_type" -> {
        checkPath(function, operands);
        if (typeFault == null) {
          checkTypeName(function, operands.get(1));
        }
      }
      case "begins_with" -> {
        for (ResolvedOperand operand : operands) {
          ValueType type = operand.type();
          if (type != null && type != ValueType.S && type != ValueType.B) {
            typeFault(function, type);
          }
        }
      }
      default -> {}
    }
  }

  private void checkPath(String function, List<ResolvedOperand> operands) {
    if (!(operands.getFirst() instanceof ResolvedOperand.At)) {
      typeFault =
          "Operator or function requires a document path; operator or function: " + function;
    }
  }

  private void checkTypeName(String function, ResolvedOperand operand) {
    if (!(operand instanceof ResolvedOperand.Literal(EncodedValue value))) {
      ValueType type = operand.type();
      typeFault = incorrectType(function, type == null ? ANY_TYPE : type.typeName());
    } else if (value.type() != ValueType.S) {
      typeFault(function, value.type());
    } else if (ValueType.ofTypeName(value.string()) == null) {
      typeFault =
          "Invalid attribute type name found; type: "
              + value.string()
              + ", valid types: "
              + TYPE_NAMES;
    }
  }

  private void countFault(String message) {
    if (countFault == null) {
      countFault = message;
    }
  }

  private void typeFault(String operator, ValueType type) {
    if (typeFault == null) {
      typeFault = incorrectType(operator, type.typeName());
    }
  }

  private static String incorrectType(String operator, String type) {
    return "Incorrect operand type for operator or function; operator or function: "
        + operator
        + ", operand type: "
        + type;
  }

  private static String operator(ConditionSyntax syntax) {
    return switch (syntax) {
      case Comparison(Comparator comparator, _, _) -> text(comparator);
      case Between _ -> "BETWEEN";
      case In _ -> "IN";
      case Call(String function, _) -> function;
      case ConditionSyntax.All _ -> "AND";
      case ConditionSyntax.Any _ -> "OR";
      case ConditionSyntax.Not _ -> "NOT";
    };
  }

  static String text(Comparator comparator) {
    return switch (comparator) {
      case EQUAL -> "=";
      case NOT_EQUAL -> "<>";
      case LESS -> "<";
      case LESS_OR_EQUAL -> "<=";
      case GREATER -> ">";
      case GREATER_OR_EQUAL -> ">=";
      case COMPARATOR_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("no comparator: " + comparator);
    };
  }

  private ApiException refused(String message) {
    return ApiException.validation(kind.errorPrefix() + message);
  }
}
