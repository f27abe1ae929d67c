/**
 * The API's frame, which knows neither sockets nor tables: which operation a request names, who
 * sent it, in which order it is checked, and how an answer or an error is spelled.
 *
 * <p><b>May import</b> the JDK, {@code io.equator.model}, {@code io.equator.coordinator.json} and
 * {@code .trace}. <b>Must not</b> import Netty, Jackson, or any operation's own package.
 *
 * <p><b>Always true:</b> each request that reaches {@link io.equator.coordinator.api.ApiFrame} gets
 * exactly one answer; a failure that nobody foresaw becomes an {@code InternalServerError} and is
 * logged with the request's id.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.api.Operation}, then {@link
 * io.equator.coordinator.api.ApiFrame}.
 */
@NullMarked
package io.equator.coordinator.api;

import org.jspecify.annotations.NullMarked;
