/**
 * What a process shows of itself: metrics, probes, and the log of slow requests.
 *
 * <p>The other modules know nothing of metrics. They offer plain statistics to be read ({@link
 * io.equator.server.observe.MetricSource} turns them into readings at each scrape) and tell plain
 * interfaces of what happens ({@code RequestObserver}, {@code CallObserver}), so that a process
 * without an admin port pays nothing and loads nothing.
 *
 * <p><b>May import</b> everything; Micrometer shows here only.
 *
 * <p><b>Always true:</b> every metric is a constant of {@link io.equator.server.observe.Metric},
 * with its labels; a label takes a bounded number of values, whatever clients send.
 *
 * <p><b>Start at</b> {@link io.equator.server.observe.Observation}, the one class that launchers
 * see.
 */
@NullMarked
package io.equator.server.observe;

import org.jspecify.annotations.NullMarked;
