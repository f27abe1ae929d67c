package io.equator.coordinator.tables;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.coordinator.globaltables.core.GlobalTables;
import io.equator.coordinator.globaltables.core.Stamp;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableSetting;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.OnDemandLimits;
import io.equator.proto.TableDescriptor;
import io.equator.proto.Throughput;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The settings that the replicas of a global table share, as they stand in its document: parts of a
 * table's descriptor. Pure.
 *
 * <pre>
 * schema         key, local indexes, definitions of their attributes; never changes
 * billing        mode, write capacity; read capacity only as what a new replica begins with
 * stream ttl     on or off, and how
 * sse            on or off; keys are each region's own
 * warm           warm throughput
 * scaling/name   how writes scale; described back only
 * index/name     a global index with definitions of its attributes; empty: it was removed
 * </pre>
 *
 * <p>Whoever changes a table here changes the document in the same commit, so a table that differs
 * from its document has missed a change that was made in another region. {@link #next} makes the
 * changes it missed, one at a time, as UpdateTable would.
 *
 * <p>A document of version 2017.11.29 holds only what UpdateGlobalTableSettings has set: there,
 * everything else is for each region to set.
 */
public final class SyncedSettings {
  static final String SCHEMA = "schema";

  /** Billing mode and write capacity. */
  public static final String BILLING = "billing";

  private static final String STREAM = "stream";
  private static final String TTL = "ttl";
  private static final String SSE = "sse";
  private static final String WARM = "warm";

  /**
   * Under this name a table describes back how its writes scale; an index's name and / may precede.
   */
  public static final String WRITE_SCALING = "WriteAutoScaling";

  /** Settings that are only described back begin so. */
  public static final String SCALING = "scaling/";

  private static final String INDEX = "index/";

  private SyncedSettings() {}

  /** The settings of a table, by name. */
  static SortedMap<String, TableDescriptor> of(TableDescriptor table) {
    SortedMap<String, TableDescriptor> settings = new TreeMap<>();
    settings.put(SCHEMA, schema(table));
    settings.put(
        BILLING,
        TableDescriptor.newBuilder()
            .setBillingMode(table.getBillingMode())
            .setThroughput(units(table.getThroughput()))
            .setOnDemandLimits(table.getOnDemandLimits())
            .build());
    settings.put(
        STREAM,
        TableDescriptor.newBuilder()
            .setStreamEnabled(table.getStreamEnabled())
            .setStreamViewType(table.getStreamEnabled() ? table.getStreamViewType() : "")
            .build());
    boolean expires =
        table.getTtlStatus().equals(Statuses.ENABLED)
            || table.getTtlStatus().equals(Statuses.ENABLING);
    settings.put(
        TTL,
        TableDescriptor.newBuilder()
            .setTtlStatus(expires ? Statuses.ENABLED : Statuses.DISABLED)
            .setTtlAttribute(expires ? table.getTtlAttribute() : "")
            .build());
    settings.put(SSE, TableDescriptor.newBuilder().setSseEnabled(table.getSseEnabled()).build());
    settings.put(
        WARM,
        table.hasWarmThroughput()
            ? TableDescriptor.newBuilder().setWarmThroughput(table.getWarmThroughput()).build()
            : TableDescriptor.getDefaultInstance());
    table
        .getDescribedBackMap()
        .forEach(
            (name, text) -> {
              if (name.endsWith(WRITE_SCALING)) {
                settings.put(
                    SCALING + name,
                    TableDescriptor.newBuilder().putDescribedBack(name, text).build());
              }
            });
    for (IndexDescriptor index : table.getIndexesList()) {
      if (!index.getLocal() && !index.getStatus().equals(Statuses.DELETING)) {
        settings.put(INDEX + index.getName(), index(table, index));
      }
    }
    return settings;
  }

  private static TableDescriptor schema(TableDescriptor table) {
    List<IndexDescriptor> local =
        table.getIndexesList().stream().filter(IndexDescriptor::getLocal).toList();
    TreeSet<String> used = new TreeSet<>(KeyRules.names(table.getKeyList()));
    local.forEach(index -> used.addAll(KeyRules.names(index.getKeyList())));
    return TableDescriptor.newBuilder()
        .addAllKey(table.getKeyList())
        .addAllAttributeDefinitions(definitions(table, used))
        .addAllIndexes(local)
        .build();
  }

  private static TableDescriptor index(TableDescriptor table, IndexDescriptor index) {
    return TableDescriptor.newBuilder()
        .addAllAttributeDefinitions(
            definitions(table, new TreeSet<>(KeyRules.names(index.getKeyList()))))
        .addIndexes(
            index.toBuilder()
                .clearIndexId()
                .clearStatus()
                .clearBackfilling()
                .clearWarmThroughput()
                .setThroughput(units(index.getThroughput())))
        .build();
  }

  private static List<KeyElement> definitions(TableDescriptor table, Set<String> used) {
    return table.getAttributeDefinitionsList().stream()
        .filter(d -> used.contains(d.getAttributeName()))
        .toList();
  }

  private static Throughput units(Throughput throughput) {
    return Throughput.newBuilder()
        .setReadUnits(throughput.getReadUnits())
        .setWriteUnits(throughput.getWriteUnits())
        .build();
  }

  /** Reads are each region's own, so two settings that differ in them only are the same. */
  private static TableDescriptor shared(TableDescriptor setting) {
    TableDescriptor.Builder shared = setting.toBuilder();
    if (shared.hasThroughput()) {
      shared.getThroughputBuilder().clearReadUnits();
    }
    if (shared.hasOnDemandLimits()) {
      shared.getOnDemandLimitsBuilder().clearMaxReadRequestUnits();
      if (shared.getOnDemandLimits().equals(OnDemandLimits.getDefaultInstance())) {
        shared.clearOnDemandLimits();
      }
    }
    for (IndexDescriptor.Builder index : shared.getIndexesBuilderList()) {
      if (!index.getLocal()) {
        index.getThroughputBuilder().clearReadUnits();
        index.getOnDemandLimitsBuilder().clearMaxReadRequestUnits();
        if (index.getOnDemandLimits().equals(OnDemandLimits.getDefaultInstance())) {
          index.clearOnDemandLimits();
        }
      }
    }
    return shared.build();
  }

  private static boolean same(TableDescriptor a, TableDescriptor b) {
    return shared(a).equals(shared(b));
  }

  private static TableDescriptor parse(ByteString value) {
    try {
      return TableDescriptor.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a setting of a global table cannot be read", e);
    }
  }

  /** The document with all settings of a table. */
  public static GlobalTableDescriptor all(
      GlobalTableDescriptor document, TableDescriptor table, Stamp stamp) {
    GlobalTableDescriptor next = document;
    for (var setting : of(table).entrySet()) {
      next =
          GlobalTables.withSetting(
              next, setting.getKey(), setting.getValue().toByteString(), stamp);
    }
    return next;
  }

  /** The document with one setting as it is in this table. */
  public static GlobalTableDescriptor with(
      GlobalTableDescriptor document, TableDescriptor table, String name, Stamp stamp) {
    TableDescriptor value = of(table).getOrDefault(name, TableDescriptor.getDefaultInstance());
    return GlobalTables.withSetting(document, name, value.toByteString(), stamp);
  }

  /** The setting's name of a global index. */
  public static String index(String name) {
    return INDEX + name;
  }

  /** The document after a change of a table in this region. */
  static GlobalTableDescriptor changed(
      GlobalTableDescriptor document, TableDescriptor before, TableDescriptor after, Stamp stamp) {
    SortedMap<String, TableDescriptor> old = of(before);
    SortedMap<String, TableDescriptor> young = of(after);
    TreeSet<String> names = new TreeSet<>(old.keySet());
    names.addAll(young.keySet());
    GlobalTableDescriptor next = document;
    for (String name : names) {
      TableDescriptor was = old.getOrDefault(name, TableDescriptor.getDefaultInstance());
      TableDescriptor is = young.getOrDefault(name, TableDescriptor.getDefaultInstance());
      boolean held =
          !GlobalTables.isLegacy(document) || GlobalTables.setting(document, name).isPresent();
      if (held && !same(was, is)) {
        next = GlobalTables.withSetting(next, name, is.toByteString(), stamp);
      }
    }
    return next;
  }

  /** A new replica's table, as it is created from the document. */
  public static TableDescriptor newTable(
      GlobalTableDescriptor document, Arns arns, long nowMillis, String kmsKey) {
    TableDescriptor.Builder table =
        TableDescriptor.newBuilder()
            .setName(document.getTableName())
            .setStatus(Statuses.CREATING)
            .setCreatedMillis(nowMillis)
            .setSchemaVersion(1);
    for (GlobalTableSetting setting : document.getSettingsList()) {
      TableDescriptor value = parse(setting.getValue());
      switch (setting.getName()) {
        case SCHEMA ->
            table
                .addAllKey(value.getKeyList())
                .addAllAttributeDefinitions(value.getAttributeDefinitionsList())
                .addAllIndexes(value.getIndexesList());
        case BILLING -> billing(table, value, nowMillis);
        case STREAM -> {
          if (value.getStreamEnabled()) {
            FeatureRules.applyStream(
                table, new Shapes.Stream(true, value.getStreamViewType()), nowMillis);
          }
        }
        case TTL -> {
          if (value.getTtlStatus().equals(Statuses.ENABLED)) {
            table
                .setTtlStatus(Statuses.ENABLED)
                .setTtlAttribute(value.getTtlAttribute())
                .setTtlSchemaVersion(1);
          }
        }
        case SSE -> {
          if (value.getSseEnabled() || !kmsKey.isEmpty()) {
            FeatureRules.applySse(table, new Shapes.Sse(true, "KMS", kmsKey), arns);
          }
        }
        case WARM -> {
          if (value.hasWarmThroughput()) {
            table.setWarmThroughput(value.getWarmThroughput());
          }
        }
        default -> table.putAllDescribedBack(value.getDescribedBackMap());
      }
    }
    int id = 1;
    for (IndexDescriptor.Builder index : table.getIndexesBuilderList()) {
      id = Math.max(id, index.getIndexId() + 1);
    }
    for (GlobalTableSetting setting : document.getSettingsList()) {
      if (setting.getName().startsWith(INDEX) && !setting.getValue().isEmpty()) {
        TableDescriptor value = parse(setting.getValue());
        addDefinitions(table, value);
        table.addIndexes(
            value.getIndexes(0).toBuilder().setIndexId(id++).setStatus(Statuses.CREATING));
      }
    }
    return table.setNextIndexId(id).build();
  }

  private static void addDefinitions(TableDescriptor.Builder table, TableDescriptor value) {
    List<String> there = KeyRules.names(table.getAttributeDefinitionsList());
    for (KeyElement definition : value.getAttributeDefinitionsList()) {
      if (!there.contains(definition.getAttributeName())) {
        table.addAttributeDefinitions(definition);
      }
    }
  }

  /**
   * The table after the next change that it has missed.
   *
   * @param table in whose region nothing else is being changed
   * @return empty when it has missed none
   */
  public static Optional<TableDescriptor> next(
      GlobalTableDescriptor document, TableDescriptor table, Arns arns, long nowMillis) {
    if (!table.getStatus().equals(Statuses.ACTIVE)) {
      return Optional.empty();
    }
    SortedMap<String, TableDescriptor> here = of(table);
    for (GlobalTableSetting setting : document.getSettingsList()) {
      String name = setting.getName();
      TableDescriptor is = here.getOrDefault(name, TableDescriptor.getDefaultInstance());
      TableDescriptor shall = parse(setting.getValue());
      if (!name.equals(SCHEMA) && !same(is, shall)) {
        Optional<TableDescriptor> next = changed(table, name, is, shall, arns, nowMillis);
        if (next.isPresent()) {
          return next;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<TableDescriptor> changed(
      TableDescriptor before,
      String name,
      TableDescriptor is,
      TableDescriptor shall,
      Arns arns,
      long nowMillis) {
    TableDescriptor.Builder table = before.toBuilder();
    switch (name) {
      case BILLING -> billing(table.setStatus(Statuses.UPDATING), shall, nowMillis);
      case STREAM -> {
        // Another view type is another stream: the old one ends first.
        boolean enable = shall.getStreamEnabled() && !is.getStreamEnabled();
        table.setSchemaVersion(before.getSchemaVersion() + 1).setStatus(Statuses.UPDATING);
        FeatureRules.applyStream(
            table, new Shapes.Stream(enable, enable ? shall.getStreamViewType() : null), nowMillis);
      }
      case TTL -> {
        boolean enable = shall.getTtlStatus().equals(Statuses.ENABLED);
        if (before.getTtlStatus().equals(Statuses.ENABLING)
            || before.getTtlStatus().equals(Statuses.DISABLING)) {
          return Optional.empty();
        }
        boolean other = enable && before.getTtlStatus().equals(Statuses.ENABLED);
        long schema = before.getSchemaVersion() + 1;
        table
            .setSchemaVersion(schema)
            .setTtlSchemaVersion(schema)
            .setTtlStatus(enable && !other ? Statuses.ENABLING : Statuses.DISABLING)
            .setTtlAttribute(enable && !other ? shall.getTtlAttribute() : before.getTtlAttribute())
            .setTtlChangedMillis(nowMillis);
      }
      case SSE -> {
        table.setStatus(Statuses.UPDATING);
        FeatureRules.applySse(table, new Shapes.Sse(shall.getSseEnabled(), "KMS", null), arns);
      }
      case WARM -> table.setWarmThroughput(shall.getWarmThroughput());
      default -> {
        if (name.startsWith(INDEX)) {
          return index(before, name.substring(INDEX.length()), shall);
        }
        if (!name.startsWith(SCALING)) {
          // Written by a newer version, which knows what it means.
          return Optional.empty();
        }
        table.putAllDescribedBack(shall.getDescribedBackMap());
      }
    }
    return Optional.of(table.build());
  }

  private static void billing(TableDescriptor.Builder table, TableDescriptor shall, long now) {
    boolean onDemand = shall.getBillingMode().equals(ThroughputRules.ON_DEMAND);
    boolean was = table.getBillingMode().equals(ThroughputRules.ON_DEMAND);
    table.setBillingMode(shall.getBillingMode());
    Throughput.Builder throughput = table.getThroughputBuilder();
    if (onDemand) {
      throughput.setReadUnits(0).setWriteUnits(0);
      table.setBillingModeSummary(true);
      if (!was) {
        table.setLastPayPerRequestMillis(now);
      }
      OnDemandLimits.Builder limits = table.getOnDemandLimits().toBuilder();
      limits.clearMaxWriteRequestUnits();
      if (shall.getOnDemandLimits().hasMaxWriteRequestUnits()) {
        limits.setMaxWriteRequestUnits(shall.getOnDemandLimits().getMaxWriteRequestUnits());
      }
      if (limits.build().equals(OnDemandLimits.getDefaultInstance())) {
        table.clearOnDemandLimits();
      } else {
        table.setOnDemandLimits(limits);
      }
      for (IndexDescriptor.Builder index : table.getIndexesBuilderList()) {
        if (!index.getLocal()) {
          index.getThroughputBuilder().setReadUnits(0).setWriteUnits(0);
        }
      }
    } else {
      throughput.setWriteUnits(shall.getThroughput().getWriteUnits());
      if (throughput.getReadUnits() == 0) {
        throughput.setReadUnits(shall.getThroughput().getReadUnits());
      }
      table.clearOnDemandLimits();
    }
  }

  private static Optional<TableDescriptor> index(
      TableDescriptor before, String name, TableDescriptor shall) {
    TableDescriptor.Builder table = before.toBuilder();
    for (int i = 0; i < before.getIndexesCount(); i++) {
      IndexDescriptor index = before.getIndexes(i);
      if (!index.getLocal() && index.getName().equals(name)) {
        if (!index.getStatus().equals(Statuses.ACTIVE)) {
          return Optional.empty();
        }
        if (shall.getIndexesCount() == 0 || !sameIndex(index, shall.getIndexes(0))) {
          table.getIndexesBuilder(i).setStatus(Statuses.DELETING);
          return Optional.of(
              table
                  .setStatus(Statuses.UPDATING)
                  .setSchemaVersion(before.getSchemaVersion() + 1)
                  .build());
        }
        IndexDescriptor.Builder changed = table.getIndexesBuilder(i);
        Throughput wanted = shall.getIndexes(0).getThroughput();
        changed.getThroughputBuilder().setWriteUnits(wanted.getWriteUnits());
        if (changed.getThroughput().getReadUnits() == 0) {
          changed.getThroughputBuilder().setReadUnits(wanted.getReadUnits());
        }
        if (shall.getIndexes(0).hasOnDemandLimits()) {
          changed.setOnDemandLimits(shall.getIndexes(0).getOnDemandLimits());
        } else {
          changed.clearOnDemandLimits();
        }
        changed.setStatus(Statuses.UPDATING);
        return Optional.of(table.setStatus(Statuses.UPDATING).build());
      }
    }
    if (shall.getIndexesCount() == 0 || isBuilding(before)) {
      return Optional.empty();
    }
    addDefinitions(table, shall);
    int id = Math.max(1, before.getNextIndexId());
    return Optional.of(
        table
            .addIndexes(shall.getIndexes(0).toBuilder().setIndexId(id).setStatus(Statuses.CREATING))
            .setNextIndexId(id + 1)
            .setStatus(Statuses.UPDATING)
            .setSchemaVersion(before.getSchemaVersion() + 1)
            .build());
  }

  private static boolean sameIndex(IndexDescriptor a, IndexDescriptor b) {
    return a.getKeyList().equals(b.getKeyList())
        && a.getProjectionType() == b.getProjectionType()
        && a.getNonKeyAttributesList().equals(b.getNonKeyAttributesList());
  }

  private static boolean isBuilding(TableDescriptor table) {
    return table.getIndexesList().stream()
        .anyMatch(i -> !i.getLocal() && !i.getStatus().equals(Statuses.ACTIVE));
  }

  /** Whether the tables of two regions can be replicas of one another. */
  public static boolean sameSchema(TableDescriptor a, TableDescriptor b) {
    if (!a.getKeyList().equals(b.getKeyList())) {
      return false;
    }
    TreeMap<String, TableDescriptor> left = new TreeMap<>();
    TreeMap<String, TableDescriptor> right = new TreeMap<>();
    of(a).forEach((name, value) -> putKey(left, name, value));
    of(b).forEach((name, value) -> putKey(right, name, value));
    return left.equals(right);
  }

  private static void putKey(
      Map<String, TableDescriptor> keys, String name, TableDescriptor value) {
    if (name.startsWith(INDEX)) {
      TableDescriptor.Builder bare = value.toBuilder();
      bare.getIndexesBuilder(0).clearThroughput().clearOnDemandLimits();
      keys.put(name, bare.build());
    }
  }
}
