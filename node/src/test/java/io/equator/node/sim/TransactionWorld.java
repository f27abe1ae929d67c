package io.equator.node.sim;

import io.equator.coordinator.transactions.TransactionEngine;
import io.equator.node.service.HostedPartition;
import io.equator.node.service.NodeEndpoint;
import io.equator.node.service.TransactionEndpoint;
import io.equator.partitioner.NodeId;
import io.equator.proto.WriteRequest;
import io.equator.proto.WriteResponse;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What clients and coordinators see of a simulated run. */
interface TransactionWorld {

  /** A node's services. */
  interface Node {
    NodeEndpoint endpoint();

    TransactionEndpoint transactions();

    @Nullable HostedPartition partition(long id);
  }

  /** A call of a node's service that still wants its observer. */
  interface ServiceCall<A> {
    Consumer<StreamObserver<A>> to(Node node);
  }

  CatalogSnapshot catalog();

  /** The way of the coordinator that is alive. */
  SimulatedAccess access();

  /** The engine of the coordinator that is alive. */
  TransactionEngine engine();

  /** Whether clients still ask. */
  boolean isAsking();

  boolean has(TransactionBug bug);

  /** Whether something is broken in how partitions are split. */
  default boolean has(SplitBug bug) {
    return false;
  }

  boolean isFaulty();

  long nextRequestId();

  long millis();

  NodeId anyNode();

  /** Carries a message to a node and its answer back, perhaps. */
  <A> void deliver(NodeId node, long late, ServiceCall<A> call, Consumer<A> reply);

  void write(Node node, WriteRequest request, StreamObserver<WriteResponse> reply);
}
