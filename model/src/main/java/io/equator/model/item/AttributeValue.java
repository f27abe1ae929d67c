package io.equator.model.item;

import io.equator.model.number.DynamoNumber;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One attribute value as an object.
 *
 * <p>Equality is DynamoDB's: numbers by value, sets without order, lists with order, maps by their
 * entries. Sets are kept in canonical order (strings by UTF-8 bytes, numbers by value, binaries as
 * unsigned bytes), are never empty and have no member twice; maps keep the order of insertion.
 */
public sealed interface AttributeValue {

  /** The type. */
  ValueType type();

  /** The type's name on the wire: {@code S}, {@code N}, … */
  default String typeName() {
    return type().typeName();
  }

  /** A string. */
  record S(String value) implements AttributeValue {
    @Override
    public ValueType type() {
      return ValueType.S;
    }
  }

  /** A number. */
  record N(DynamoNumber value) implements AttributeValue {
    /** The number of a text. */
    public static N of(String text) {
      return new N(DynamoNumber.parse(text));
    }

    @Override
    public ValueType type() {
      return ValueType.N;
    }
  }

  /** A binary. */
  record B(Bytes value) implements AttributeValue {
    @Override
    public ValueType type() {
      return ValueType.B;
    }
  }

  /** A boolean. */
  record Bool(boolean value) implements AttributeValue {
    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }
  }

  /** The null value. */
  record Null() implements AttributeValue {
    @Override
    public ValueType type() {
      return ValueType.NULL;
    }
  }

  /** A set of strings. */
  record Ss(List<String> values) implements AttributeValue {
    /** Sorts; refuses an empty set and duplicates. */
    public Ss {
      values = canonicalSet(values, Utf8::compare);
    }

    @Override
    public ValueType type() {
      return ValueType.SS;
    }
  }

  /** A set of numbers. */
  record Ns(List<DynamoNumber> values) implements AttributeValue {
    /** Sorts; refuses an empty set and duplicates. */
    public Ns {
      values = canonicalSet(values, Comparator.naturalOrder());
    }

    @Override
    public ValueType type() {
      return ValueType.NS;
    }
  }

  /** A set of binaries. */
  record Bs(List<Bytes> values) implements AttributeValue {
    /** Sorts; refuses an empty set and duplicates. */
    public Bs {
      values = canonicalSet(values, Comparator.naturalOrder());
    }

    @Override
    public ValueType type() {
      return ValueType.BS;
    }
  }

  /** A list. */
  record L(List<AttributeValue> values) implements AttributeValue {
    /** Copies. */
    public L {
      values = List.copyOf(values);
    }

    @Override
    public ValueType type() {
      return ValueType.L;
    }
  }

  /** A map. */
  record M(Map<String, AttributeValue> values) implements AttributeValue {
    /** Copies, and keeps the order. */
    public M {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    @Override
    public ValueType type() {
      return ValueType.M;
    }
  }

  private static <T> List<T> canonicalSet(List<T> values, Comparator<? super T> order) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("a set cannot be empty");
    }
    List<T> sorted = values;
    for (int i = 1; i < sorted.size(); i++) {
      if (order.compare(sorted.get(i - 1), sorted.get(i)) > 0) {
        sorted = new ArrayList<>(values);
        sorted.sort(order);
        break;
      }
    }
    for (int i = 1; i < sorted.size(); i++) {
      if (order.compare(sorted.get(i - 1), sorted.get(i)) == 0) {
        throw new IllegalArgumentException("a set cannot have a member twice: " + sorted.get(i));
      }
    }
    return List.copyOf(sorted);
  }
}
