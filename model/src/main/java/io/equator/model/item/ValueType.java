package io.equator.model.item;

import org.jspecify.annotations.Nullable;

/**
 * The ten types of an attribute value: the name on the wire, and the byte that stands for it in
 * encoded items. The bytes are part of a stored format and never change.
 */
public enum ValueType {
  S("S", 1),
  N("N", 2),
  B("B", 3),
  BOOL("BOOL", 4),
  NULL("NULL", 5),
  SS("SS", 6),
  NS("NS", 7),
  BS("BS", 8),
  L("L", 9),
  M("M", 10);

  private static final ValueType[] BY_TAG = values();

  private final String typeName;
  private final byte tag;

  ValueType(String typeName, int tag) {
    this.typeName = typeName;
    this.tag = (byte) tag;
  }

  /** The name in JSON, for example {@code BOOL}. */
  public String typeName() {
    return typeName;
  }

  /** The byte in encoded items. */
  public byte tag() {
    return tag;
  }

  /** SS, NS or BS. */
  public boolean isSet() {
    return this == SS || this == NS || this == BS;
  }

  /** L or M. */
  public boolean isDocument() {
    return this == L || this == M;
  }

  /** S, N or B: what a key can be. */
  public boolean isKeyType() {
    return this == S || this == N || this == B;
  }

  /** The type of a set's members; only for sets. */
  public ValueType memberType() {
    return switch (this) {
      case SS -> S;
      case NS -> N;
      case BS -> B;
      case S, N, B, BOOL, NULL, L, M ->
          throw new IllegalStateException(typeName + " has no member type");
    };
  }

  /** The type of this name; null when there is none. */
  public static @Nullable ValueType ofTypeName(String name) {
    return switch (name) {
      case "S" -> S;
      case "N" -> N;
      case "B" -> B;
      case "BOOL" -> BOOL;
      case "NULL" -> NULL;
      case "SS" -> SS;
      case "NS" -> NS;
      case "BS" -> BS;
      case "L" -> L;
      case "M" -> M;
      default -> null;
    };
  }

  /** The type of this byte. */
  static ValueType ofTag(int tag) {
    if (tag < 1 || tag > BY_TAG.length) {
      throw new CorruptItemException("no value type has the byte " + tag);
    }
    return BY_TAG[tag - 1];
  }
}
