/**
 * The {@code equator} command: reads the configuration and wires roles into one process, by hand,
 * top to bottom.
 *
 * <p><b>May import</b> everything. <b>Nobody imports it.</b>
 *
 * <p><b>Always true:</b> what starts is stopped in the reverse order.
 */
@NullMarked
package io.equator.server;

import org.jspecify.annotations.NullMarked;
