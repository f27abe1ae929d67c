package io.equator.model.expression;

import io.equator.model.expression.wire.Nesting;
import io.equator.proto.Condition;
import io.equator.proto.IfNotExists;
import io.equator.proto.Operand;
import io.equator.proto.OperandPair;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.PathValue;
import io.equator.proto.Projection;
import io.equator.proto.SetAction;
import io.equator.proto.SetPair;
import io.equator.proto.SetValue;
import io.equator.proto.Update;
import java.util.ArrayList;
import java.util.List;

/**
 * The document paths of expressions, in the order of the messages; for checks that need a schema.
 */
public final class ExpressionPaths {
  private final List<Path> paths = new ArrayList<>();

  private ExpressionPaths() {}

  /** Every path that the condition looks at. */
  public static List<Path> of(Condition condition) {
    ExpressionPaths paths = new ExpressionPaths();
    paths.visit(condition);
    return paths.paths;
  }

  /** Every path that the projection returns. */
  public static List<Path> of(Projection projection) {
    return projection.getPathsList();
  }

  /** Every path that the update changes: SET, REMOVE, ADD, DELETE. */
  public static List<Path> changedBy(Update update) {
    ExpressionPaths paths = new ExpressionPaths();
    for (SetAction action : update.getSetsList()) {
      paths.paths.add(action.getPath());
    }
    paths.paths.addAll(update.getRemovesList());
    for (PathValue action : update.getAddsList()) {
      paths.paths.add(action.getPath());
    }
    for (PathValue action : update.getDeletesList()) {
      paths.paths.add(action.getPath());
    }
    return paths.paths;
  }

  /** Every path that the update reads on a right-hand side. */
  public static List<Path> readBy(Update update) {
    ExpressionPaths paths = new ExpressionPaths();
    for (SetAction action : update.getSetsList()) {
      paths.visit(action.getValue());
    }
    return paths.paths;
  }

  /** The name of the top-level attribute in which the path begins. */
  public static String attribute(Path path) {
    return path.getElements(0).getField();
  }

  /** A path as error messages show it: {@code [a, b, [1]]}. */
  static String text(Path path) {
    StringBuilder text = new StringBuilder("[");
    for (PathElement element : path.getElementsList()) {
      if (text.length() > 1) {
        text.append(", ");
      }
      if (element.getElementCase() == PathElement.ElementCase.INDEX) {
        text.append('[').append(element.getIndex()).append(']');
      } else {
        text.append(element.getField());
      }
    }
    return text.append(']').toString();
  }

  private void visit(Condition sealed) {
    Condition condition = Nesting.open(sealed);
    switch (condition.getKindCase()) {
      case ALL -> condition.getAll().getConditionsList().forEach(this::visit);
      case ANY -> condition.getAny().getConditionsList().forEach(this::visit);
      case NOT -> visit(condition.getNot());
      case COMPARISON -> {
        visit(condition.getComparison().getLeft());
        visit(condition.getComparison().getRight());
      }
      case BETWEEN -> {
        visit(condition.getBetween().getValue());
        visit(condition.getBetween().getLower());
        visit(condition.getBetween().getUpper());
      }
      case IN -> {
        visit(condition.getIn().getValue());
        condition.getIn().getCandidatesList().forEach(this::visit);
      }
      case ATTRIBUTE_EXISTS -> paths.add(condition.getAttributeExists());
      case ATTRIBUTE_NOT_EXISTS -> paths.add(condition.getAttributeNotExists());
      case ATTRIBUTE_TYPE -> visit(condition.getAttributeType().getValue());
      case BEGINS_WITH -> visit(condition.getBeginsWith());
      case CONTAINS -> visit(condition.getContains());
      case NESTED, KIND_NOT_SET -> {}
    }
  }

  private void visit(OperandPair pair) {
    visit(pair.getFirst());
    visit(pair.getSecond());
  }

  private void visit(Operand operand) {
    switch (operand.getKindCase()) {
      case PATH -> paths.add(operand.getPath());
      case SIZE_OF -> visit(operand.getSizeOf());
      case VALUE, KIND_NOT_SET -> {}
    }
  }

  private void visit(SetValue sealed) {
    SetValue value = Nesting.open(sealed);
    switch (value.getKindCase()) {
      case PATH -> paths.add(value.getPath());
      case PLUS -> visit(value.getPlus());
      case MINUS -> visit(value.getMinus());
      case LIST_APPEND -> visit(value.getListAppend());
      case IF_NOT_EXISTS -> {
        IfNotExists function = value.getIfNotExists();
        paths.add(function.getPath());
        visit(function.getOtherwise());
      }
      case VALUE, NESTED, KIND_NOT_SET -> {}
    }
  }

  private void visit(SetPair pair) {
    visit(pair.getLeft());
    visit(pair.getRight());
  }
}
