package io.equator.coordinator.query;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.model.error.ApiException;
import io.equator.model.expression.SortBounds;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyCodec;
import io.equator.partitioner.TokenRange;
import io.equator.proto.KeyRange;
import io.equator.proto.Projection;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Targets for readers whose requests are not a Query or Scan; with the same checks. */
public final class PageTargets {
  private PageTargets() {}

  /**
   * A range of one item collection.
   *
   * @param partition the values of the partition key's attributes
   * @param start where an earlier page ended; null to begin at an end
   */
  public static PageTarget collection(
      CatalogSnapshot snapshot,
      TableView table,
      @Nullable IndexView index,
      List<AttributeValue> partition,
      SortBounds bounds,
      @Nullable Projection projection,
      @Nullable EncodedItem start) {
    byte[] key = KeyCodec.encode(partition);
    long token = snapshot.tokenHash(table.ringId()).token(key);
    return target(
        snapshot,
        table,
        index,
        TokenRange.of(token, token),
        KeyRange.newBuilder()
            .setToken(token)
            .setPartitionKey(UnsafeByteOperations.unsafeWrap(key))
            .setLowerInclusive(UnsafeByteOperations.unsafeWrap(bounds.lowerInclusive()))
            .setUpperExclusive(UnsafeByteOperations.unsafeWrap(bounds.upperExclusive()))
            .build(),
        projection,
        start);
  }

  /**
   * The whole table or index.
   *
   * @param start where an earlier page ended; null to begin at the beginning
   */
  public static PageTarget everything(
      CatalogSnapshot snapshot,
      TableView table,
      @Nullable IndexView index,
      @Nullable Projection projection,
      @Nullable EncodedItem start) {
    return target(snapshot, table, index, TokenRange.ALL, null, projection, start);
  }

  private static PageTarget target(
      CatalogSnapshot snapshot,
      TableView table,
      @Nullable IndexView index,
      TokenRange tokens,
      @Nullable KeyRange range,
      @Nullable Projection projection,
      @Nullable EncodedItem start) {
    IndexChoice.checkProjected(index, false, projection);
    IndexChoice.checkReadable(index);
    boolean fetches = IndexChoice.fetchesItems(index, false, projection);
    if (start == null) {
      return new PageTarget(table, index, tokens, range, ByteString.EMPTY, fetches);
    }
    StartKeys.checkAttributes(table, index, start, StartKeys.INVALID);
    StartKeys.Position position = StartKeys.position(snapshot, table, index, start);
    if (range != null && position.token() != range.getToken()) {
      throw ApiException.validation(StartKeys.INVALID);
    }
    return new PageTarget(
        table,
        index,
        range == null ? TokenRange.of(position.token(), tokens.last().bits()) : tokens,
        range,
        UnsafeByteOperations.unsafeWrap(position.bytes()),
        fetches);
  }
}
