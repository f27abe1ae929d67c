package io.equator.replication.catalog;

import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeySchema;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.TableDescriptor;
import io.equator.proto.TableRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One table, compiled from its descriptor for the hot paths. Immutable. */
public final class TableView {
  private final TableDescriptor descriptor;
  private final long version;
  private final TableRef reference;
  private final KeySchema keySchema;
  private final List<IndexView> localIndexes;
  private final List<IndexView> globalIndexes;
  private final Map<String, IndexView> indexesByName = new HashMap<>();
  private final CaptureRule capture;
  private final @Nullable String expiryAttribute;

  /** Compiles a descriptor that stands in no catalog. */
  public TableView(TableDescriptor descriptor) {
    this(descriptor, 0);
  }

  /**
   * Compiles a descriptor, which must have a HASH key.
   *
   * @param version the version of the catalog's object, for compare-and-set
   */
  public TableView(TableDescriptor descriptor, long version) {
    this.descriptor = descriptor;
    this.version = version;
    this.reference =
        TableRef.newBuilder()
            .setTableId(descriptor.getTableId())
            .setSchemaVersion(descriptor.getSchemaVersion())
            .build();
    this.keySchema = keySchema(descriptor.getKeyList());
    List<IndexView> local = new ArrayList<>();
    List<IndexView> global = new ArrayList<>();
    for (IndexDescriptor index : descriptor.getIndexesList()) {
      IndexView view = new IndexView(index, descriptor.getKeyList());
      (index.getLocal() ? local : global).add(view);
      indexesByName.put(index.getName(), view);
    }
    this.localIndexes = List.copyOf(local);
    this.globalIndexes = List.copyOf(global);
    this.capture = CaptureRule.of(descriptor);
    this.expiryAttribute =
        descriptor.getTtlStatus().equals("ENABLED") || descriptor.getTtlStatus().equals("ENABLING")
            ? descriptor.getTtlAttribute()
            : null;
  }

  private static KeySchema keySchema(List<KeyElement> elements) {
    @Nullable KeyAttribute partition = null;
    Optional<KeyAttribute> sort = Optional.empty();
    for (KeyElement element : elements) {
      KeyAttribute attribute =
          new KeyAttribute(element.getAttributeName(), element.getAttributeType());
      if (element.getKeyType() == KeyType.HASH) {
        partition = attribute;
      } else {
        sort = Optional.of(attribute);
      }
    }
    if (partition == null) {
      throw new IllegalArgumentException("a table descriptor without a HASH key: " + elements);
    }
    return new KeySchema(partition, sort);
  }

  /** The descriptor as it stands in the catalog. */
  public TableDescriptor descriptor() {
    return descriptor;
  }

  /** The catalog revision that last changed the descriptor. */
  public long version() {
    return version;
  }

  /** (table id, schema version), as every node request carries it. */
  public TableRef reference() {
    return reference;
  }

  /** The attribute that says when an item expires; null when items do not. */
  public @Nullable String expiryAttribute() {
    return expiryAttribute;
  }

  /** The stream that shows changes of this table; 0 when there is none. */
  public long streamId() {
    return descriptor.getStreamEnabled() ? descriptor.getStreamId() : 0;
  }

  /** Whether the table is in several regions: deletions leave tombstones. */
  public boolean isReplicated() {
    return descriptor.hasReplication();
  }

  /** What the change log keeps of a change of this table. */
  public CaptureRule capture() {
    return capture;
  }

  /** The table's number; never reused. */
  public int id() {
    return descriptor.getTableId();
  }

  /** The table's name. */
  public String name() {
    return descriptor.getName();
  }

  /** The ring on which its items stand. */
  public int ringId() {
    return descriptor.getRingId();
  }

  /** True while items can be read and written (ACTIVE or UPDATING). */
  public boolean servesItems() {
    return descriptor.getStatus().equals("ACTIVE") || descriptor.getStatus().equals("UPDATING");
  }

  /** The table's primary key. */
  public KeySchema keySchema() {
    return keySchema;
  }

  /** Local secondary indexes in the order of creation. */
  public List<IndexView> localIndexes() {
    return localIndexes;
  }

  /** Global secondary indexes in the order of creation. */
  public List<IndexView> globalIndexes() {
    return globalIndexes;
  }

  /** The index of this name, local or global. */
  public Optional<IndexView> index(String name) {
    return Optional.ofNullable(indexesByName.get(name));
  }
}
