package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.proto.ApplyIndex;
import io.equator.proto.ChangeCapture;
import io.equator.proto.ChangePlace;
import io.equator.proto.CloseTimestamp;
import io.equator.proto.DropTable;
import io.equator.proto.DropTombstones;
import io.equator.proto.Effect;
import io.equator.proto.ExpiryStep;
import io.equator.proto.ExpiryWalk;
import io.equator.proto.FinishTransaction;
import io.equator.proto.GlobalIndexRow;
import io.equator.proto.IndexBuildStep;
import io.equator.proto.IndexRowEffect;
import io.equator.proto.ItemEffect;
import io.equator.proto.ItemLock;
import io.equator.proto.LockItems;
import io.equator.proto.PartitionEntry;
import io.equator.proto.RequireSchema;
import io.equator.proto.Written;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Entries that leave rows of every family and of every kind of meta rows, and what they left. */
public final class EveryFamily {
  /** The lower half of the tokens, and the upper one. */
  public static final Descriptor LOWER = new Descriptor(1, 1, 0, Long.MAX_VALUE);

  public static final Descriptor UPPER = new Descriptor(1, 1, Long.MIN_VALUE, -1L);

  private final Descriptor descriptor;
  private final SplittableRandom random;
  private final byte[] payload;
  private long index;

  /** Entries for a partition, the same for the same seed. */
  public EveryFamily(Descriptor descriptor, long seed) {
    this(descriptor, seed, 40);
  }

  /** With items of about this size. */
  public EveryFamily(Descriptor descriptor, long seed, int itemBytes) {
    this.descriptor = descriptor;
    this.random = new SplittableRandom(seed);
    this.payload = new byte[itemBytes / 2];
  }

  /** Applies so many entries to a machine. */
  public void fill(PartitionMachine machine, int entries) {
    apply(machine, Effect.newBuilder().setRequireSchema(schema()).build());
    for (int i = 0; i < entries; i++) {
      apply(machine, effects());
    }
    apply(machine, item(99, "gone", 1));
    apply(machine, Effect.newBuilder().setDropTable(DropTable.newBuilder().setTableId(99)).build());
  }

  private void apply(PartitionMachine machine, Effect... effects) {
    index++;
    PartitionEntry.Builder entry =
        PartitionEntry.newBuilder()
            .setDecidedTerm(3)
            .setEpoch(1)
            .setSequence(index)
            .setLeaderMillis(1_000_000 + index);
    for (Effect effect : effects) {
      entry.addEffects(effect);
      entry.addRequestIds(index).addRequestIds(entry.getEffectsCount());
      entry.addOutcomes(Written.getDefaultInstance().toByteString());
    }
    if (machine.apply(3, index, entry.build().toByteString()) != EntryOutcome.APPLIED) {
      throw new AssertionError("an entry was not applied");
    }
  }

  private static RequireSchema schema() {
    return RequireSchema.newBuilder().setTableId(7).setSchemaVersion(5).build();
  }

  private Effect[] effects() {
    List<Effect> effects = new ArrayList<>();
    String pk = pk();
    effects.add(item(7, pk, random.nextInt(50)));
    effects.add(item(8, pk(), random.nextInt(50)));
    effects.add(
        Effect.newBuilder()
            .setItem(
                ItemEffect.newBuilder()
                    .setTableId(8)
                    .setKey(key(pk, 70))
                    .setTimestamp(index)
                    .setTombstone(StoredValue.tombstone(index, 1).toByteString())
                    .setDeletedAt(index))
            .build());
    effects.add(
        Effect.newBuilder()
            .setDropTombstones(DropTombstones.newBuilder().setTableId(8).setUpTo(1))
            .build());
    effects.add(
        Effect.newBuilder()
            .setCloseTimestamp(CloseTimestamp.newBuilder().setTimestamp(index - 1).addTableIds(8))
            .build());
    effects.add(globalRow(pk));
    if (index % 5 == 0) {
      effects.add(lock(pk, index));
    }
    if (index % 15 == 10) {
      effects.add(
          Effect.newBuilder()
              .setFinishTransaction(
                  FinishTransaction.newBuilder()
                      .setTransactionId(transaction(index - 5))
                      .setCommit(true)
                      .setTimestamp(index))
              .build());
    }
    effects.add(
        Effect.newBuilder()
            .setExpiryStep(
                ExpiryStep.newBuilder()
                    .setTableId(7)
                    .setWalk(ExpiryWalk.newBuilder().setSchemaVersion(5).setLastKey(key(pk, 1))))
            .build());
    effects.add(
        Effect.newBuilder()
            .setIndexBuildStep(
                IndexBuildStep.newBuilder().setTableId(7).setIndexId(4).setLastKey(key(pk, 1)))
            .build());
    return effects.toArray(Effect[]::new);
  }

  private String pk() {
    while (true) {
      String pk = "p" + random.nextInt(1_000_000);
      if (descriptor.holds(TestTables.token(pk))) {
        return pk;
      }
    }
  }

  private Effect item(int table, String pk, long sk) {
    if (!descriptor.holds(TestTables.token(pk))) {
      return item(table, pk(), sk);
    }
    return Effect.newBuilder().setItem(itemEffect(table, pk, sk)).build();
  }

  private ItemEffect itemEffect(int table, String pk, long sk) {
    ByteString key = key(pk, sk);
    random.nextBytes(payload);
    ByteString value =
        StoredValue.of(
                TestTables.item(pk, sk, "x", java.util.HexFormat.of().formatHex(payload)), index, 1)
            .toByteString();
    ItemEffect.Builder effect =
        ItemEffect.newBuilder()
            .setTableId(table)
            .setKey(key)
            .setTimestamp(index)
            .setItemCountDelta(1)
            .setSizeDelta(value.size())
            .setCollectionKeyLength(key.size() - 2)
            .setNewExpiry(5_000 + index)
            .setCapture(ChangeCapture.newBuilder().setNewImage(true))
            .addIndexRows(
                IndexRowEffect.newBuilder()
                    .setIndexId(3)
                    .setKey(key)
                    .setValueIsItem(true)
                    .setItemCountDelta(1)
                    .setSizeDelta(value.size()));
    return effect.setValue(value).build();
  }

  private Effect globalRow(String pk) {
    return Effect.newBuilder()
        .setApplyIndex(
            ApplyIndex.newBuilder()
                .setSourcePartition(9)
                .setTableId(7)
                .setIndexId(4)
                .setTo(ChangePlace.newBuilder().setLogIndex(index + 1))
                .addRows(
                    GlobalIndexRow.newBuilder()
                        .setKey(key(pk, 7))
                        .setValue(StoredValue.of(TestTables.item(pk, 7), index, 1).toByteString())
                        .setAt(ChangePlace.newBuilder().setLogIndex(index))))
        .build();
  }

  private Effect lock(String pk, long id) {
    return Effect.newBuilder()
        .setLockItems(
            LockItems.newBuilder()
                .setTransactionId(transaction(id))
                .setLedgerKey(ByteString.copyFromUtf8("ledger"))
                .setMillis(1_000_000 + index)
                .addLocks(
                    ItemLock.newBuilder()
                        .setTableId(7)
                        .setKey(key(pk, 1_000 + id))
                        .setEffect(itemEffect(7, pk, 1_000 + id))))
        .build();
  }

  private static ByteString transaction(long id) {
    return ByteString.copyFrom(ByteBuffer.allocate(16).putLong(1).putLong(id).flip());
  }

  private static ByteString key(String pk, long sk) {
    return ByteString.copyFrom(StoreKeys.suffix(TestTables.key(pk, sk)));
  }

  /** All rows of a partition, as text, by family. */
  public static NavigableMap<Family, String> rows(
      StoreView store, long partition, Descriptor descriptor) {
    NavigableMap<Family, String> rows = new TreeMap<>();
    for (Family family : Family.values()) {
      NavigableMap<byte[], byte[]> found = new TreeMap<>(java.util.Arrays::compareUnsigned);
      for (RowRange range : PartitionRows.of(store, family, partition, descriptor)) {
        try (RowCursor cursor = store.cursor(family, range.lower(), range.upper())) {
          for (cursor.first(); cursor.valid(); cursor.next()) {
            found.put(cursor.key(), cursor.value());
          }
        }
      }
      rows.put(family, RowsText.of(found));
    }
    return rows;
  }

  /** The first bytes of all rows of the family of meta rows. */
  public static List<Byte> metaKinds(StoreView store) {
    List<Byte> kinds = new ArrayList<>();
    try (RowCursor cursor = store.cursor(Family.META, new byte[] {0}, new byte[] {127})) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        if (!kinds.contains(cursor.key()[0])) {
          kinds.add(cursor.key()[0]);
        }
      }
    }
    return kinds;
  }
}
