package io.equator.coordinator.api;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The operations that this server knows, by the text of their {@code X-Amz-Target} header. */
public final class OperationTable {
  private final Map<String, Operation> byTarget;

  private OperationTable(Map<String, Operation> byTarget) {
    this.byTarget = Map.copyOf(byTarget);
  }

  /** A table of these operations; two for one target are a mistake in the wiring. */
  public static OperationTable of(Collection<? extends Operation> operations) {
    Map<String, Operation> byTarget = new TreeMap<>();
    for (Operation operation : operations) {
      if (byTarget.put(operation.target(), operation) != null) {
        throw new IllegalArgumentException("two operations for " + operation.target());
      }
    }
    return new OperationTable(byTarget);
  }

  /** The operation of a target; null when there is none. */
  public @Nullable Operation find(String target) {
    return byTarget.get(target);
  }
}
