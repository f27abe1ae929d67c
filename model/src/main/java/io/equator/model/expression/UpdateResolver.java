package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.model.expression.parse.ExpressionFunction;
import io.equator.model.expression.parse.OperandSyntax;
import io.equator.model.expression.parse.OperandSyntax.Arithmetic;
import io.equator.model.expression.parse.OperandSyntax.Call;
import io.equator.model.expression.parse.OperandSyntax.PathOperand;
import io.equator.model.expression.parse.OperandSyntax.ValueOperand;
import io.equator.model.expression.parse.PathSyntax;
import io.equator.model.expression.parse.UpdateSyntax;
import io.equator.model.expression.parse.UpdateSyntax.Action;
import io.equator.model.expression.wire.Nesting;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueType;
import io.equator.proto.IfNotExists;
import io.equator.proto.Path;
import io.equator.proto.PathValue;
import io.equator.proto.SetAction;
import io.equator.proto.SetPair;
import io.equator.proto.SetValue;
import io.equator.proto.Update;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts names and values into an update and builds the message that travels.
 *
 * <p>DynamoDB complains first about undefined names anywhere, then about undefined values, then
 * about paths that cannot stand together, then about operands of ADD and DELETE, then about those
 * of functions and sums.
 */
final class UpdateResolver {
  private static final ExpressionKind KIND = ExpressionKind.UPDATE;

  private final ExpressionContext context;
  private @Nullable String operandFault;
  private @Nullable String functionFault;

  UpdateResolver(ExpressionContext context) {
    this.context = context;
  }

  Update resolve(UpdateSyntax syntax) {
    List<Path> paths = new ArrayList<>(syntax.actions().size());
    for (Action action : syntax.actions()) {
      paths.add(context.path(action.path(), KIND));
      if (action instanceof Action.Set(_, OperandSyntax value)) {
        checkNames(value);
      }
    }
    for (Action action : syntax.actions()) {
      checkValues(action);
    }
    PathOverlaps.check(KIND, paths);
    Update.Builder update = Update.newBuilder();
    for (int i = 0; i < paths.size(); i++) {
      add(update, paths.get(i), syntax.actions().get(i));
    }
    String fault = operandFault != null ? operandFault : functionFault;
    if (fault != null) {
      throw ApiException.validation(KIND.errorPrefix() + fault);
    }
    return update.build();
  }

  private void checkNames(OperandSyntax syntax) {
    switch (syntax) {
      case PathOperand(PathSyntax path) -> context.checkNames(path, KIND);
      case ValueOperand _ -> {}
      case Call(_, List<OperandSyntax> arguments) -> arguments.forEach(this::checkNames);
      case Arithmetic(_, OperandSyntax left, OperandSyntax right) -> {
        checkNames(left);
        checkNames(right);
      }
    }
  }

  private void checkValues(Action action) {
    switch (action) {
      case Action.Set(_, OperandSyntax value) -> checkValues(value);
      case Action.Add(_, String placeholder) -> context.value(placeholder, KIND);
      case Action.Delete(_, String placeholder) -> context.value(placeholder, KIND);
      case Action.Remove _ -> {}
    }
  }

  private void checkValues(OperandSyntax syntax) {
    switch (syntax) {
      case PathOperand _ -> {}
      case ValueOperand(String placeholder) -> context.value(placeholder, KIND);
      case Call(_, List<OperandSyntax> arguments) -> arguments.forEach(this::checkValues);
      case Arithmetic(_, OperandSyntax left, OperandSyntax right) -> {
        checkValues(left);
        checkValues(right);
      }
    }
  }

  private void add(Update.Builder update, Path path, Action action) {
    switch (action) {
      case Action.Set(_, OperandSyntax value) ->
          update.addSets(SetAction.newBuilder().setPath(path).setValue(setValue(value, 0)));
      case Action.Remove _ -> update.addRemoves(path);
      case Action.Add(_, String placeholder) ->
          update.addAdds(pathValue("ADD", path, context.value(placeholder, KIND)));
      case Action.Delete(_, String placeholder) ->
          update.addDeletes(pathValue("DELETE", path, context.value(placeholder, KIND)));
    }
  }

  private PathValue pathValue(String operator, Path path, EncodedValue value) {
    ValueType type = value.type();
    boolean allowed = type.isSet() || (type == ValueType.N && operator.equals("ADD"));
    if (!allowed && operandFault == null) {
      operandFault =
          "Incorrect operand type for operator or function; operator: "
              + operator
              + ", operand type: "
              + longName(type)
              + ", typeSet: ALLOWED_FOR_"
              + operator
              + "_OPERAND";
    }
    return PathValue.newBuilder().setPath(path).setValue(value.toByteString()).build();
  }

  private static String longName(ValueType type) {
    return switch (type) {
      case S -> "STRING";
      case N -> "NUMBER";
      case B -> "BINARY";
      case BOOL -> "BOOLEAN";
      case NULL -> "NULL";
      case L -> "LIST";
      case M -> "MAP";
      case SS, NS, BS -> type.typeName();
    };
  }

  private SetValue setValue(OperandSyntax syntax, int level) {
    SetValue.Builder value = SetValue.newBuilder();
    switch (syntax) {
      case PathOperand(PathSyntax path) -> value.setPath(context.path(path, KIND));
      case ValueOperand(String placeholder) ->
          value.setValue(context.value(placeholder, KIND).toByteString());
      case Arithmetic(boolean plus, OperandSyntax left, OperandSyntax right) -> {
        String operator = plus ? "+" : "-";
        checkLiteral(operator, left, ValueType.N);
        checkLiteral(operator, right, ValueType.N);
        SetPair pair = pair(left, right, level + 1);
        if (plus) {
          value.setPlus(pair);
        } else {
          value.setMinus(pair);
        }
      }
      case Call call -> setCall(value, call, level + 1);
    }
    return Nesting.seal(value.build(), level);
  }

  private void setCall(SetValue.Builder value, Call call, int level) {
    ExpressionFunction function = ExpressionFunction.of(call.function());
    List<OperandSyntax> arguments = call.arguments();
    if (function == null || arguments.size() != function.operands()) {
      functionFault(
          "Incorrect number of operands for operator or function; operator or function: "
              + call.function()
              + ", number of operands: "
              + arguments.size());
      return;
    }
    OperandSyntax first = arguments.get(0);
    OperandSyntax second = arguments.get(1);
    if (function == ExpressionFunction.LIST_APPEND) {
      checkLiteral(call.function(), first, ValueType.L);
      checkLiteral(call.function(), second, ValueType.L);
      value.setListAppend(pair(first, second, level));
    } else if (first instanceof PathOperand(PathSyntax path)) {
      value.setIfNotExists(
          IfNotExists.newBuilder()
              .setPath(context.path(path, KIND))
              .setOtherwise(setValue(second, level)));
    } else {
      functionFault(
          "Operator or function requires a document path; operator or function: "
              + call.function());
    }
  }

  private SetPair pair(OperandSyntax left, OperandSyntax right, int level) {
    return SetPair.newBuilder()
        .setLeft(setValue(left, level))
        .setRight(setValue(right, level))
        .build();
  }

  /** A value that stands there itself must have the type; what a path leads to is seen later. */
  private void checkLiteral(String operator, OperandSyntax operand, ValueType expected) {
    if (operand instanceof ValueOperand(String placeholder)) {
      ValueType type = context.value(placeholder, KIND).type();
      if (type != expected) {
        functionFault(
            "Incorrect operand type for operator or function; operator or function: "
                + operator
                + ", operand type: "
                + type.typeName());
      }
    }
  }

  private void functionFault(String message) {
    if (functionFault == null) {
      functionFault = message;
    }
  }
}
