package io.equator.model.key;

import java.util.List;
import java.util.Optional;

/**
 * The primary key of a table.
 *
 * @param partition decides on which partition an item is
 * @param sort orders the items of one partition key; absent when that alone is the key
 */
public record KeySchema(KeyAttribute partition, Optional<KeyAttribute> sort) {
  /** A key of one attribute. */
  public static KeySchema of(KeyAttribute partition) {
    return new KeySchema(partition, Optional.empty());
  }

  /** A key of two attributes. */
  public static KeySchema of(KeyAttribute partition, KeyAttribute sort) {
    return new KeySchema(partition, Optional.of(sort));
  }

  /** The one or two attributes, the partition key first. */
  public List<KeyAttribute> attributes() {
    return sort.map(attribute -> List.of(partition, attribute)).orElse(List.of(partition));
  }

  /** How many attributes the key has. */
  public int size() {
    return sort.isPresent() ? 2 : 1;
  }

  /** Whether an attribute of this name is part of the key. */
  public boolean contains(String name) {
    return partition.name().equals(name) || (sort.isPresent() && sort.get().name().equals(name));
  }
}
