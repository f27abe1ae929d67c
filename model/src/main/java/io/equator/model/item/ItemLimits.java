package io.equator.model.item;

/** DynamoDB's limits of items and attribute values. */
public final class ItemLimits {
  /** The largest item, names and values, as DynamoDB counts: 400 KB. */
  public static final int ITEM_SIZE_MAX = 409_600;

  /**
   * Levels of nesting, a top-level attribute being level 1: at most 31 lists or maps around a
   * scalar.
   */
  public static final int NESTING_MAX = 32;

  /** The longest attribute name, UTF-8 bytes. */
  public static final int NAME_SIZE_MAX = 65_535;

  /**
   * Levels that readers of encoded bytes follow before they call them corrupt. More than {@link
   * #NESTING_MAX}, less than a stack.
   */
  static final int NESTING_READ_MAX = 64;

  private ItemLimits() {}
}
