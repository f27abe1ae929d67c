/**
 * Triggers: event-source mappings from a stream of a table to an HTTP endpoint, which receives
 * batches of records in the form in which Lambda functions do.
 *
 * <p>A mapping is an object of the catalog, managed by Lambda's own REST calls ({@link
 * io.equator.coordinator.triggers.LambdaService}). For each shard one worker, on one coordinator at
 * a time, reads the stream, posts batches and moves a checkpoint ({@link
 * io.equator.coordinator.triggers.ShardWorker}); what becomes of a batch that fails is decided in
 * {@code core}.
 *
 * <p><b>May import</b> the edge's API, {@code json}, {@code streams}, the router, the catalog's
 * copy. <b>Must not</b> import the node.
 *
 * <p><b>Always true:</b> a checkpoint only moves forward, and only behind records that were
 * delivered, filtered out, or given up and told so; a worker that lost its lease moves nothing.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.triggers.TriggerService}.
 */
@NullMarked
package io.equator.coordinator.triggers;

import org.jspecify.annotations.NullMarked;
