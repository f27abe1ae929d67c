package io.equator.model.expression.legacy;

import io.equator.model.item.AttributeValue;
import org.jspecify.annotations.Nullable;

/**
 * One entry of AttributeUpdates.
 *
 * @param attribute the attribute's name
 * @param action Action; PUT when the request does not say
 * @param value Value; null when absent
 */
public record LegacyUpdate(String attribute, Action action, @Nullable AttributeValue value) {

  /** What happens to the attribute. */
  public enum Action {
    PUT,
    ADD,
    DELETE
  }
}
