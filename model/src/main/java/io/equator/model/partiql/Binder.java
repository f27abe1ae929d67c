package io.equator.model.partiql;

import io.equator.model.error.ApiException;
import io.equator.model.expression.ExpressionValues;
import io.equator.model.expression.StatementExpressions;
import io.equator.model.expression.parse.ConditionSyntax;
import io.equator.model.expression.parse.OperandSyntax;
import io.equator.model.expression.parse.PathSyntax;
import io.equator.model.expression.parse.UpdateSyntax;
import io.equator.model.expression.parse.UpdateSyntax.Action;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemLimits;
import io.equator.proto.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Makes a command of a statement: constants become values with placeholders, and what is left is
 * the syntax of expressions, whose checks then apply. Used once.
 */
final class Binder {
  private static final String LIST_APPEND = "list_append";
  private static final String SET_ADD = "set_add";
  private static final String SET_DELETE = "set_delete";

  private final List<EncodedValue> parameters;
  private final Constants constants;
  private final ExpressionValues values = new ExpressionValues();
  private int placeholders;

  Binder(List<EncodedValue> parameters) {
    this.parameters = parameters;
    this.constants = new Constants(parameters);
  }

  Command bind(Statement statement) {
    if (statement.parameters() != parameters.size()) {
      throw ApiException.validation("Number of parameters in request and statement don't match.");
    }
    return switch (statement) {
      case Statement.Select select -> select(select);
      case Statement.Exists(var select) -> new Command.Exists(select(select));
      case Statement.Insert(_, String table, Expr document) -> {
        var item = constants.item(document);
        if (item.sizeBytes() > ItemLimits.ITEM_SIZE_MAX) {
          throw ApiException.validation("Item size has exceeded the maximum allowed size");
        }
        yield new Command.Insert(table, item);
      }
      case Statement.Update(_, String table, var changes, var where, var returning) -> {
        List<Action> actions = new ArrayList<>(changes.size());
        for (Statement.Change change : changes) {
          actions.add(action(change));
        }
        yield new Command.Change(
            table,
            StatementExpressions.update(new UpdateSyntax(actions), values),
            where(where),
            returning);
      }
      case Statement.Delete(_, String table, var where, var returning) ->
          new Command.Delete(table, where(where), returning);
    };
  }

  private Command.Select select(Statement.Select select) {
    List<Path> columns = new ArrayList<>(select.columns().size());
    for (PathSyntax column : select.columns()) {
      columns.add(StatementExpressions.path(column));
    }
    List<Command.Order> order = new ArrayList<>();
    for (Statement.Order key : select.orderBy()) {
      Path path = StatementExpressions.path(key.path());
      // Of a longer path the whole text: it is no key attribute, and so refused.
      String attribute =
          path.getElementsCount() == 1
              ? path.getElements(0).getField()
              : path.getElements(0).getField() + ".";
      order.add(new Command.Order(attribute, key.descending()));
    }
    return new Command.Select(
        select.table(), select.index(), columns, where(select.where()), order);
  }

  private Where where(Optional<Expr> where) {
    return where.isEmpty() ? Where.NONE : Where.of(condition(where.get()), values);
  }

  // ---- conditions

  private ConditionSyntax condition(Expr expr) {
    return switch (expr) {
      case Expr.And(List<Expr> parts) -> new ConditionSyntax.All(conditions(parts));
      case Expr.Or(List<Expr> parts) -> new ConditionSyntax.Any(conditions(parts));
      case Expr.Not(Expr inner) -> new ConditionSyntax.Not(condition(inner));
      case Expr.Compare(var comparator, Expr left, Expr right) ->
          new ConditionSyntax.Comparison(comparator, operand(left), operand(right));
      case Expr.Between(Expr value, Expr lower, Expr upper) ->
          new ConditionSyntax.Between(operand(value), operand(lower), operand(upper));
      case Expr.In(Expr value, Expr candidates) ->
          new ConditionSyntax.In(operand(value), candidates(candidates));
      case Expr.Is(Expr value, boolean missing) ->
          missing
              ? new OperandSyntax.Call("attribute_not_exists", List.of(operand(value)))
              : new OperandSyntax.Call(
                  "attribute_type",
                  List.of(operand(value), literal(EncodedValue.of(new AttributeValue.S("NULL")))));
      case Expr.Call call -> call(call);
      case Expr.Attribute _,
          Expr.Parameter _,
          Expr.Text _,
          Expr.Numeral _,
          Expr.Bool _,
          Expr.Null _,
          Expr.Missing _,
          Expr.ListOf _,
          Expr.MapOf _,
          Expr.SetOf _,
          Expr.Arithmetic _ ->
          throw StatementErrors.notWellFormed(StatementErrors.TERM);
    };
  }

  private List<ConditionSyntax> conditions(List<Expr> parts) {
    List<ConditionSyntax> conditions = new ArrayList<>(parts.size());
    for (Expr part : parts) {
      conditions.add(condition(part));
    }
    return conditions;
  }

  private OperandSyntax.Call call(Expr.Call call) {
    return switch (call.function()) {
      case "attribute_exists",
          "attribute_not_exists",
          "attribute_type",
          "begins_with",
          "contains" ->
          new OperandSyntax.Call(call.function(), operands(call.arguments()));
      case "size" ->
          throw ApiException.validation(
              "The function is not allowed to be used this way in an expression; function: size");
      default -> throw StatementErrors.unrecognized(call.function(), call.at());
    };
  }

  private List<OperandSyntax> candidates(Expr candidates) {
    List<OperandSyntax> operands = new ArrayList<>();
    switch (candidates) {
      case Expr.ListOf(List<Expr> elements) -> operands.addAll(operands(elements));
      case Expr.SetOf(List<Expr> members) -> operands.addAll(operands(members));
      case Expr.Parameter(int index)
          when constants.parameter(index).decode() instanceof AttributeValue.L(var elements) -> {
        for (AttributeValue element : elements) {
          operands.add(literal(EncodedValue.of(element)));
        }
      }
      default -> throw StatementErrors.notWellFormed(StatementErrors.TERM);
    }
    if (operands.isEmpty()) {
      throw StatementErrors.notWellFormed(StatementErrors.TERM);
    }
    return operands;
  }

  private List<OperandSyntax> operands(List<Expr> exprs) {
    List<OperandSyntax> operands = new ArrayList<>(exprs.size());
    for (Expr expr : exprs) {
      operands.add(operand(expr));
    }
    return operands;
  }

  private OperandSyntax operand(Expr expr) {
    if (Constants.isConstant(expr)) {
      return literal(constants.value(expr));
    }
    return switch (expr) {
      case Expr.Attribute(PathSyntax path, _) -> new OperandSyntax.PathOperand(path);
      case Expr.Call(String function, var arguments, _) when function.equals("size") -> {
        if (arguments.size() != 1) {
          throw ApiException.validation(
              "Incorrect number of operands for operator or function; operator or function: size,"
                  + " number of operands: "
                  + arguments.size());
        }
        yield new OperandSyntax.Call(function, operands(arguments));
      }
      case Expr.Call(String function, _, Position at) ->
          throw StatementErrors.unrecognized(function, at);
      default -> throw StatementErrors.notWellFormed(StatementErrors.TERM);
    };
  }

  private OperandSyntax literal(EncodedValue value) {
    String placeholder = ":" + placeholders++;
    values.put(placeholder, value);
    return new OperandSyntax.ValueOperand(placeholder);
  }

  // ---- updates

  private Action action(Statement.Change change) {
    return switch (change) {
      case Statement.Change.Remove(PathSyntax path) -> new Action.Remove(path);
      case Statement.Change.Set(PathSyntax path, Expr.Call call)
          when call.function().equals(SET_ADD) ->
          new Action.Add(path, members(path, call));
      case Statement.Change.Set(PathSyntax path, Expr.Call call)
          when call.function().equals(SET_DELETE) ->
          new Action.Delete(path, members(path, call));
      case Statement.Change.Set(PathSyntax path, Expr value) -> new Action.Set(path, source(value));
    };
  }

  /** The members that a set gains or loses. */
  private String members(PathSyntax path, Expr.Call call) {
    String name = call.function().toUpperCase(Locale.ROOT);
    if (call.arguments().size() != 2) {
      throw ApiException.validation(name + " must have exactly two arguments " + call.at());
    }
    if (!(call.arguments().getFirst() instanceof Expr.Attribute(PathSyntax set, _))
        || !set.equals(path)) {
      throw ApiException.validation(
          "The first argument to " + name + " must equal the assignment value " + call.at());
    }
    Expr members = call.arguments().get(1);
    if (Constants.isConstant(members)) {
      EncodedValue value = constants.value(members);
      if (value.type().isSet()
          && literal(value) instanceof OperandSyntax.ValueOperand(String placeholder)) {
        return placeholder;
      }
    }
    throw ApiException.validation(
        "The second argument to " + name + " must be a value with type SET " + call.at());
  }

  private OperandSyntax source(Expr expr) {
    if (Constants.isConstant(expr)) {
      return literal(constants.value(expr));
    }
    return switch (expr) {
      case Expr.Attribute(PathSyntax path, _) -> new OperandSyntax.PathOperand(path);
      case Expr.Arithmetic(boolean plus, Expr left, Expr right) ->
          new OperandSyntax.Arithmetic(plus, source(left), source(right));
      case Expr.Call(String function, var arguments, _) when function.equals(LIST_APPEND) -> {
        List<OperandSyntax> sources = new ArrayList<>(arguments.size());
        for (Expr argument : arguments) {
          sources.add(source(argument));
        }
        yield new OperandSyntax.Call(function, sources);
      }
      case Expr.Call(String function, _, Position at) ->
          throw StatementErrors.unrecognized(function, at);
      default -> throw StatementErrors.notWellFormed(StatementErrors.TERM);
    };
  }
}
