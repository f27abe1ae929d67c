package io.equator.partitioner;

/**
 * The stable name of a node: given once, kept over restarts and changes of address.
 *
 * @param value 1 to 64 characters, as in the configuration
 */
public record NodeId(String value) implements Comparable<NodeId> {
  public NodeId {
    if (value.isEmpty() || value.length() > 64) {
      throw new IllegalArgumentException("a node id has 1 to 64 characters, was '" + value + "'");
    }
  }

  @Override
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
