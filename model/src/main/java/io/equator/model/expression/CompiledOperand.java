package io.equator.model.expression;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.proto.Operand;
import org.jspecify.annotations.Nullable;

/** An operand ready to be evaluated. */
sealed interface CompiledOperand {

  /** Its value for an item; null when the item has none. */
  @Nullable EncodedValue value(EncodedItem item);

  static CompiledOperand of(Operand operand) {
    return switch (operand.getKindCase()) {
      case PATH -> new At(CompiledPath.of(operand.getPath()));
      case VALUE -> new Fixed(EncodedValue.wrap(operand.getValue()));
      case SIZE_OF -> new SizeOf(of(operand.getSizeOf()));
      case KIND_NOT_SET -> throw new IllegalArgumentException("an operand of no kind");
    };
  }

  /** An attribute. */
  record At(CompiledPath path) implements CompiledOperand {
    @Override
    public @Nullable EncodedValue value(EncodedItem item) {
      return path.read(item);
    }
  }

  /** A value of the request. */
  record Fixed(EncodedValue value) implements CompiledOperand {
    @Override
    public EncodedValue value(EncodedItem item) {
      return value;
    }
  }

  /** The size of another operand. */
  record SizeOf(CompiledOperand operand) implements CompiledOperand {
    @Override
    public @Nullable EncodedValue value(EncodedItem item) {
      EncodedValue value = operand.value(item);
      long size = value == null ? -1 : EncodedValues.size(value);
      return size < 0 ? null : EncodedValues.count(size);
    }
  }
}
