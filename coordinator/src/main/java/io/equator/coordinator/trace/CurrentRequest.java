package io.equator.coordinator.trace;

import io.equator.proto.RequestTrace;
import java.lang.ScopedValue.CallableOp;

/**
 * The client's request that the running code works for.
 *
 * <p>It is bound where a request enters, and bound again where its work goes on: when an answer of
 * a node comes on another thread, after a pause, and on the threads of blocking operations.
 * Whatever hangs on these by callbacks is inside, so operations need not hand it on.
 */
public final class CurrentRequest {
  private static final ScopedValue<RequestTrace> CURRENT = ScopedValue.newInstance();

  private CurrentRequest() {}

  /** Its id; the default message when the code works for no client's request. */
  public static RequestTrace trace() {
    return CURRENT.orElse(RequestTrace.getDefaultInstance());
  }

  /** Runs something for this request. */
  public static <T, X extends Throwable> T call(RequestTrace trace, CallableOp<T, X> work)
      throws X {
    return ScopedValue.where(CURRENT, trace).call(work);
  }

  /** The same for something without a result; at once when it is the current one already. */
  @SuppressWarnings("ReferenceEquality") // the same request has the same object in one process
  public static void run(RequestTrace trace, Runnable work) {
    if (trace == trace()) {
      work.run();
    } else {
      ScopedValue.where(CURRENT, trace).run(work);
    }
  }

  /** The same work, for the request of now, wherever it runs later. */
  public static Runnable carried(Runnable work) {
    RequestTrace trace = trace();
    return trace.equals(RequestTrace.getDefaultInstance()) ? work : () -> run(trace, work);
  }
}
