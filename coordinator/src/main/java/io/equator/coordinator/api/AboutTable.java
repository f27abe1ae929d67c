package io.equator.coordinator.api;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** A request that says which table it is about; for those who count requests. */
public interface AboutTable {
  /** What stands for the tables of a request about more than one. */
  String SEVERAL = "_several";

  /** The table's name or ARN as sent, or {@link #SEVERAL}; null when the request names none. */
  @Nullable String aboutTable();

  /** The one table among these names; {@link #SEVERAL} when they differ, null without any. */
  static @Nullable String of(Collection<? extends @Nullable String> names) {
    String only = null;
    for (String name : names) {
      if (name != null && only != null && !only.equals(name)) {
        return SEVERAL;
      }
      only = name == null ? only : name;
    }
    return only;
  }
}
