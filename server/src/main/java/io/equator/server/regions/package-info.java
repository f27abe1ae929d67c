/**
 * How clusters reach one another as regions, over the network: the port for other regions, the
 * channels to them, who is believed, and the invitation by which one gets to know another.
 *
 * <p><b>Always true:</b> a region is known by the root of its cluster, which stands in its document
 * in the catalog; a certificate under one region's root is good for that region only, and for
 * nothing inside the own cluster. A region that was removed is not believed from the next call on.
 *
 * <p><b>Start at</b> {@link io.equator.server.regions.RegionTrust}.
 */
@NullMarked
package io.equator.server.regions;

import org.jspecify.annotations.NullMarked;
