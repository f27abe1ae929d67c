package io.equator.model.expression;

import io.equator.model.item.EncodedValue;
import io.equator.model.item.ItemEncoder;
import io.equator.model.number.DynamoNumber;
import io.equator.model.number.NumberException;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong between one update and one item. All of it is looked for, because DynamoDB tells of
 * one fault only and goes by its sort: a path that leads into a value of the wrong type, an operand
 * of the wrong type, a path that leads nowhere, a missing operand, a number out of range.
 */
final class UpdateFaults {
  /** For all values and the item that the update makes: one after the other. */
  final ItemEncoder encoder = new ItemEncoder();

  private final boolean legacy;
  private boolean wrongContainer;
  private boolean incorrectType;
  private boolean missingContainer;
  private boolean missingAttribute;
  private @Nullable String number;

  UpdateFaults(boolean legacy) {
    this.legacy = legacy;
  }

  void wrongContainer() {
    wrongContainer = true;
  }

  void incorrectType() {
    incorrectType = true;
  }

  void missingContainer() {
    missingContainer = true;
  }

  void missingAttribute() {
    missingAttribute = true;
  }

  /** The sum or difference; null when it cannot be stored. */
  @Nullable EncodedValue sum(DynamoNumber left, DynamoNumber right, boolean plus) {
    try {
      DynamoNumber sum = plus ? left.add(right) : left.subtract(right);
      encoder.beginValue();
      encoder.number(sum);
      return encoder.finishValue();
    } catch (NumberException e) {
      if (number == null) {
        number = e.getMessage();
      }
      return null;
    }
  }

  /** The text to refuse the update with, or null. */
  @Nullable String message() {
    if (incorrectType && !wrongContainer) {
      return legacy
          ? "Type mismatch for attribute to update"
          : "An operand in the update expression has an incorrect data type";
    }
    if (wrongContainer || missingContainer) {
      return "The document path provided in the update expression is invalid for update";
    }
    return missingAttribute
        ? "The provided expression refers to an attribute that does not exist in the item"
        : number;
  }
}
