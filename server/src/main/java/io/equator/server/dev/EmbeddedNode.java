package io.equator.server.dev;

import io.equator.node.StorageNode;
import io.equator.replication.log.ReplicatedLog;
import io.equator.server.observe.Observation;
import io.equator.server.roles.NodeRole;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;

/** One node of an embedded cluster: the role, and its gRPC services under the node's name. */
final class EmbeddedNode implements AutoCloseable {

  /**
   * What a node is made with.
   *
   * @param serverName the name of its services in this process
   * @param observation of the process
   */
  record Setup(NodeRole.Setup role, String serverName, Observation observation) {}

  private final NodeRole role;
  private final Server services;

  /** Starts the node; throws as {@link NodeRole} does. */
  EmbeddedNode(Setup setup) throws IOException {
    role = new NodeRole(setup.role, setup.observation);
    try {
      InProcessServerBuilder builder =
          InProcessServerBuilder.forName(setup.serverName).directExecutor();
      for (BindableService service : role.services()) {
        builder.addService(service);
      }
      role.catalogMember().ifPresent(member -> member.services().forEach(builder::addService));
      services = builder.build().start();
    } catch (IOException | RuntimeException e) {
      role.close();
      throw e;
    }
  }

  /** The storage, for tests. */
  StorageNode storage() {
    return role.storage();
  }

  /** The catalog's log, for tests. */
  ReplicatedLog catalogLog() {
    return role.catalogMember().orElseThrow().log();
  }

  /** Makes everything durable and cuts all logs behind it, as happens now and then; for tests. */
  void cutLogs() {
    role.storage().flush();
    role.catalogMember().orElseThrow().writeImage();
  }

  /** Stops as a crash would: nobody is told, and nothing is made durable that is not yet. */
  void crash() {
    services.shutdownNow();
    role.crash();
  }

  @Override
  public void close() {
    services.shutdownNow();
    role.close();
  }
}
