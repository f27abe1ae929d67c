package io.equator.replication.ratis;

import java.util.EnumSet;
import java.util.function.Predicate;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;

/**
 * Keeps a leader's request to install a snapshot from a division that is still starting.
 *
 * <p>Ratis 3.3.0 turns entries and votes away until then, but not this request: it changes the role
 * of the half-made division, whose start then fails. With groups opened while the server runs, a
 * replica that comes back far behind its leader would meet it.
 */
final class StartGate {

  private StartGate() {}

  /**
   * The gate for a gRPC server.
   *
   * @param open which groups have started
   */
  static GrpcServices.Customizer forGrpc(Predicate<RaftGroupId> open) {
    return new GrpcServices.Customizer() {
      @Override
      public NettyServerBuilder customize(
          NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
        return builder.intercept(new Interceptor(open));
      }
    };
  }

  private record Interceptor(Predicate<RaftGroupId> open) implements ServerInterceptor {

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      ServerCall.Listener<Q> listener = next.startCall(call, headers);
      if (!"installSnapshot".equals(call.getMethodDescriptor().getBareMethodName())) {
        return listener;
      }
      return new SimpleForwardingServerCallListener<>(listener) {
        private boolean refused;

        @Override
        public void onMessage(Q message) {
          if (!refused
              && message instanceof InstallSnapshotRequestProto request
              && !open.test(
                  RaftGroupId.valueOf(request.getServerRequest().getRaftGroupId().getId()))) {
            refused = true;
            call.close(
                Status.UNAVAILABLE.withDescription("the replica is starting"), new Metadata());
          }
          if (!refused) {
            super.onMessage(message);
          }
        }

        @Override
        public void onHalfClose() {
          if (!refused) {
            super.onHalfClose();
          }
        }
      };
    }
  }
}
