package io.equator.coordinator.api;

/**
 * The values that a member may have, in the order in which DynamoDB lists them in its complaint;
 * the order is fixed per member and not alphabetical.
 */
public final class EnumValues {
  private final String[] values;
  private final String rule;

  private EnumValues(String[] values) {
    this.values = values;
    this.rule = "Member must satisfy enum value set: [" + String.join(", ", values) + "]";
  }

  /** These values in this order. */
  public static EnumValues of(String... values) {
    return new EnumValues(values.clone());
  }

  /** Whether {@code value} is one of them. */
  public boolean contains(String value) {
    for (String known : values) {
      if (known.equals(value)) {
        return true;
      }
    }
    return false;
  }

  /** The rule as it stands in a complaint. */
  String rule() {
    return rule;
  }
}
