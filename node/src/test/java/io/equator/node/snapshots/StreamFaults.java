package io.equator.node.snapshots;

import com.google.protobuf.ByteString;
import io.equator.proto.FetchSnapshotRequest;
import io.equator.proto.SnapshotChunk;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Breaks streams of states: each fault is for one stream, in order; later ones are whole. */
final class StreamFaults implements ClientInterceptor {
  private record Fault(int after, boolean cut, boolean damage, @Nullable Runnable run) {}

  private final ArrayDeque<Fault> faults = new ArrayDeque<>();
  private final List<FetchSnapshotRequest> requests = new ArrayList<>();

  /** The stream breaks off after so many chunks. */
  synchronized StreamFaults breakAfter(int chunks) {
    faults.add(new Fault(chunks, true, false, null));
    return this;
  }

  /** The next data after so many chunks comes with another bit. */
  synchronized StreamFaults damageAfter(int chunks) {
    faults.add(new Fault(chunks, false, true, null));
    return this;
  }

  /** Something happens after so many chunks, on a thread of its own that the stream waits for. */
  synchronized StreamFaults runAfter(int chunks, Runnable run) {
    faults.add(new Fault(chunks, false, false, run));
    return this;
  }

  /** What was asked for. */
  synchronized List<FetchSnapshotRequest> requests() {
    return List.copyOf(requests);
  }

  private synchronized @Nullable Fault next() {
    return faults.poll();
  }

  private synchronized void asked(FetchSnapshotRequest request) {
    requests.add(request);
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    Fault fault = next();
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void sendMessage(Q message) {
        asked((FetchSnapshotRequest) message);
        super.sendMessage(message);
      }

      @Override
      public void start(Listener<A> listener, Metadata headers) {
        super.start(fault == null ? listener : new Faulty<>(listener, fault, this), headers);
      }
    };
  }

  private static final class Faulty<A> extends SimpleForwardingClientCallListener<A> {
    private final Fault fault;
    private final ClientCall<?, A> call;
    private int chunks;
    private boolean done;

    Faulty(ClientCall.Listener<A> listener, Fault fault, ClientCall<?, A> call) {
      super(listener);
      this.fault = fault;
      this.call = call;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void onMessage(A message) {
      boolean due = chunks++ >= fault.after && !done;
      if (due && fault.cut) {
        done = true;
        call.cancel("cut", null);
        return;
      }
      if (due && fault.damage && ((SnapshotChunk) message).hasData()) {
        done = true;
        byte[] bytes = ((SnapshotChunk) message).getData().toByteArray();
        bytes[bytes.length / 2] ^= 4;
        super.onMessage((A) SnapshotChunk.newBuilder().setData(ByteString.copyFrom(bytes)).build());
        return;
      }
      if (due && fault.run != null) {
        done = true;
        Thread thread = Thread.ofPlatform().daemon().start(fault.run);
        try {
          thread.join(20_000);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      super.onMessage(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      super.onClose(done && fault.cut ? Status.UNAVAILABLE : status, trailers);
    }
  }
}
