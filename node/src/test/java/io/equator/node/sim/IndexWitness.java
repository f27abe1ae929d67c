package io.equator.node.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.proto.ApplyIndex;
import io.equator.proto.Effect;
import io.equator.proto.GlobalIndexRow;
import io.equator.proto.ItemEffect;
import io.equator.proto.PartitionEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Sees to it that an index is never from the future: a row that a replica of an index shows is a
 * version of its item that a replica of the table has applied before, which is only done with what
 * is committed. Looks at every entry that any node applies; rows change in no other way.
 */
final class IndexWitness {
  private final int table;
  private final List<String> wrong;
  private final Set<ByteString> committed = new HashSet<>();

  /**
   * @param table whose indexes project whole items, so that a row's value is its item's
   */
  IndexWitness(int table, List<String> wrong) {
    this.table = table;
    this.wrong = wrong;
  }

  /** A node has applied an entry. */
  void applied(ByteString bytes) {
    for (Effect effect : entry(bytes).getEffectsList()) {
      if (effect.hasItem() && effect.getItem().getTableId() == table) {
        ItemEffect item = effect.getItem();
        if (item.hasValue()) {
          committed.add(item.getValue());
        }
      } else if (effect.hasApplyIndex() && effect.getApplyIndex().getTableId() == table) {
        look(effect.getApplyIndex());
      }
    }
  }

  private void look(ApplyIndex rows) {
    for (GlobalIndexRow row : rows.getRowsList()) {
      if (row.hasValue() && !committed.contains(row.getValue())) {
        wrong.add("index " + rows.getIndexId() + " is from the future");
      }
    }
  }

  private static PartitionEntry entry(ByteString bytes) {
    try {
      return PartitionEntry.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** The items that an entry writes. */
  List<ItemEffect> items(ByteString bytes) {
    return entry(bytes).getEffectsList().stream()
        .filter(effect -> effect.hasItem() && effect.getItem().getTableId() == table)
        .map(Effect::getItem)
        .filter(ItemEffect::hasValue)
        .toList();
  }
}
