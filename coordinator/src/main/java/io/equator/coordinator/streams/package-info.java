/**
 * DynamoDB Streams: what is in the change log of each partition, shown as shards.
 *
 * <p>A shard is (stream, partition, rotation). It is open while the stream is switched on, until
 * the partition is split or the next rotation. Its records are the changes that were decided while
 * it was, in the order of the partition's log; a sequence number is a place in that log, written in
 * decimal.
 *
 * <p><b>May import</b> the edge's API, the catalog's copy, gRPC stubs. <b>Must not</b> import the
 * node.
 *
 * <p><b>Always true:</b> an item is always in one shard, so its changes have an order; positions in
 * iterators are authenticated, so nobody reads what he was not given.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.streams.StreamOperations}.
 */
@NullMarked
package io.equator.coordinator.streams;

import org.jspecify.annotations.NullMarked;
