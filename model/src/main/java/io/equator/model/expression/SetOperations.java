package io.equator.model.expression;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Unions and differences of sets of one type. */
final class SetOperations {

  private SetOperations() {}

  static EncodedValue union(EncodedValue left, EncodedValue right) {
    return switch (left.decode()) {
      case AttributeValue.Ss(var a) when right.decode() instanceof AttributeValue.Ss(var b) ->
          EncodedValue.of(new AttributeValue.Ss(joined(a, b)));
      case AttributeValue.Ns(var a) when right.decode() instanceof AttributeValue.Ns(var b) ->
          EncodedValue.of(new AttributeValue.Ns(joined(a, b)));
      case AttributeValue.Bs(var a) when right.decode() instanceof AttributeValue.Bs(var b) ->
          EncodedValue.of(new AttributeValue.Bs(joined(a, b)));
      default -> throw new IllegalArgumentException("not sets of one type");
    };
  }

  static @Nullable EncodedValue difference(EncodedValue left, EncodedValue right) {
    return switch (left.decode()) {
      case AttributeValue.Ss(var a) when right.decode() instanceof AttributeValue.Ss(var b) -> {
        var rest = without(a, b);
        yield rest.isEmpty() ? null : EncodedValue.of(new AttributeValue.Ss(rest));
      }
      case AttributeValue.Ns(var a) when right.decode() instanceof AttributeValue.Ns(var b) -> {
        var rest = without(a, b);
        yield rest.isEmpty() ? null : EncodedValue.of(new AttributeValue.Ns(rest));
      }
      case AttributeValue.Bs(var a) when right.decode() instanceof AttributeValue.Bs(var b) -> {
        var rest = without(a, b);
        yield rest.isEmpty() ? null : EncodedValue.of(new AttributeValue.Bs(rest));
      }
      default -> throw new IllegalArgumentException("not sets of one type");
    };
  }

  private static <T> List<T> joined(List<T> left, List<T> right) {
    List<T> joined = new ArrayList<>(left);
    joined.addAll(without(right, left));
    return joined;
  }

  private static <T> List<T> without(List<T> values, List<T> removed) {
    Set<T> known = new HashSet<>(removed);
    List<T> rest = new ArrayList<>(values.size());
    for (T value : values) {
      if (!known.contains(value)) {
        rest.add(value);
      }
    }
    return rest;
  }
}
