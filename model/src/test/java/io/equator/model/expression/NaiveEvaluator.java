package io.equator.model.expression;

import io.equator.model.expression.wire.Nesting;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.Bytes;
import io.equator.model.item.ItemCodec;
import io.equator.model.item.Utf8;
import io.equator.model.number.DynamoNumber;
import io.equator.proto.Comparator;
import io.equator.proto.Condition;
import io.equator.proto.Operand;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Evaluates conditions over objects, in the most obvious way, to be compared with the evaluator
 * over bytes.
 */
final class NaiveEvaluator {
  private final Map<String, AttributeValue> item;

  NaiveEvaluator(Map<String, AttributeValue> item) {
    this.item = item;
  }

  boolean holds(Condition sealed) {
    Condition condition = Nesting.open(sealed);
    return switch (condition.getKindCase()) {
      case ALL -> condition.getAll().getConditionsList().stream().allMatch(this::holds);
      case ANY -> condition.getAny().getConditionsList().stream().anyMatch(this::holds);
      case NOT -> !holds(condition.getNot());
      case COMPARISON ->
          compare(
              condition.getComparison().getComparator(),
              value(condition.getComparison().getLeft()),
              value(condition.getComparison().getRight()));
      case BETWEEN -> {
        Optional<AttributeValue> value = value(condition.getBetween().getValue());
        yield compare(Comparator.LESS_OR_EQUAL, value(condition.getBetween().getLower()), value)
            && compare(Comparator.LESS_OR_EQUAL, value, value(condition.getBetween().getUpper()));
      }
      case IN -> {
        Optional<AttributeValue> value = value(condition.getIn().getValue());
        yield value.isPresent()
            && condition.getIn().getCandidatesList().stream()
                .anyMatch(candidate -> value(candidate).equals(value));
      }
      case ATTRIBUTE_EXISTS -> at(condition.getAttributeExists()).isPresent();
      case ATTRIBUTE_NOT_EXISTS -> at(condition.getAttributeNotExists()).isEmpty();
      case ATTRIBUTE_TYPE ->
          value(condition.getAttributeType().getValue())
              .filter(v -> v.typeName().equals(condition.getAttributeType().getType()))
              .isPresent();
      case BEGINS_WITH ->
          beginsWith(
              value(condition.getBeginsWith().getFirst()),
              value(condition.getBeginsWith().getSecond()));
      case CONTAINS ->
          contains(
              value(condition.getContains().getFirst()),
              value(condition.getContains().getSecond()));
      case NESTED, KIND_NOT_SET -> throw new IllegalArgumentException();
    };
  }

  private static boolean compare(
      Comparator comparator, Optional<AttributeValue> left, Optional<AttributeValue> right) {
    boolean equal = left.isPresent() && left.equals(right);
    OptionalInt order =
        left.isPresent() && right.isPresent()
            ? order(left.get(), right.get())
            : OptionalInt.empty();
    return switch (comparator) {
      case EQUAL -> equal;
      case NOT_EQUAL -> !equal;
      case LESS -> order.isPresent() && order.getAsInt() < 0;
      case LESS_OR_EQUAL -> order.isPresent() && order.getAsInt() <= 0;
      case GREATER -> order.isPresent() && order.getAsInt() > 0;
      case GREATER_OR_EQUAL -> order.isPresent() && order.getAsInt() >= 0;
      case COMPARATOR_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException();
    };
  }

  private static OptionalInt order(AttributeValue left, AttributeValue right) {
    if (left instanceof AttributeValue.S(String a) && right instanceof AttributeValue.S(String b)) {
      return OptionalInt.of(java.util.Arrays.compareUnsigned(Utf8.encode(a), Utf8.encode(b)));
    }
    if (left instanceof AttributeValue.N(DynamoNumber a)
        && right instanceof AttributeValue.N(DynamoNumber b)) {
      return OptionalInt.of(
          new java.math.BigDecimal(a.toString()).compareTo(new java.math.BigDecimal(b.toString())));
    }
    if (left instanceof AttributeValue.B(Bytes a) && right instanceof AttributeValue.B(Bytes b)) {
      return OptionalInt.of(java.util.Arrays.compareUnsigned(a.toArray(), b.toArray()));
    }
    return OptionalInt.empty();
  }

  private static boolean beginsWith(
      Optional<AttributeValue> value, Optional<AttributeValue> prefix) {
    if (value.isEmpty() || prefix.isEmpty()) {
      return false;
    }
    return switch (value.get()) {
      case AttributeValue.S(String a) when prefix.get() instanceof AttributeValue.S(String b) ->
          a.startsWith(b);
      case AttributeValue.B(Bytes a) when prefix.get() instanceof AttributeValue.B(Bytes b) ->
          a.toString().startsWith(b.toString());
      default -> false;
    };
  }

  private static boolean contains(
      Optional<AttributeValue> container, Optional<AttributeValue> part) {
    if (container.isEmpty() || part.isEmpty()) {
      return false;
    }
    return switch (container.get()) {
      case AttributeValue.S(String a) ->
          part.get() instanceof AttributeValue.S(String b) && a.contains(b);
      case AttributeValue.B(Bytes a) ->
          part.get() instanceof AttributeValue.B(Bytes b) && a.contains(b);
      case AttributeValue.Ss(List<String> set) ->
          part.get() instanceof AttributeValue.S(String b) && set.contains(b);
      case AttributeValue.Ns(List<DynamoNumber> set) ->
          part.get() instanceof AttributeValue.N(DynamoNumber b) && set.contains(b);
      case AttributeValue.Bs(List<Bytes> set) ->
          part.get() instanceof AttributeValue.B(Bytes b) && set.contains(b);
      case AttributeValue.L(List<AttributeValue> list) -> list.contains(part.get());
      default -> false;
    };
  }

  private Optional<AttributeValue> value(Operand operand) {
    return switch (operand.getKindCase()) {
      case PATH -> at(operand.getPath());
      case VALUE -> Optional.of(ItemCodec.decodeValue(operand.getValue()));
      case SIZE_OF -> value(operand.getSizeOf()).flatMap(NaiveEvaluator::size);
      case KIND_NOT_SET -> throw new IllegalArgumentException();
    };
  }

  private static Optional<AttributeValue> size(AttributeValue value) {
    int size =
        switch (value) {
          case AttributeValue.S(String s) -> s.length();
          case AttributeValue.B(Bytes b) -> b.length();
          case AttributeValue.Ss(List<String> s) -> s.size();
          case AttributeValue.Ns(List<DynamoNumber> s) -> s.size();
          case AttributeValue.Bs(List<Bytes> s) -> s.size();
          case AttributeValue.L(List<AttributeValue> l) -> l.size();
          case AttributeValue.M(Map<String, AttributeValue> m) -> m.size();
          default -> -1;
        };
    return size < 0 ? Optional.empty() : Optional.of(AttributeValue.N.of(String.valueOf(size)));
  }

  Optional<AttributeValue> at(Path path) {
    return at(item, path);
  }

  static Optional<AttributeValue> at(Map<String, AttributeValue> item, Path path) {
    AttributeValue value = new AttributeValue.M(item);
    for (PathElement element : path.getElementsList()) {
      AttributeValue next = null;
      if (value instanceof AttributeValue.M(Map<String, AttributeValue> map)
          && element.getElementCase() == PathElement.ElementCase.FIELD) {
        next = map.get(element.getField());
      } else if (value instanceof AttributeValue.L(List<AttributeValue> list)
          && element.getElementCase() == PathElement.ElementCase.INDEX
          && element.getIndex() < list.size()) {
        next = list.get(element.getIndex());
      }
      if (next == null) {
        return Optional.empty();
      }
      value = next;
    }
    return Optional.of(value);
  }
}
