package io.equator.server.observe;

import io.equator.coordinator.api.ApiFrame;
import io.equator.coordinator.http.HttpServer;

/** The way in: connections, bytes, and what waits for an answer. */
record EdgeMetrics(ApiFrame frame, HttpServer http) implements MetricSource {
  @Override
  public void read(Readings to) {
    to.set(Metric.REQUESTS_IN_FLIGHT, frame.inFlight());
    to.set(Metric.HTTP_CONNECTIONS, http.connectionCount());
    to.set(Metric.HTTP_RECEIVED, http.receivedBytes());
    to.set(Metric.HTTP_SENT, http.sentBytes());
  }
}
