/**
 * What a process is made of, whether it is a whole cluster on a laptop or one node of many: the
 * parts of the role {@code node}, those of the role {@code coordinator}, the catalog's member, and
 * how a cluster is founded.
 *
 * <p><b>May import</b> every module. {@code io.equator.server.dev} and {@code
 * io.equator.server.serve} wire these parts; they differ in how parts reach one another, and in
 * nothing else.
 *
 * <p><b>Always true:</b> what has started is closed in the reverse order, also when a start fails
 * in the middle.
 */
@NullMarked
package io.equator.server.roles;

import org.jspecify.annotations.NullMarked;
