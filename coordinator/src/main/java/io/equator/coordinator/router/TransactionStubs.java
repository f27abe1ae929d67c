package io.equator.coordinator.router;

import io.equator.proto.NodeServiceGrpc.NodeServiceStub;
import io.equator.proto.TransactionServiceGrpc;
import io.equator.proto.TransactionServiceGrpc.TransactionServiceStub;
import io.grpc.Deadline;
import org.jspecify.annotations.Nullable;

/** The service for transactions stands beside the node's, on the same channel. */
final class TransactionStubs {
  private TransactionStubs() {}

  static TransactionServiceStub of(NodeServiceStub node) {
    @Nullable Deadline deadline = node.getCallOptions().getDeadline();
    TransactionServiceStub stub = TransactionServiceGrpc.newStub(node.getChannel());
    return deadline == null ? stub : stub.withDeadline(deadline);
  }
}
