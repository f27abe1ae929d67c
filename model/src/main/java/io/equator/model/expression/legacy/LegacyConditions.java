package io.equator.model.expression.legacy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.model.error.ApiException;
import io.equator.model.expression.ValueOrder;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.ItemCodec;
import io.equator.model.item.ValueType;
import io.equator.proto.Between;
import io.equator.proto.Comparator;
import io.equator.proto.Comparison;
import io.equator.proto.Condition;
import io.equator.proto.Conditions;
import io.equator.proto.In;
import io.equator.proto.Operand;
import io.equator.proto.OperandPair;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks the legacy conditions and turns them into the messages of expressions.
 *
 * <p>Where they differ from expressions (ScyllaDB's tests, which run against the real service):
 * {@code NE} of a missing attribute is true, as {@code <>} is; {@code NOT_CONTAINS} of a missing
 * attribute is false, although {@code NOT contains(…)} is true.
 */
public final class LegacyConditions {
  private static final String INVALID = "One or more parameter values were invalid: ";

  private LegacyConditions() {}

  /**
   * Checks the entries of KeyConditions, QueryFilter or ScanFilter.
   *
   * @throws ApiException with DynamoDB's complaint about the first that is wrong
   */
  public static void check(List<LegacyCondition> conditions) {
    for (LegacyCondition condition : conditions) {
      checkValues(condition.operator(), condition.values());
    }
  }

  /**
   * Checks the entries of Expected.
   *
   * @throws ApiException with DynamoDB's complaint about the first that is wrong
   */
  public static void checkExpected(List<LegacyExpectation> expected) {
    for (LegacyExpectation expectation : expected) {
      checkExpectation(expectation);
    }
  }

  private static void checkExpectation(LegacyExpectation expectation) {
    String forAttribute = " for Attribute: " + expectation.attribute();
    AttributeValue value = expectation.value();
    List<AttributeValue> values = expectation.values();
    LegacyOperator operator = expectation.operator();
    Boolean exists = expectation.exists();
    if (value != null && values != null) {
      throw invalid("Value and AttributeValueList cannot be used together" + forAttribute);
    }
    if (operator != null) {
      if (exists != null) {
        throw invalid("Exists and ComparisonOperator cannot be used together" + forAttribute);
      }
      if (value == null && values == null && !operator.takes(0)) {
        throw invalid(
            "Value or AttributeValueList must be used with ComparisonOperator: "
                + operator
                + forAttribute);
      }
      checkValues(operator, valuesOf(value, values));
    } else if (values != null) {
      throw invalid("AttributeValueList can only be used with a ComparisonOperator" + forAttribute);
    } else if (value == null && (exists == null || exists)) {
      throw invalid("Value must be provided when Exists is " + exists + forAttribute);
    } else if (value != null && exists != null && !exists) {
      throw invalid("Value cannot be used when Exists is false" + forAttribute);
    }
  }

  private static void checkValues(LegacyOperator operator, List<AttributeValue> values) {
    if (!operator.takes(values.size())) {
      throw invalid("Invalid number of argument(s) for the " + operator + " ComparisonOperator");
    }
    if (values.isEmpty()) {
      return;
    }
    ValueType type = values.getFirst().type();
    for (AttributeValue value : values) {
      if (value.type() != type) {
        throw invalid("AttributeValues inside AttributeValueList must be of same type");
      }
    }
    if (!operator.takesType(type)) {
      throw invalid(
          "ComparisonOperator "
              + operator
              + " is not valid for "
              + type.typeName()
              + " AttributeValue type");
    }
    if (operator == LegacyOperator.BETWEEN
        && ValueOrder.compare(values.get(0), values.get(1)) > 0) {
      throw ApiException.validation(
          "The BETWEEN condition was provided a range where the lower bound is greater than the"
              + " upper bound");
    }
  }

  /** The condition that these entries make, or null when there are none. */
  public static @Nullable Condition toCondition(
      List<LegacyCondition> conditions, ConditionalOperator join) {
    List<Condition> parts = new ArrayList<>(conditions.size());
    for (LegacyCondition condition : conditions) {
      parts.add(toCondition(condition.attribute(), condition.operator(), condition.values()));
    }
    return joined(parts, join);
  }

  /** The condition that these entries of Expected make, or null when there are none. */
  public static @Nullable Condition expectedToCondition(
      List<LegacyExpectation> expected, ConditionalOperator join) {
    List<Condition> parts = new ArrayList<>(expected.size());
    for (LegacyExpectation expectation : expected) {
      LegacyOperator operator = expectation.operator();
      if (operator == null) {
        operator = expectation.value() == null ? LegacyOperator.NULL : LegacyOperator.EQ;
      }
      parts.add(
          toCondition(
              expectation.attribute(),
              operator,
              valuesOf(expectation.value(), expectation.values())));
    }
    return joined(parts, join);
  }

  private static List<AttributeValue> valuesOf(
      @Nullable AttributeValue value, @Nullable List<AttributeValue> values) {
    return values != null ? values : value != null ? List.of(value) : List.of();
  }

  private static @Nullable Condition joined(List<Condition> parts, ConditionalOperator join) {
    if (parts.size() <= 1) {
      return parts.isEmpty() ? null : parts.getFirst();
    }
    Conditions all = Conditions.newBuilder().addAllConditions(parts).build();
    return join == ConditionalOperator.AND
        ? Condition.newBuilder().setAll(all).build()
        : Condition.newBuilder().setAny(all).build();
  }

  private static Condition toCondition(
      String attribute, LegacyOperator operator, List<AttributeValue> values) {
    Path path = path(attribute);
    Operand left = Operand.newBuilder().setPath(path).build();
    Condition.Builder condition = Condition.newBuilder();
    return switch (operator) {
      case NULL -> condition.setAttributeNotExists(path).build();
      case NOT_NULL -> condition.setAttributeExists(path).build();
      case EQ -> comparison(Comparator.EQUAL, left, values);
      case NE -> comparison(Comparator.NOT_EQUAL, left, values);
      case LE -> comparison(Comparator.LESS_OR_EQUAL, left, values);
      case LT -> comparison(Comparator.LESS, left, values);
      case GE -> comparison(Comparator.GREATER_OR_EQUAL, left, values);
      case GT -> comparison(Comparator.GREATER, left, values);
      case CONTAINS -> condition.setContains(pair(left, values)).build();
      case BEGINS_WITH -> condition.setBeginsWith(pair(left, values)).build();
      case NOT_CONTAINS ->
          condition
              .setAll(
                  Conditions.newBuilder()
                      .addConditions(Condition.newBuilder().setAttributeExists(path))
                      .addConditions(
                          Condition.newBuilder()
                              .setNot(Condition.newBuilder().setContains(pair(left, values)))))
              .build();
      case BETWEEN ->
          condition
              .setBetween(
                  Between.newBuilder()
                      .setValue(left)
                      .setLower(literal(values.get(0)))
                      .setUpper(literal(values.get(1))))
              .build();
      case IN -> {
        In.Builder in = In.newBuilder().setValue(left);
        for (AttributeValue value : values) {
          in.addCandidates(literal(value));
        }
        yield condition.setIn(in).build();
      }
    };
  }

  private static Condition comparison(
      Comparator comparator, Operand left, List<AttributeValue> values) {
    return Condition.newBuilder()
        .setComparison(
            Comparison.newBuilder()
                .setComparator(comparator)
                .setLeft(left)
                .setRight(literal(values.getFirst()))
                .setLegacy(true))
        .build();
  }

  private static OperandPair pair(Operand left, List<AttributeValue> values) {
    return OperandPair.newBuilder().setFirst(left).setSecond(literal(values.getFirst())).build();
  }

  private static Operand literal(AttributeValue value) {
    return Operand.newBuilder().setValue(encoded(value)).build();
  }

  static ByteString encoded(AttributeValue value) {
    return UnsafeByteOperations.unsafeWrap(ItemCodec.encodeValue(value));
  }

  static Path path(String attribute) {
    return Path.newBuilder().addElements(PathElement.newBuilder().setField(attribute)).build();
  }

  private static ApiException invalid(String message) {
    return ApiException.validation(INVALID + message);
  }
}
