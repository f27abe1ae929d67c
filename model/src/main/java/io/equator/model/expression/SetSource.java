package io.equator.model.expression;

import io.equator.model.expression.wire.Nesting;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemCursor;
import io.equator.model.item.ItemEncoder;
import io.equator.model.item.ValueType;
import io.equator.proto.SetPair;
import io.equator.proto.SetValue;
import org.jspecify.annotations.Nullable;

/** The right-hand side of a SET, ready to be evaluated against the item before the update. */
sealed interface SetSource {

  /** The value; null when there is none, and then {@code faults} knows why. */
  @Nullable EncodedValue value(EncodedItem item, UpdateFaults faults);

  static SetSource of(SetValue sealed) {
    SetValue value = Nesting.open(sealed);
    return switch (value.getKindCase()) {
      case PATH -> new At(CompiledPath.of(value.getPath()));
      case VALUE -> new Fixed(EncodedValue.wrap(value.getValue()));
      case PLUS -> sum(value.getPlus(), true);
      case MINUS -> sum(value.getMinus(), false);
      case IF_NOT_EXISTS ->
          new IfNotExists(
              CompiledPath.of(value.getIfNotExists().getPath()),
              of(value.getIfNotExists().getOtherwise()));
      case LIST_APPEND ->
          new ListAppend(of(value.getListAppend().getLeft()), of(value.getListAppend().getRight()));
      case NESTED, KIND_NOT_SET -> throw new IllegalArgumentException("a value of no kind");
    };
  }

  private static SetSource sum(SetPair pair, boolean plus) {
    return new Sum(plus, of(pair.getLeft()), of(pair.getRight()));
  }

  /** Another attribute. */
  record At(CompiledPath path) implements SetSource {
    @Override
    public @Nullable EncodedValue value(EncodedItem item, UpdateFaults faults) {
      EncodedValue value = path.read(item);
      if (value == null) {
        faults.missingAttribute();
      }
      return value;
    }
  }

  /** A value of the request. */
  record Fixed(EncodedValue value) implements SetSource {
    @Override
    public EncodedValue value(EncodedItem item, UpdateFaults faults) {
      return value;
    }
  }

  /** The sum or difference of two numbers. */
  record Sum(boolean plus, SetSource left, SetSource right) implements SetSource {
    @Override
    public @Nullable EncodedValue value(EncodedItem item, UpdateFaults faults) {
      EncodedValue one = left.value(item, faults);
      EncodedValue two = right.value(item, faults);
      if (isNot(ValueType.N, one) || isNot(ValueType.N, two)) {
        faults.incorrectType();
        return null;
      }
      return one == null || two == null ? null : faults.sum(one.number(), two.number(), plus);
    }
  }

  /** An attribute, or something else when it is missing. */
  record IfNotExists(CompiledPath path, SetSource otherwise) implements SetSource {
    @Override
    public @Nullable EncodedValue value(EncodedItem item, UpdateFaults faults) {
      EncodedValue value = path.read(item);
      return value != null ? value : otherwise.value(item, faults);
    }
  }

  /** Two lists, one behind the other. */
  record ListAppend(SetSource left, SetSource right) implements SetSource {
    @Override
    public @Nullable EncodedValue value(EncodedItem item, UpdateFaults faults) {
      EncodedValue one = left.value(item, faults);
      EncodedValue two = right.value(item, faults);
      if (isNot(ValueType.L, one) || isNot(ValueType.L, two)) {
        faults.incorrectType();
        return null;
      }
      return one == null || two == null ? null : append(one, two, faults.encoder);
    }
  }

  private static boolean isNot(ValueType type, @Nullable EncodedValue value) {
    return value != null && value.type() != type;
  }

  /** The elements of both lists; copied, not decoded. */
  static EncodedValue append(EncodedValue left, EncodedValue right, ItemEncoder encoder) {
    encoder.beginValue();
    encoder.beginList();
    copyElements(left, encoder);
    copyElements(right, encoder);
    encoder.endList();
    return encoder.finishValue();
  }

  private static void copyElements(EncodedValue list, ItemEncoder encoder) {
    ItemCursor cursor = new ItemCursor();
    cursor.reset(list);
    if (cursor.next()) {
      cursor.enter();
      while (cursor.next()) {
        encoder.value(cursor.value());
      }
    }
  }
}
