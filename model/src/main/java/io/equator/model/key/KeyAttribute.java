package io.equator.model.key;

import io.equator.model.item.Utf8;
import io.equator.model.item.ValueType;
import io.equator.proto.ScalarType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One attribute of a key: its name and its type. */
public final class KeyAttribute {
  private final String name;
  private final ScalarType type;
  private final ValueType valueType;
  private final byte[] utf8;

  /** A name and one of the three scalar types. */
  public KeyAttribute(String name, ScalarType type) {
    this.name = name;
    this.type = type;
    this.valueType =
        switch (type) {
          case S -> ValueType.S;
          case N -> ValueType.N;
          case B -> ValueType.B;
          case SCALAR_TYPE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException("the key attribute " + name + " has no type");
        };
    this.utf8 = Utf8.encode(name);
  }

  /** The attribute's name. */
  public String name() {
    return name;
  }

  /** The type, as the catalog has it. */
  public ScalarType type() {
    return type;
  }

  /** The type, as items have it. */
  public ValueType valueType() {
    return valueType;
  }

  /** The name's UTF-8 bytes: for reading only. */
  public byte[] utf8() {
    return utf8;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyAttribute that && name.equals(that.name) && type == that.type;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, type);
  }

  @Override
  public String toString() {
    return name + " " + type;
  }
}
