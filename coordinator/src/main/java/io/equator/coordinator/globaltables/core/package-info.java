/**
 * The document of a global table: who its members are, and what follows from it for a region.
 *
 * <p>Pure: no I/O, no threads, no clock but through stamps that the caller makes.
 *
 * <p><b>Always true:</b> a change of a part gives it a version that is greater than the one that it
 * had, so that the join of {@code coordinator.federation} keeps it.
 *
 * <p><b>May import</b> {@code proto}.
 */
@NullMarked
package io.equator.coordinator.globaltables.core;

import org.jspecify.annotations.NullMarked;
