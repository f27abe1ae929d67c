package io.equator.server.observe;

/** Something whose figures are read when somebody asks for the metrics. */
@FunctionalInterface
interface MetricSource {
  /** Says the figures of this moment; on the thread of the scrape, one scrape at a time. */
  void read(Readings to);
}
