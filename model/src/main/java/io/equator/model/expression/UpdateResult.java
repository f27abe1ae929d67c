package io.equator.model.expression;

import io.equator.model.error.ApiError;
import io.equator.model.item.EncodedItem;

/** What became of an update. */
public sealed interface UpdateResult {

  /**
   * The update fits the item.
   *
   * @param item the whole new item
   * @param update the update that made it
   */
  record Updated(EncodedItem item, CompiledUpdate update) implements UpdateResult {

    /** Cuts what the update named out of an item: the old one for UPDATED_OLD, or the new one. */
    public CompiledProjection touched() {
      return update.touched();
    }
  }

  /** The update does not fit the item; nothing changes. */
  record Refused(ApiError error) implements UpdateResult {}
}
