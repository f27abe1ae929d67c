package io.equator.replication.catalog;

import io.equator.model.key.KeyAttribute;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.ProjectionType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One secondary index, compiled from its descriptor for the hot paths.
 *
 * <p>A local index shares the table's partition key and has exactly one sort attribute. A global
 * index may have up to four partition and four sort attributes (API page of CreateTable, November
 * 2025).
 */
public final class IndexView {
  private final IndexDescriptor descriptor;
  private final List<KeyAttribute> partitionKey;
  private final List<KeyAttribute> sortKey;
  private final Set<String> projectedAttributes;

  IndexView(IndexDescriptor descriptor, List<KeyElement> tableKey) {
    this.descriptor = descriptor;
    List<KeyAttribute> hash = new ArrayList<>();
    List<KeyAttribute> range = new ArrayList<>();
    Set<String> projected = new LinkedHashSet<>();
    for (KeyElement element : descriptor.getKeyList()) {
      KeyAttribute attribute =
          new KeyAttribute(element.getAttributeName(), element.getAttributeType());
      (element.getKeyType() == KeyType.HASH ? hash : range).add(attribute);
      projected.add(element.getAttributeName());
    }
    for (KeyElement element : tableKey) {
      projected.add(element.getAttributeName());
    }
    projected.addAll(descriptor.getNonKeyAttributesList());
    this.partitionKey = List.copyOf(hash);
    this.sortKey = List.copyOf(range);
    this.projectedAttributes = Collections.unmodifiableSet(projected);
  }

  /** The descriptor as it stands in the catalog. */
  public IndexDescriptor descriptor() {
    return descriptor;
  }

  /** The index's number in its table, from 1; never reused. */
  public int id() {
    return descriptor.getIndexId();
  }

  /** The index's name. */
  public String name() {
    return descriptor.getName();
  }

  /** True for a local, false for a global secondary index. */
  public boolean local() {
    return descriptor.getLocal();
  }

  /** The HASH attributes in order; one for a local index. */
  public List<KeyAttribute> partitionKey() {
    return partitionKey;
  }

  /** The RANGE attributes in order; one for a local index, possibly none for a global one. */
  public List<KeyAttribute> sortKey() {
    return sortKey;
  }

  /** Which attributes an index row holds. */
  public ProjectionType projectionType() {
    return descriptor.getProjectionType();
  }

  /** True when an index row holds every attribute of the item. */
  public boolean projectsAll() {
    return descriptor.getProjectionType() == ProjectionType.ALL;
  }

  /**
   * Names of the attributes an index row holds: index keys, table keys, and the non-key attributes
   * of INCLUDE. Meaningless when {@link #projectsAll()}.
   */
  public Set<String> projectedAttributes() {
    return projectedAttributes;
  }

  /** True when a row can be read without the table's item: the attribute stands in the index. */
  public boolean projects(String attribute) {
    return projectsAll() || projectedAttributes.contains(attribute);
  }
}
