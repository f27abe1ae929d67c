package io.equator.node.core;

/**
 * The column families of a node's store, in the order of their numbers.
 *
 * <p>A family is created with the store, and its number and name are never reused.
 */
public enum Family {
  /** Table items: {@code table (4) | 0 (1) | token (8) | partition key | sort key}. */
  ITEMS(0, "items"),
  /**
   * Rows of local indexes: {@code table (4) | index (1) | token (8) | partition key | index sort
   * key | sort key}.
   */
  LOCAL_INDEXES(1, "local_indexes"),
  /** Locks of transactions; empty until there are transactions. */
  LOCKS(2, "locks"),
  /** Change records; nothing is written before somebody reads them. */
  CHANGE_LOG(3, "change_log"),
  /** What a partition knows about itself; see {@link MetaRows}. */
  META(4, "meta"),
  /** When items expire; empty until there is a sweeper. */
  TTL(5, "ttl"),
  /**
   * Rows of global indexes, in the partition that owns the token of the index's partition key:
   * {@code table (4) | index (1) | token (8) | index partition key | index sort key | partition key
   * | sort key}.
   */
  GLOBAL_INDEXES(6, "global_indexes"),
  /**
   * Marks of deletions in tables that several regions have, under the keys of the items that are
   * gone.
   */
  TOMBSTONES(7, "tombstones");

  private final int number;
  private final String storedName;

  Family(int number, String storedName) {
    this.number = number;
    this.storedName = storedName;
  }

  /** From 0, in the order of this list. */
  public int number() {
    return number;
  }

  /** The name under which the family stands in the store. */
  public String storedName() {
    return storedName;
  }
}
