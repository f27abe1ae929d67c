package io.equator.server.observe;

import io.equator.coordinator.api.RequestId;
import io.equator.coordinator.api.RequestObserver;
import io.equator.node.service.CallObserver;
import io.equator.partitioner.NodeId;
import io.equator.proto.RequestTrace;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs requests and calls that took long, with the id that the client has got in {@code
 * x-amzn-RequestId}: the line of the edge and those of the nodes that worked for the request have
 * the same one.
 *
 * <p>A cluster in trouble is slow for everybody, so at most {@value #LINES_PER_SECOND} lines a
 * second are written for the edge, and as many for each node; the next line says how many were not.
 */
final class SlowRequests {
  static final int LINES_PER_SECOND = 10;

  private static final Logger LOG = LoggerFactory.getLogger(SlowRequests.class);

  private final long nanosMin;
  private final LongSupplier nanoTime;

  /**
   * @param limit what takes at least so long is slow
   * @param nanoTime a clock that only goes on
   */
  SlowRequests(Duration limit, LongSupplier nanoTime) {
    this.nanosMin = limit.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Watches the edge. */
  RequestObserver requests() {
    RateLimit rate = new RateLimit(LINES_PER_SECOND, nanoTime);
    return request -> {
      if (request.nanos() < nanosMin) {
        return;
      }
      long heldBack = rate.take();
      if (heldBack < 0) {
        return;
      }
      String table = request.table() == null ? "" : request.table();
      String code = request.error() == null ? "" : request.error().code();
      LoggingEventBuilder line =
          LOG.atWarn()
              .addKeyValue("requestId", request.id().toString())
              .addKeyValue("operation", request.operation())
              .addKeyValue("table", table)
              .addKeyValue("code", code)
              .addKeyValue("millis", millis(request.nanos()));
      line.log(
          "slow request {}: {}{}{} took {} ms{}",
          request.id(),
          request.operation(),
          table.isEmpty() ? "" : " of " + table,
          code.isEmpty() ? "" : " (" + code + ")",
          millis(request.nanos()),
          heldBack(heldBack));
    };
  }

  /** Watches the calls of a node. */
  CallObserver calls(NodeId node) {
    RateLimit rate = new RateLimit(LINES_PER_SECOND, nanoTime);
    return (method, partition, request, nanos) -> {
      if (nanos < nanosMin) {
        return;
      }
      long heldBack = rate.take();
      if (heldBack < 0) {
        return;
      }
      String id =
          request.equals(RequestTrace.getDefaultInstance()) ? "" : RequestId.of(request).toString();
      LOG.atWarn()
          .addKeyValue("requestId", id)
          .addKeyValue("node", node.value())
          .addKeyValue("method", method)
          .addKeyValue("partition", partition)
          .addKeyValue("millis", millis(nanos))
          .log(
              "slow call{}: {} of partition {} on {} took {} ms{}",
              id.isEmpty() ? "" : " of request " + id,
              method,
              partition,
              node.value(),
              millis(nanos),
              heldBack(heldBack));
    };
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
  }

  private static String heldBack(long count) {
    return count == 0 ? "" : " (" + count + " slow ones before it were not written)";
  }
}
