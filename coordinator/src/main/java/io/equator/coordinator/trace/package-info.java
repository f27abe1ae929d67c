/**
 * Which client's request the code of this moment works for, so that the logs of coordinators and
 * nodes can be put together by one id.
 *
 * <p><b>May import</b> {@code proto}.
 *
 * <p><b>Always true:</b> nothing but logs depends on it; where it is lost, a log line lacks an id
 * and nothing else happens.
 */
@NullMarked
package io.equator.coordinator.trace;

import org.jspecify.annotations.NullMarked;
