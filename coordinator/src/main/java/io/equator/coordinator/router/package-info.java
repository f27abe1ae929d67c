/**
 * From a table and a key to the node that answers for it.
 *
 * <p>Every data request is bound to the newest copy of the catalog, sent to one partition, and sent
 * again when the answer says that the copy was old or that leadership moved: {@link
 * io.equator.coordinator.router.Router} is the only class that operations see. A request ends in a
 * {@link io.equator.coordinator.router.Routed} value, never in an exception.
 *
 * <p><b>May import</b> {@code proto}, {@code model}, {@code partitioner}, {@code
 * replication.catalog}, {@code coordinator.trace}, {@code coordinator.capacity} and gRPC's client
 * stubs. <b>Must not</b> import the edge (HTTP, JSON) or the node's code.
 *
 * <p><b>Always true:</b> no call outlives its deadline; a write keeps one request id over all its
 * attempts, and only writes that carry one are sent twice; an overloaded node is not asked again
 * for the same request.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.router.Router}, then {@code PartitionCall}.
 */
@NullMarked
package io.equator.coordinator.router;

import org.jspecify.annotations.NullMarked;
