package io.equator.replication.catalog;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemCodec;
import io.equator.model.item.StoredValue;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.replication.clock.HybridTimestamp;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The attributes by which items of a global table of version 2017.11.29 show when and where they
 * were written last.
 *
 * <p>They are made of the version that each item has, whenever it is read, and stored nowhere. A
 * client that reads an item, changes it and puts it back writes them too: that is accepted, as by
 * the service, and what it has written is not shown, because the true ones stand in its place.
 */
public final class VersionAttributes {
  /** Always false: a deleted item is not shown. */
  public static final String DELETING = "aws:rep:deleting";

  /** Seconds since the epoch, with a fraction. */
  public static final String UPDATE_TIME = "aws:rep:updatetime";

  /** The name of the region. */
  public static final String UPDATE_REGION = "aws:rep:updateregion";

  /** Of a table that shows none. */
  public static final VersionAttributes NONE = new VersionAttributes(null);

  private final @Nullable Map<Integer, String> regions;

  private VersionAttributes(@Nullable Map<Integer, String> regions) {
    this.regions = regions;
  }

  /** Those of a table, if it shows any. */
  public static VersionAttributes of(CatalogSnapshot snapshot, int table) {
    Optional<TableView> view = snapshot.table(table);
    if (view.isEmpty() || !view.get().descriptor().getReplication().getShowsVersions()) {
      return NONE;
    }
    Map<Integer, String> regions = new HashMap<>();
    for (CatalogObject region : snapshot.regions()) {
      regions.put(region.getRegion().getNumber(), region.getRegion().getName());
    }
    Optional<ClusterDescriptor> own = snapshot.cluster();
    own.ifPresent(
        cluster -> regions.put(Math.max(1, cluster.getRegionNumber()), cluster.getRegion()));
    return new VersionAttributes(regions);
  }

  /** The item with them; the item as it is stored when its table shows none. */
  public EncodedItem shown(StoredValue stored) {
    if (regions == null) {
      return stored.item();
    }
    Map<String, AttributeValue> item = new LinkedHashMap<>(stored.item().toMap());
    item.remove(UPDATE_REGION);
    item.put(DELETING, new AttributeValue.Bool(false));
    long millis = HybridTimestamp.millisOf(stored.timestamp());
    item.put(UPDATE_TIME, AttributeValue.N.of(BigDecimal.valueOf(millis, 3).toPlainString()));
    String region = regions.get(stored.originRegion());
    if (region != null) {
      item.put(UPDATE_REGION, new AttributeValue.S(region));
    }
    return ItemCodec.encodeItem(item);
  }
}
