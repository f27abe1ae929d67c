package io.equator.coordinator.query;

import com.google.protobuf.ByteString;
import io.equator.partitioner.TokenRange;
import io.equator.proto.KeyRange;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import org.jspecify.annotations.Nullable;

/**
 * Where a page is to be read.
 *
 * @param table the table
 * @param index the local index; null for the table itself
 * @param tokens the tokens to read; of a query that of its partition key
 * @param collection the range within one item collection; null for a scan
 * @param exclusiveStart position to start behind; empty to start at an end of the range
 * @param fetchItems whether the table's items are read for rows of the index
 */
public record PageTarget(
    TableView table,
    @Nullable IndexView index,
    TokenRange tokens,
    @Nullable KeyRange collection,
    ByteString exclusiveStart,
    boolean fetchItems) {}
