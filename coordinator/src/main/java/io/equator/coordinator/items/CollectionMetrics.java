package io.equator.coordinator.items;

import io.equator.coordinator.json.WireWriter;
import io.equator.model.item.EncodedValue;

/**
 * The size of an item collection as DynamoDB estimates it: a range of whole gigabytes around it.
 *
 * @param keyName the table's partition key
 * @param key its value
 * @param sizeBytes items and local index rows of this partition key
 */
public record CollectionMetrics(String keyName, EncodedValue key, long sizeBytes) {
  private static final double GIGABYTE = 1 << 30;

  /** Writes one ItemCollectionMetrics structure. */
  public void write(WireWriter out) {
    double lower = Math.floor(sizeBytes / GIGABYTE);
    out.beginObject();
    out.beginObject("ItemCollectionKey");
    out.name(keyName);
    out.attributeValue(key);
    out.endObject();
    out.beginArray("SizeEstimateRangeGB");
    out.number(lower);
    out.number(lower + 1);
    out.endArray();
    out.endObject();
  }
}
