package io.equator.coordinator.tables;

/** The words for the states of tables, indexes, and time to live, as they stand on the wire. */
final class Statuses {
  static final String CREATING = "CREATING";
  static final String ACTIVE = "ACTIVE";
  static final String UPDATING = "UPDATING";
  static final String DELETING = "DELETING";

  static final String ENABLING = "ENABLING";
  static final String ENABLED = "ENABLED";
  static final String DISABLING = "DISABLING";
  static final String DISABLED = "DISABLED";

  private Statuses() {}
}
