package io.equator.coordinator.tables;

import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.TableDescriptor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is under way in a table's descriptor, and the next step of it. Pure.
 *
 * <p>A step depends on the descriptor alone, so it can be tried by several coordinators, and again
 * after a crash: compare-and-set lets one of them through.
 *
 * <pre>
 * table     CREATING, UPDATING ─▶ ACTIVE                       DELETING ─▶ removed from the catalog
 * index     CREATING (with its table), UPDATING ─▶ ACTIVE
 *           CREATING (later) ─▶ CREATING, backfilling ─▶ ACTIVE
 *           DELETING ─▶ removed, with the definitions that only it used
 * ttl       ENABLING ─▶ ENABLED                                DISABLING ─▶ DISABLED
 * </pre>
 *
 * <p>A new replica of a global table stays CREATING while it is filled, and one that is deleted
 * stays DELETING until others have what was written to it; {@code coordinator.globaltables} says
 * when.
 *
 * <p>A table becomes ACTIVE before an index of it that is being built or removed does.
 */
final class TableLifecycle {
  /** The next thing to do about a table. */
  sealed interface Step {
    /** Nothing is under way. */
    record Rest() implements Step {}

    /** The descriptor becomes this one. */
    record Become(TableDescriptor next) implements Step {}

    /** The table goes; its rows go with its number. */
    record Remove() implements Step {}
  }

  private static final Step REST = new Step.Rest();
  private static final Step REMOVE = new Step.Remove();

  private TableLifecycle() {}

  /** Whether anything is under way; cheap, asked of every table at every change of the catalog. */
  static boolean isPending(TableDescriptor table) {
    if (waitsForRegions(table)) {
      return false;
    }
    if (!table.getStatus().equals(Statuses.ACTIVE) || isPendingTtl(table)) {
      return true;
    }
    for (int i = 0; i < table.getIndexesCount(); i++) {
      IndexDescriptor index = table.getIndexes(i);
      if (!index.getLocal() && !index.getStatus().equals(Statuses.ACTIVE)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPendingTtl(TableDescriptor table) {
    return table.getTtlStatus().equals(Statuses.ENABLING)
        || table.getTtlStatus().equals(Statuses.DISABLING);
  }

  private static boolean waitsForRegions(TableDescriptor table) {
    return switch (table.getStatus()) {
      case Statuses.CREATING -> table.getReplication().getFilling();
      case Statuses.DELETING -> table.hasReplication();
      default -> false;
    };
  }

  /** The next step. */
  static Step next(TableDescriptor table) {
    if (waitsForRegions(table)) {
      return REST;
    }
    return switch (table.getStatus()) {
      case Statuses.DELETING -> REMOVE;
      case Statuses.CREATING -> new Step.Become(created(table));
      case Statuses.UPDATING -> new Step.Become(updated(table));
      default -> isPending(table) ? new Step.Become(settled(table)) : REST;
    };
  }

  private static TableDescriptor created(TableDescriptor table) {
    TableDescriptor.Builder next = table.toBuilder().setStatus(Statuses.ACTIVE);
    for (IndexDescriptor.Builder index : next.getIndexesBuilderList()) {
      if (!index.getLocal()) {
        index.setStatus(Statuses.ACTIVE);
      }
    }
    if (next.getBillingMode().equals(ThroughputRules.ON_DEMAND)) {
      next.setLastPayPerRequestMillis(table.getCreatedMillis());
    }
    return next.build();
  }

  private static TableDescriptor updated(TableDescriptor table) {
    TableDescriptor.Builder next = table.toBuilder().setStatus(Statuses.ACTIVE);
    for (IndexDescriptor.Builder index : next.getIndexesBuilderList()) {
      if (index.getStatus().equals(Statuses.UPDATING)) {
        index.setStatus(Statuses.ACTIVE);
      } else if (index.getStatus().equals(Statuses.CREATING)) {
        index.setBackfilling(true);
      }
    }
    return next.build();
  }

  /** An active table whose indexes or time to live are not settled yet. */
  private static TableDescriptor settled(TableDescriptor table) {
    TableDescriptor.Builder next = table.toBuilder();
    switch (table.getTtlStatus()) {
      case Statuses.ENABLING -> next.setTtlStatus(Statuses.ENABLED);
      case Statuses.DISABLING -> next.setTtlStatus(Statuses.DISABLED).clearTtlAttribute();
      default -> {}
    }
    List<IndexDescriptor> kept = new ArrayList<>();
    for (IndexDescriptor index : table.getIndexesList()) {
      if (index.getLocal()) {
        kept.add(index);
      } else if (!index.getStatus().equals(Statuses.DELETING)) {
        kept.add(index.toBuilder().setStatus(Statuses.ACTIVE).clearBackfilling().build());
      }
    }
    if (kept.size() < table.getIndexesCount()) {
      next.clearIndexes().addAllIndexes(kept);
      next.clearAttributeDefinitions().addAllAttributeDefinitions(usedDefinitions(table, kept));
      next.setSchemaVersion(table.getSchemaVersion() + 1);
    } else {
      next.clearIndexes().addAllIndexes(kept);
    }
    return next.build();
  }

  private static List<KeyElement> usedDefinitions(
      TableDescriptor table, List<IndexDescriptor> indexes) {
    Set<String> used = new HashSet<>(KeyRules.names(table.getKeyList()));
    indexes.forEach(index -> used.addAll(KeyRules.names(index.getKeyList())));
    List<KeyElement> kept = new ArrayList<>();
    for (KeyElement definition : table.getAttributeDefinitionsList()) {
      if (used.contains(definition.getAttributeName())) {
        kept.add(definition);
      }
    }
    return kept;
  }
}
