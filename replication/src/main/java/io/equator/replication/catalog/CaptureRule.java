package io.equator.replication.catalog;

import io.equator.proto.IndexDescriptor;
import io.equator.proto.TableDescriptor;

/**
 * What the change log must keep of each change of a table, so that its readers need nothing else.
 *
 * <p>A table without a stream and without global indexes has no readers, and its writes leave no
 * records. Old images are kept only for readers that show or compare them: they cost space.
 *
 * @param captures a change leaves a record
 * @param newImage with the item after the change
 * @param oldImage with the item before the change
 * @param forRegions other regions read the changes that are made here, also those that leave an
 *     item as it was: each has a version
 */
public record CaptureRule(
    boolean captures, boolean newImage, boolean oldImage, boolean forRegions) {
  /** Nobody reads. */
  public static final CaptureRule NOTHING = new CaptureRule(false, false, false);

  private CaptureRule(boolean captures, boolean newImage, boolean oldImage) {
    this(captures, newImage, oldImage, false);
  }

  static CaptureRule of(TableDescriptor table) {
    CaptureRule here = inThisRegion(table);
    return table.getReplication().getTargetsCount() == 0
        ? here
        : new CaptureRule(true, true, here.oldImage, true);
  }

  private static CaptureRule inThisRegion(TableDescriptor table) {
    boolean indexed = false;
    for (IndexDescriptor index : table.getIndexesList()) {
      indexed |= !index.getLocal() && !index.getStatus().equals("DELETING");
    }
    if (indexed) {
      // An index row is found by the old image and made from the new one.
      return new CaptureRule(true, true, true);
    }
    if (!table.getStreamEnabled()) {
      return NOTHING;
    }
    return switch (table.getStreamViewType()) {
      case "NEW_IMAGE" -> new CaptureRule(true, true, false);
      case "OLD_IMAGE" -> new CaptureRule(true, false, true);
      case "NEW_AND_OLD_IMAGES" -> new CaptureRule(true, true, true);
      default -> new CaptureRule(true, false, false);
    };
  }
}
