package io.equator.model.expression;

import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueType;
import io.equator.proto.Operand;
import io.equator.proto.Path;
import org.jspecify.annotations.Nullable;

/** An operand with names and values in. */
sealed interface ResolvedOperand {

  /** The type, when it does not depend on an item. */
  @Nullable ValueType type();

  /** The operand as it travels. */
  Operand toProto();

  /** An attribute of the item. */
  record At(Path path) implements ResolvedOperand {
    @Override
    public @Nullable ValueType type() {
      return null;
    }

    @Override
    public Operand toProto() {
      return Operand.newBuilder().setPath(path).build();
    }
  }

  /** A value of the request. */
  record Literal(EncodedValue value) implements ResolvedOperand {
    @Override
    public ValueType type() {
      return value.type();
    }

    @Override
    public Operand toProto() {
      return Operand.newBuilder().setValue(value.toByteString()).build();
    }
  }

  /** {@code size} of another operand. */
  record SizeOf(ResolvedOperand operand) implements ResolvedOperand {
    @Override
    public ValueType type() {
      return ValueType.N;
    }

    @Override
    public Operand toProto() {
      return Operand.newBuilder().setSizeOf(operand.toProto()).build();
    }
  }
}
