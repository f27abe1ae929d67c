package io.equator.server.observe;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * What a process shows of itself.
 *
 * @param admin where the admin port listens; port 0 picks a free one; empty: there is none, and
 *     nothing is counted
 * @param slowRequest requests and calls that take at least so long are logged; empty: none
 * @param tableLabelsMax so many tables have labels of their own in the metrics of requests, the
 *     rest share one
 */
public record ObserveOptions(
    Optional<InetSocketAddress> admin, Optional<Duration> slowRequest, int tableLabelsMax) {

  /** Tables with labels of their own, unless something else is said. */
  public static final int TABLE_LABELS_MAX = 100;

  /** No port, no log of slow requests. */
  public static final ObserveOptions NONE =
      new ObserveOptions(Optional.empty(), Optional.empty(), TABLE_LABELS_MAX);

  public ObserveOptions {
    slowRequest.ifPresent(
        limit -> {
          if (limit.isNegative()) {
            throw new IllegalArgumentException(
                "observe.slow-request must not be negative, was " + limit);
          }
        });
    if (tableLabelsMax < 0) {
      throw new IllegalArgumentException(
          "observe.table-labels-max must not be negative, was " + tableLabelsMax);
    }
  }

  /** The same with an admin port at this address. */
  public ObserveOptions withAdmin(InetSocketAddress address) {
    return new ObserveOptions(Optional.of(address), slowRequest, tableLabelsMax);
  }

  /** The same with requests logged that take at least so long. */
  public ObserveOptions withSlowRequest(Duration limit) {
    return new ObserveOptions(admin, Optional.of(limit), tableLabelsMax);
  }

  /** The same with labels for so many tables. */
  public ObserveOptions withTableLabelsMax(int count) {
    return new ObserveOptions(admin, slowRequest, count);
  }
}
