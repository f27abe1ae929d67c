/**
 * {@code equator serve}: one process of a cluster, until it is told to stop.
 *
 * <p><b>May import</b> what {@code io.equator.server.roles} may, and the packages for configuration
 * and identity.
 *
 * <p><b>Always true:</b> roles reach one another over gRPC, also within this process; the cluster's
 * catalog says who is there, and the configuration only who this process is.
 */
@NullMarked
package io.equator.server.serve;

import org.jspecify.annotations.NullMarked;
