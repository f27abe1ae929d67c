/**
 * What breaks a cluster: {@link io.equator.chaos.nemesis.Fault} one by one, {@link
 * io.equator.chaos.nemesis.Nemesis} in an order that a seed decides.
 *
 * <p><b>Always true:</b> a fault proves that it is there, where it could be vacuous (a cut that
 * lets bytes through), and undoes itself; afterwards the cluster must become well by itself.
 */
@org.jspecify.annotations.NullMarked
package io.equator.chaos.nemesis;
