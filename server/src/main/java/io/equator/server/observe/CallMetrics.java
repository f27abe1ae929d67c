package io.equator.server.observe;

import io.equator.node.service.CallObserver;
import io.equator.proto.RequestTrace;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Times the calls of one node. */
final class CallMetrics implements CallObserver {

  private final MeterRegistry registry;
  private final String node;
  private final Map<String, Timer> timers = new ConcurrentHashMap<>();

  CallMetrics(MeterRegistry registry, String node) {
    this.registry = registry;
    this.node = node;
  }

  @Override
  public void answered(String method, long partition, RequestTrace request, long nanos) {
    Timer timer = timers.get(method);
    if (timer == null) {
      timer = timers.computeIfAbsent(method, this::register);
    }
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer register(String method) {
    return Durations.timer(Metric.CALL_DURATION, List.of(node, method), registry);
  }
}
