package io.equator.node.core;

import io.equator.model.error.ApiError;
import io.equator.model.item.EncodedItem;
import io.equator.proto.ItemEffect;
import io.equator.proto.Written;
import org.jspecify.annotations.Nullable;

/** What becomes of one write, decided from applied state; nothing has changed yet. */
sealed interface Decision {
  /** The key's new state, and the answer once it is applied. */
  record Change(ItemEffect effect, Written written) implements Decision {}

  /** A delete of an item that is not there: nothing to write. */
  record Nothing(Written written) implements Decision {}

  /** The condition is false; {@code old} is the item that failed it, if there is one. */
  record ConditionFailed(@Nullable EncodedItem old) implements Decision {}

  /** The write is wrong for this item. */
  record Refused(ApiError error) implements Decision {}
}
