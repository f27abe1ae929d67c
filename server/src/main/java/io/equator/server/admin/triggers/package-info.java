/**
 * {@code equator admin trigger}: manages event-source mappings and the functions that they call,
 * over HTTP against a running endpoint.
 *
 * <p><b>May import</b> everything that {@code server} may.
 *
 * <p><b>Start at</b> {@link io.equator.server.admin.triggers.TriggerCommand}.
 */
@NullMarked
package io.equator.server.admin.triggers;

import org.jspecify.annotations.NullMarked;
