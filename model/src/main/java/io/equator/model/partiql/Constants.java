package io.equator.model.partiql;

import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemEncoder;
import io.equator.model.item.ValueLayer;
import io.equator.model.item.ValueProblem;
import io.equator.model.item.ValueType;
import io.equator.model.number.DynamoNumber;
import io.equator.model.number.NumberException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Evaluates literals and parameters. Messages name places inside of them from {@code root} on. */
final class Constants {
  private static final String ROOT = "root";

  private final List<EncodedValue> parameters;
  private final ItemEncoder encoder = new ItemEncoder();

  Constants(List<EncodedValue> parameters) {
    this.parameters = parameters;
  }

  /** Whether an expression looks like a value, whatever is inside. */
  static boolean isConstant(Expr expr) {
    return switch (expr) {
      case Expr.Parameter _,
          Expr.Text _,
          Expr.Numeral _,
          Expr.Bool _,
          Expr.Null _,
          Expr.Missing _,
          Expr.ListOf _,
          Expr.MapOf _,
          Expr.SetOf _ ->
          true;
      case Expr.Attribute _,
          Expr.Call _,
          Expr.Arithmetic _,
          Expr.And _,
          Expr.Or _,
          Expr.Not _,
          Expr.Compare _,
          Expr.Between _,
          Expr.In _,
          Expr.Is _ ->
          false;
    };
  }

  EncodedValue parameter(int index) {
    return parameters.get(index);
  }

  /** A value. */
  EncodedValue value(Expr expr) {
    if (expr instanceof Expr.Parameter(int index)) {
      return parameter(index);
    }
    encoder.beginValue();
    write(expr, ROOT, ROOT);
    checkProblem();
    return encoder.finishValue();
  }

  /** An item. */
  EncodedItem item(Expr expr) {
    encoder.begin();
    switch (expr) {
      case Expr.MapOf(List<Expr.Entry> entries) -> entries(entries, ROOT);
      case Expr.Parameter(int index)
          when parameter(index).decode()
              instanceof io.equator.model.item.AttributeValue.M(var values) ->
          values.forEach(
              (name, value) -> {
                encoder.name(name);
                encoder.value(value);
              });
      default -> throw StatementErrors.notWellFormed(StatementErrors.TERM);
    }
    checkProblem();
    return encoder.finish();
  }

  private void checkProblem() {
    ValueProblem problem = encoder.problem();
    if (problem != null) {
      throw ApiException.validation(problem.message(ValueLayer.CURRENT));
    }
  }

  private void write(Expr expr, String path, String container) {
    switch (expr) {
      case Expr.Parameter(int index) -> encoder.value(parameter(index));
      case Expr.Text(String text) -> encoder.string(text);
      case Expr.Numeral(String text) -> encoder.number(number(text, path));
      case Expr.Bool(boolean bool) -> encoder.bool(bool);
      case Expr.Null() -> encoder.nul();
      case Expr.ListOf(List<Expr> elements) -> {
        encoder.beginList();
        for (int i = 0; i < elements.size(); i++) {
          write(elements.get(i), path + "[" + i + "]", path);
        }
        encoder.endList();
      }
      case Expr.MapOf(List<Expr.Entry> entries) -> {
        encoder.beginMap();
        entries(entries, path);
        encoder.endMap();
      }
      case Expr.SetOf(List<Expr> members) -> set(members, path);
      case Expr.Missing(Position at) -> throw unsupported("MISSING", container, at);
      case Expr.Call(String function, _, Position at) -> throw unsupported(function, container, at);
      case Expr.Attribute(var attribute, Position at) ->
          throw unsupported(
              attribute.steps().getFirst()
                      instanceof io.equator.model.expression.parse.PathSyntax.Step.Name(String name)
                  ? name
                  : "",
              container,
              at);
      case Expr.Arithmetic _,
          Expr.And _,
          Expr.Or _,
          Expr.Not _,
          Expr.Compare _,
          Expr.Between _,
          Expr.In _,
          Expr.Is _ ->
          throw StatementErrors.notWellFormed(StatementErrors.TERM);
    }
  }

  private void entries(List<Expr.Entry> entries, String path) {
    for (Expr.Entry entry : entries) {
      encoder.name(entry.name());
      write(entry.value(), path + "." + entry.name(), path);
    }
  }

  private void set(List<Expr> members, String path) {
    if (members.isEmpty()) {
      throw ApiException.validation("Empty bags are not supported");
    }
    ValueType type = null;
    for (Expr member : members) {
      ValueType of = setType(member);
      if (of == null || (type != null && type != of)) {
        throw ApiException.validation(
            "A set must have members of one type, which is string, number or binary, under "
                + path);
      }
      type = of;
    }
    if (type == null) {
      throw new IllegalStateException("no members");
    }
    encoder.beginSet(type);
    for (int i = 0; i < members.size(); i++) {
      write(members.get(i), path + "[" + i + "]", path);
    }
    encoder.endSet();
  }

  private @Nullable ValueType setType(Expr member) {
    return switch (member) {
      case Expr.Text _ -> ValueType.SS;
      case Expr.Numeral _ -> ValueType.NS;
      case Expr.Parameter(int index) ->
          switch (parameter(index).type()) {
            case S -> ValueType.SS;
            case N -> ValueType.NS;
            case B -> ValueType.BS;
            case BOOL, NULL, SS, NS, BS, L, M -> null;
          };
      default -> null;
    };
  }

  private static String number(String text, String path) {
    try {
      return DynamoNumber.parse(text).toString();
    } catch (NumberException e) {
      throw ApiException.validation(NumberException.message(e.fault(), text) + " under " + path);
    }
  }

  private static ApiException unsupported(String what, String container, Position at) {
    return ApiException.validation(
        "Unsupported data type: " + what + " under key " + container + " " + at);
  }
}
