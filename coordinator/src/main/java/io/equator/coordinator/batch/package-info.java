/**
 * BatchGetItem and BatchWriteItem: many keys of many tables in one request.
 *
 * <p>Everything that can be checked is checked before anything is read or written. Then the entries
 * are grouped by partition, and each group is one node call; the groups run beside one another.
 * What a partition cannot do now comes back as unprocessed, which is why a batch only fails as a
 * whole when nothing of it was done.
 *
 * <p><b>May import</b> what {@code coordinator.items} may, and that package.
 *
 * <p><b>Always true:</b> an entry is either in the answer, or unprocessed, or was refused together
 * with all the others before the first node call.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.batch.BatchWriteItem}, then {@code Groups}.
 */
@NullMarked
package io.equator.coordinator.batch;

import org.jspecify.annotations.NullMarked;
