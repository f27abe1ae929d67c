/**
 * Query and Scan: pages of a table or a local index.
 *
 * <p>A request is checked, bound to its table into a {@code PageTarget} (which range of which
 * partitions, from which position), and read partition after partition until a limit or the end.
 * The key at which a page ended is a key of the table, so it outlives splits.
 *
 * <p><b>May import</b> what {@code coordinator.items} may, and that package.
 *
 * <p><b>Always true:</b> one page reads at most 1 MB of items, whatever the number of partitions; a
 * page that ended at a limit has a LastEvaluatedKey, a page that ended with the range has none.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.query.Query}, then {@code PageReader}.
 */
@NullMarked
package io.equator.coordinator.query;

import org.jspecify.annotations.NullMarked;
