package io.equator.coordinator.triggers;

import io.equator.proto.EventSourceMappingDescriptor;
import java.util.Optional;

/** The states of a mapping, with Lambda's names. */
final class MappingState {
  static final String CREATING = "Creating";
  static final String ENABLING = "Enabling";
  static final String ENABLED = "Enabled";
  static final String DISABLING = "Disabling";
  static final String DISABLED = "Disabled";
  static final String UPDATING = "Updating";
  static final String DELETING = "Deleting";

  private MappingState() {}

  /** Whether the mapping may be changed now. */
  static boolean isSettled(EventSourceMappingDescriptor mapping) {
    return mapping.getState().equals(ENABLED) || mapping.getState().equals(DISABLED);
  }

  /** What a mapping goes through when it is changed from one state of its switch to the other. */
  static String onUpdate(boolean wasEnabled, boolean isEnabled) {
    if (wasEnabled == isEnabled) {
      return UPDATING;
    }
    return isEnabled ? ENABLING : DISABLING;
  }

  /** Where a mapping arrives from the state in which it is; empty when it is removed. */
  static Optional<String> after(EventSourceMappingDescriptor mapping) {
    if (mapping.getState().equals(DELETING)) {
      return Optional.empty();
    }
    return Optional.of(mapping.getEnabled() ? ENABLED : DISABLED);
  }
}
