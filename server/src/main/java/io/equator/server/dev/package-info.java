/**
 * {@code equator dev}: a whole one-region cluster in one process.
 *
 * <p>It is made of the very parts of a real one: storage nodes with their replicated logs and
 * stores, a catalog group on all of them, a coordinator that reaches both through gRPC's in-process
 * transport. {@link EmbeddedCluster} is the list of these parts; everything else here is about the
 * folder, the ports and the words on the screen.
 *
 * <p><b>May import</b> everything.
 *
 * <p><b>Always true:</b> a data folder belongs to one process at a time, and is never opened by a
 * version that does not know its format; what starts is stopped in the reverse order.
 */
@NullMarked
package io.equator.server.dev;

import org.jspecify.annotations.NullMarked;
