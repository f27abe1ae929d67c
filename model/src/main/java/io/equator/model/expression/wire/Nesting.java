package io.equator.model.expression.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.proto.Condition;
import io.equator.proto.SetValue;

/**
 * Breaks deep trees into serialized pieces. An expression may nest 300 levels, a protobuf reader
 * follows 100 messages and counts two per level of ours; a piece inside a {@code bytes} field
 * starts its count anew.
 */
public final class Nesting {
  /** Levels of conditions or values in one piece. */
  public static final int LEVELS_PER_PIECE = 16;

  private Nesting() {}

  /** The condition itself, or in a piece of its own when it stands at a piece's border. */
  public static Condition seal(Condition condition, int level) {
    return level > 0 && level % LEVELS_PER_PIECE == 0
        ? Condition.newBuilder().setNested(condition.toByteString()).build()
        : condition;
  }

  /** The value itself, or in a piece of its own when it stands at a piece's border. */
  public static SetValue seal(SetValue value, int level) {
    return level > 0 && level % LEVELS_PER_PIECE == 0
        ? SetValue.newBuilder().setNested(value.toByteString()).build()
        : value;
  }

  /** The condition out of its piece. */
  public static Condition open(Condition condition) {
    if (condition.getKindCase() != Condition.KindCase.NESTED) {
      return condition;
    }
    try {
      return open(Condition.parseFrom(condition.getNested()));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("a nested condition cannot be read", e);
    }
  }

  /** The value out of its piece. */
  public static SetValue open(SetValue value) {
    if (value.getKindCase() != SetValue.KindCase.NESTED) {
      return value;
    }
    try {
      return open(SetValue.parseFrom(value.getNested()));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("a nested value cannot be read", e);
    }
  }
}
