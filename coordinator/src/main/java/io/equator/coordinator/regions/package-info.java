/**
 * Takes what other regions send: merges items by their versions, and keeps how far each source has
 * come.
 *
 * <p><b>May import</b> the router, the copy of the catalog, the model, gRPC's API. <b>Must not</b>
 * import the node.
 *
 * <p><b>Always true:</b> {@code APPLIED} is answered when every item is durable, merged or beaten;
 * a cursor never goes back, and never stands for items that are not durable.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.regions.Inbox}.
 */
@NullMarked
package io.equator.coordinator.regions;

import org.jspecify.annotations.NullMarked;
