package io.equator.replication.ratis;

import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;

/**
 * Connects the Raft servers of one process by method calls: no socket, no serialisation, no event
 * loops. Make one for each cluster in a process; a node that is alone has one for itself.
 */
public final class InProcessNetwork {

  private final ConcurrentMap<RaftPeerId, RaftServer> servers = new ConcurrentHashMap<>();

  void register(RaftPeerId id, RaftServer server) {
    if (servers.putIfAbsent(id, server) != null) {
      throw new IllegalStateException("two Raft servers named " + id + " in one network");
    }
  }

  void unregister(RaftPeerId id, RaftServer server) {
    servers.remove(id, server);
  }

  /**
   * The server with this id, as a connection would reach it.
   *
   * @throws IOException when it is not there
   */
  RaftServer reach(RaftPeerId id) throws IOException {
    RaftServer server = servers.get(id);
    if (server == null) {
      throw new NotConnectedException(id);
    }
    return server;
  }

  /** Expected while a node starts or is away; has no stack trace, because it comes in streams. */
  private static final class NotConnectedException extends IOException {

    private static final long serialVersionUID = 1;

    NotConnectedException(RaftPeerId id) {
      super("the Raft server " + id + " is not running in this process");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
