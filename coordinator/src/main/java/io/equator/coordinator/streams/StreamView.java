package io.equator.coordinator.streams;

import io.equator.coordinator.tables.Arns;
import io.equator.proto.PastStream;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a table, switched on or, for 24 hours, off.
 *
 * @param id names it in change records
 * @param createdMillis milliseconds since the epoch
 * @param changedMillis when it was switched on or off the last time, milliseconds since the epoch
 * @param endedSchemaVersion the schema version that switched it off; 0 while it is on
 */
record StreamView(
    TableView table,
    long id,
    String label,
    String viewType,
    long createdMillis,
    long changedMillis,
    long endedSchemaVersion) {
  private static final long READABLE_MILLIS = 24L * 60 * 60 * 1000;

  boolean isOpen() {
    return endedSchemaVersion == 0;
  }

  String arn(Arns arns) {
    return arns.stream(table.name(), label);
  }

  boolean hasNewImage() {
    return viewType.equals("NEW_IMAGE") || viewType.equals("NEW_AND_OLD_IMAGES");
  }

  boolean hasOldImage() {
    return viewType.equals("OLD_IMAGE") || viewType.equals("NEW_AND_OLD_IMAGES");
  }

  /** The streams of a table that can be read, oldest first. */
  static List<StreamView> of(TableView table, long nowMillis) {
    List<StreamView> streams = new ArrayList<>();
    TableDescriptor descriptor = table.descriptor();
    for (PastStream past : descriptor.getPastStreamsList()) {
      if (nowMillis - past.getDisabledMillis() <= READABLE_MILLIS) {
        streams.add(
            new StreamView(
                table,
                past.getStreamId(),
                past.getLabel(),
                past.getViewType(),
                past.getCreatedMillis(),
                past.getDisabledMillis(),
                past.getEndedSchemaVersion()));
      }
    }
    if (descriptor.getStreamEnabled()) {
      streams.add(
          new StreamView(
              table,
              descriptor.getStreamId(),
              descriptor.getStreamLabel(),
              descriptor.getStreamViewType(),
              descriptor.getStreamCreatedMillis(),
              descriptor.getStreamCreatedMillis(),
              0));
    }
    return streams;
  }

  /**
   * The streams of all tables of this name that are or were there; of all names when it is null.
   */
  static List<StreamView> of(CatalogSnapshot snapshot, @Nullable String name, long nowMillis) {
    List<StreamView> streams = new ArrayList<>();
    for (TableView dropped : snapshot.droppedTables()) {
      if (name == null || name.equals(dropped.name())) {
        streams.addAll(of(dropped, nowMillis));
      }
    }
    if (name == null) {
      snapshot.tables().values().forEach(table -> streams.addAll(of(table, nowMillis)));
    } else {
      snapshot.table(name).ifPresent(table -> streams.addAll(of(table, nowMillis)));
    }
    return streams;
  }

  /** The stream of this name. */
  static Optional<StreamView> find(
      CatalogSnapshot snapshot, Arns arns, String arn, long nowMillis) {
    String prefix = arns.tablePrefix();
    int label = arn.indexOf("/stream/");
    if (!arn.startsWith(prefix) || label < prefix.length()) {
      return Optional.empty();
    }
    return of(snapshot, arn.substring(prefix.length(), label), nowMillis).stream()
        .filter(stream -> stream.arn(arns).equals(arn))
        .findFirst();
  }

  /** The stream that an iterator was made for. */
  static Optional<StreamView> find(
      CatalogSnapshot snapshot, int table, long stream, long nowMillis) {
    return snapshot
        .table(table)
        .or(() -> snapshot.droppedTable(table))
        .flatMap(
            found -> of(found, nowMillis).stream().filter(view -> view.id() == stream).findFirst());
  }
}
