package io.equator.replication.catalog;

import io.equator.partitioner.Epoch;
import io.equator.partitioner.NodeId;
import io.equator.partitioner.Partition;
import io.equator.partitioner.PartitionId;
import io.equator.partitioner.PartitionMap;
import io.equator.partitioner.Ring;
import io.equator.partitioner.TokenHash;
import io.equator.partitioner.TokenRange;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RingDescriptor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The whole catalog at one revision, compiled for lookups. Immutable.
 *
 * <p>{@link #with} shares everything that an event does not touch, so that a new table costs a copy
 * of two maps and never a new partition map, and {@link TableView}s keep their identity until their
 * own descriptor changes.
 */
public final class CatalogSnapshot {
  private static final CatalogSnapshot EMPTY =
      new CatalogSnapshot(
          0,
          Optional.empty(),
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeMap<>(),
          new HashMap<>(),
          PartitionMap.EMPTY,
          new TreeMap<>());

  private final long revision;
  private final Optional<ClusterDescriptor> cluster;
  private final SortedMap<String, NodeDescriptor> nodes;
  private final SortedMap<Integer, RingDescriptor> rings;
  private final SortedMap<Long, PartitionDescriptor> partitionDescriptors;
  private final SortedMap<String, TableView> tablesByName;
  private final Map<Integer, TableView> tablesById;
  private final PartitionMap partitions;

  /**
   * Credentials, dropped tables, functions, event-source mappings, regions and global tables, by
   * their keys in the catalog.
   */
  private final SortedMap<String, CatalogObject> others;

  private CatalogSnapshot(
      long revision,
      Optional<ClusterDescriptor> cluster,
      SortedMap<String, NodeDescriptor> nodes,
      SortedMap<Integer, RingDescriptor> rings,
      SortedMap<Long, PartitionDescriptor> partitionDescriptors,
      SortedMap<String, TableView> tablesByName,
      Map<Integer, TableView> tablesById,
      PartitionMap partitions,
      SortedMap<String, CatalogObject> others) {
    this.revision = revision;
    this.cluster = cluster;
    this.nodes = nodes;
    this.rings = rings;
    this.partitionDescriptors = partitionDescriptors;
    this.tablesByName = tablesByName;
    this.tablesById = tablesById;
    this.partitions = partitions;
    this.others = others;
  }

  /** What is known before the first copy arrived: nothing, at revision 0. */
  public static CatalogSnapshot empty() {
    return EMPTY;
  }

  /** The snapshot after one more event; a full event replaces everything. */
  public CatalogSnapshot with(CatalogEvent event) {
    return new Next(event.getFull() ? EMPTY : this).apply(event);
  }

  /**
   * The event that makes this snapshot out of nothing. The versions of the cluster, nodes, rings
   * and partitions are not in it: nothing here depends on them.
   */
  public CatalogEvent toEvent() {
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setRevision(revision).setFull(true);
    cluster.ifPresent(
        one ->
            event.addPuts(CatalogObject.newBuilder().setKey(CatalogKeys.CLUSTER).setCluster(one)));
    nodes.forEach(
        (id, node) ->
            event.addPuts(CatalogObject.newBuilder().setKey(CatalogKeys.node(id)).setNode(node)));
    rings.forEach(
        (id, ring) ->
            event.addPuts(CatalogObject.newBuilder().setKey(CatalogKeys.ring(id)).setRing(ring)));
    partitionDescriptors.forEach(
        (id, partition) ->
            event.addPuts(
                CatalogObject.newBuilder()
                    .setKey(CatalogKeys.partition(id))
                    .setPartition(partition)));
    tablesByName.forEach(
        (name, table) ->
            event.addPuts(
                CatalogObject.newBuilder()
                    .setKey(CatalogKeys.table(name))
                    .setVersion(table.version())
                    .setTable(table.descriptor())));
    return event.addAllPuts(others.values()).build();
  }

  /** The catalog's revision of which this is the copy. */
  public long revision() {
    return revision;
  }

  /** The cluster; empty until it has been founded. */
  public Optional<ClusterDescriptor> cluster() {
    return cluster;
  }

  /** Every node, in the order of their ids. */
  public Collection<NodeDescriptor> nodes() {
    return Collections.unmodifiableCollection(nodes.values());
  }

  /** The node of this id. */
  public Optional<NodeDescriptor> node(NodeId id) {
    return Optional.ofNullable(nodes.get(id.value()));
  }

  /** Every partition as the catalog has it, in the order of their ids. */
  public Collection<PartitionDescriptor> partitionDescriptors() {
    return Collections.unmodifiableCollection(partitionDescriptors.values());
  }

  /** A partition as the catalog has it, in a ring or not. */
  public Optional<PartitionDescriptor> partitionDescriptor(long id) {
    return Optional.ofNullable(partitionDescriptors.get(id));
  }

  /**
   * The partitions of a ring that own or owned tokens, in the order of their ids: those that have
   * been split, too, as long as they are there, and before what came of them.
   */
  public List<PartitionDescriptor> lineage(int ringId) {
    return partitionDescriptors.values().stream()
        .filter(
            partition ->
                partition.getRingId() == ringId
                    && partition.getState() != PartitionDescriptor.State.EMBRYO)
        .toList();
  }

  /** A partition's descriptor, compiled; it need not be in a ring. */
  public static Partition partition(PartitionDescriptor partition) {
    return Next.compile(partition);
  }

  /** The table of this name, in whatever status. */
  public Optional<TableView> table(String name) {
    return Optional.ofNullable(tablesByName.get(name));
  }

  /** The table of this number, in whatever status; also one of the {@link SystemTables}. */
  public Optional<TableView> table(int id) {
    TableView table = tablesById.get(id);
    return table == null ? SystemTables.table(id) : Optional.of(table);
  }

  /** The deleted table of this number, as long as its streams can be read. */
  public Optional<TableView> droppedTable(int id) {
    return Optional.ofNullable(others.get(CatalogKeys.droppedTable(id)))
        .map(CatalogSnapshot::dropped);
  }

  /** The deleted tables whose streams can be read, in no order. */
  public List<TableView> droppedTables() {
    return othersUnder(CatalogKeys.DROPPED_TABLES).stream().map(CatalogSnapshot::dropped).toList();
  }

  private static TableView dropped(CatalogObject object) {
    return new TableView(object.getDroppedTable().getTable(), object.getVersion());
  }

  /** Every table by name, sorted. */
  public SortedMap<String, TableView> tables() {
    return Collections.unmodifiableSortedMap(tablesByName);
  }

  /** Which partition owns which token. */
  public PartitionMap partitions() {
    return partitions;
  }

  /** The registered function of this name. */
  public Optional<CatalogObject> function(String name) {
    return Optional.ofNullable(others.get(CatalogKeys.function(name)));
  }

  /** Every registered function, in the order of their names. */
  public Collection<CatalogObject> functions() {
    return othersUnder(CatalogKeys.FUNCTIONS);
  }

  /** The event-source mapping of this UUID. */
  public Optional<CatalogObject> eventSourceMapping(String uuid) {
    return Optional.ofNullable(others.get(CatalogKeys.eventSourceMapping(uuid)));
  }

  /** Every event-source mapping, in the order of their UUIDs. */
  public Collection<CatalogObject> eventSourceMappings() {
    return othersUnder(CatalogKeys.EVENT_SOURCE_MAPPINGS);
  }

  /** The credential of this access key id, also a disabled one. */
  public Optional<CatalogObject> credential(String accessKeyId) {
    return Optional.ofNullable(others.get(CatalogKeys.credential(accessKeyId)));
  }

  /** Every credential, in the order of the ids. */
  public Collection<CatalogObject> credentials() {
    return othersUnder(CatalogKeys.CREDENTIALS);
  }

  /** The region of this name, whether or not it has left. */
  public Optional<CatalogObject> region(String name) {
    return Optional.ofNullable(others.get(CatalogKeys.region(name)));
  }

  /** Every region that is or was in the federation, in the order of their names. */
  public Collection<CatalogObject> regions() {
    return othersUnder(CatalogKeys.REGIONS);
  }

  /** For how long a region is silent, if that was ever counted. */
  public Optional<CatalogObject> regionSilence(String name) {
    return Optional.ofNullable(others.get(CatalogKeys.regionSilence(name)));
  }

  /** The global table of this name. */
  public Optional<CatalogObject> globalTable(String name) {
    return Optional.ofNullable(others.get(CatalogKeys.globalTable(name)));
  }

  /** Every global table, in the order of their names. */
  public Collection<CatalogObject> globalTables() {
    return othersUnder(CatalogKeys.GLOBAL_TABLES);
  }

  private Collection<CatalogObject> othersUnder(String prefix) {
    return Collections.unmodifiableCollection(
        others.subMap(prefix, prefix + Character.MAX_VALUE).values());
  }

  /**
   * Where encoded partition keys fall on a ring.
   *
   * @throws NoSuchElementException when there is no such ring
   */
  public TokenHash tokenHash(int ringId) {
    return partitions.ring(ringId).hash();
  }

  /** Builds the next snapshot; copies a map only when the event touches it. */
  private static final class Next {
    private final CatalogSnapshot before;
    private Optional<ClusterDescriptor> cluster;
    private SortedMap<String, NodeDescriptor> nodes;
    private SortedMap<Integer, RingDescriptor> rings;
    private SortedMap<Long, PartitionDescriptor> partitions;
    private SortedMap<String, TableView> tablesByName;
    private Map<Integer, TableView> tablesById;
    private boolean nodesCopied;
    private boolean ringsCopied;
    private boolean partitionsCopied;
    private SortedMap<String, CatalogObject> others;
    private boolean tablesCopied;
    private boolean othersCopied;

    Next(CatalogSnapshot before) {
      this.before = before;
      this.cluster = before.cluster;
      this.nodes = before.nodes;
      this.rings = before.rings;
      this.partitions = before.partitionDescriptors;
      this.tablesByName = before.tablesByName;
      this.tablesById = before.tablesById;
      this.others = before.others;
    }

    CatalogSnapshot apply(CatalogEvent event) {
      event.getPutsList().forEach(this::put);
      event.getDeletesList().forEach(this::delete);
      return new CatalogSnapshot(
          event.getRevision(),
          cluster,
          nodes,
          rings,
          partitions,
          tablesByName,
          tablesById,
          ringsCopied || partitionsCopied ? compile(rings, partitions) : before.partitions,
          others);
    }

    private void put(CatalogObject object) {
      switch (object.getKindCase()) {
        case CLUSTER -> cluster = Optional.of(object.getCluster());
        case NODE -> nodes().put(object.getNode().getNodeId(), object.getNode());
        case RING -> rings().put(object.getRing().getRingId(), object.getRing());
        case PARTITION ->
            partitions().put(object.getPartition().getPartitionId(), object.getPartition());
        case TABLE -> {
          TableView view = new TableView(object.getTable(), object.getVersion());
          // A name may be given to a new table in the very event that removes the old one.
          removeTable(view.name());
          tablesByName.put(view.name(), view);
          tablesById.put(view.id(), view);
        }
        case CREDENTIAL,
            DROPPED_TABLE,
            FUNCTION,
            EVENT_SOURCE_MAPPING,
            REGION,
            REGION_SILENCE,
            GLOBAL_TABLE ->
            others().put(object.getKey(), object);
        case JOIN_TOKEN, REGION_INVITATION, KIND_NOT_SET -> {
          // Nothing here depends on it. The last was written by a newer version.
        }
      }
    }

    private void delete(String key) {
      int slash = key.indexOf('/');
      String name = key.substring(slash + 1);
      switch (slash < 0 ? key : key.substring(0, slash)) {
        case "cluster" -> cluster = Optional.empty();
        case "node" -> nodes().remove(name);
        case "ring" -> rings().remove(Integer.valueOf(name));
        case "partition" -> partitions().remove(Long.valueOf(name));
        case "table" -> removeTable(name);
        case "credential",
            "dropped-table",
            "function",
            "event-source-mapping",
            "region",
            "region-silence",
            "global-table" ->
            others().remove(key);
        default -> {
          // Written by a newer version; nothing here depends on it.
        }
      }
    }

    private void removeTable(String name) {
      if (!tablesCopied) {
        tablesCopied = true;
        tablesByName = new TreeMap<>(before.tablesByName);
        tablesById = new HashMap<>(before.tablesById);
      }
      TableView removed = tablesByName.remove(name);
      if (removed != null) {
        tablesById.remove(removed.id());
      }
    }

    private SortedMap<String, NodeDescriptor> nodes() {
      if (!nodesCopied) {
        nodesCopied = true;
        nodes = new TreeMap<>(nodes);
      }
      return nodes;
    }

    private SortedMap<Integer, RingDescriptor> rings() {
      if (!ringsCopied) {
        ringsCopied = true;
        rings = new TreeMap<>(rings);
      }
      return rings;
    }

    private SortedMap<Long, PartitionDescriptor> partitions() {
      if (!partitionsCopied) {
        partitionsCopied = true;
        partitions = new TreeMap<>(partitions);
      }
      return partitions;
    }

    private SortedMap<String, CatalogObject> others() {
      if (!othersCopied) {
        othersCopied = true;
        others = new TreeMap<>(others);
      }
      return others;
    }

    private static PartitionMap compile(
        SortedMap<Integer, RingDescriptor> rings, SortedMap<Long, PartitionDescriptor> partitions) {
      List<Ring> compiled = new ArrayList<>();
      for (RingDescriptor ring : rings.values()) {
        if (ring.getHashAlgorithm() != TokenHash.ALGORITHM_SIPHASH_2_4) {
          throw new IllegalStateException(
              "ring " + ring.getRingId() + " has the unknown hash " + ring.getHashAlgorithm());
        }
        List<Partition> members = new ArrayList<>();
        for (long id : ring.getPartitionIdsList()) {
          PartitionDescriptor partition = partitions.get(id);
          if (partition == null) {
            throw new IllegalStateException(
                "ring " + ring.getRingId() + " names partition " + id + ", which is not there");
          }
          members.add(compile(partition));
        }
        compiled.add(
            new Ring(ring.getRingId(), new TokenHash(ring.getHashSeed().toByteArray()), members));
      }
      return new PartitionMap(compiled);
    }

    private static Partition compile(PartitionDescriptor partition) {
      return new Partition(
          new PartitionId(partition.getPartitionId()),
          new Epoch(partition.getEpoch()),
          TokenRange.of(partition.getFirstToken(), partition.getLastToken()),
          partition.getReplicaNodeIdsList().stream().map(NodeId::new).toList());
    }
  }
}
