/**
 * What operators do with a cluster that runs: found it, let nodes in, look at it, move its
 * replicas.
 *
 * <p>A command is run where a node's configuration and folder are: it shows the node's certificate,
 * asks the catalog what should be and every node what is, and changes the catalog by the same
 * compare-and-set steps as the reconciler, which does the work.
 */
@NullMarked
package io.equator.server.admin.cluster;

import org.jspecify.annotations.NullMarked;
