package io.equator.coordinator.batch;

import io.equator.coordinator.json.WireWriter;
import io.equator.model.item.EncodedItem;

/** A {@code WriteRequest} whose values are right. */
sealed interface BatchWriteAction {
  /** The item, or the key. */
  EncodedItem attributes();

  /** Writes it as it was sent. */
  void write(WireWriter out);

  /** PutRequest. */
  record Put(EncodedItem item) implements BatchWriteAction {
    @Override
    public EncodedItem attributes() {
      return item;
    }

    @Override
    public void write(WireWriter out) {
      out.beginObject();
      out.beginObject("PutRequest");
      out.name("Item");
      out.item(item);
      out.endObject();
      out.endObject();
    }
  }

  /** DeleteRequest. */
  record Delete(EncodedItem key) implements BatchWriteAction {
    @Override
    public EncodedItem attributes() {
      return key;
    }

    @Override
    public void write(WireWriter out) {
      out.beginObject();
      out.beginObject("DeleteRequest");
      out.name("Key");
      out.item(key);
      out.endObject();
      out.endObject();
    }
  }
}
