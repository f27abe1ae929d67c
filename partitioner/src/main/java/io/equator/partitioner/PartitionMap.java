package io.equator.partitioner;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which partition owns which token, for every ring of a region, at one revision of the catalog.
 *
 * <p>Immutable: a newer map is a new object, and a request keeps the one it began with.
 */
public final class PartitionMap {
  /** The map of a region without rings. */
  public static final PartitionMap EMPTY = new PartitionMap(List.of());

  private final Map<Integer, Ring> rings = new TreeMap<>();
  private final Map<PartitionId, Partition> partitions = new HashMap<>();
  private final Map<PartitionId, Integer> ringOfPartition = new HashMap<>();

  /** The map of these rings; no ring and no partition may stand there twice. */
  public PartitionMap(Collection<Ring> rings) {
    for (Ring ring : rings) {
      if (this.rings.put(ring.id(), ring) != null) {
        throw new IllegalArgumentException("ring " + ring.id() + " twice");
      }
      for (Partition partition : ring.partitions()) {
        if (partitions.put(partition.id(), partition) != null) {
          throw new IllegalArgumentException(partition.id() + " twice");
        }
        ringOfPartition.put(partition.id(), ring.id());
      }
    }
  }

  /** All rings, by number. */
  public Collection<Ring> rings() {
    return List.copyOf(rings.values());
  }

  /** The ring of this number, if there is one. */
  public Optional<Ring> findRing(int ringId) {
    return Optional.ofNullable(rings.get(ringId));
  }

  /**
   * The ring of this number.
   *
   * @throws NoSuchElementException when there is none
   */
  public Ring ring(int ringId) {
    Ring ring = rings.get(ringId);
    if (ring == null) {
      throw new NoSuchElementException("no ring " + ringId);
    }
    return ring;
  }

  /** The partition of this ring that owns the token. */
  public Partition partitionOf(int ringId, long token) {
    return ring(ringId).partitionOf(token);
  }

  /** The partitions of this ring that own a part of the range, in the order of their tokens. */
  public List<Partition> partitionsIn(int ringId, TokenRange range) {
    return ring(ringId).partitionsIn(range);
  }

  /** The partition of this number, if there is one. */
  public Optional<Partition> partition(PartitionId id) {
    return Optional.ofNullable(partitions.get(id));
  }

  /** The number of the ring that this partition is of, if there is such a partition. */
  public Optional<Integer> ringOf(PartitionId id) {
    return Optional.ofNullable(ringOfPartition.get(id));
  }
}
