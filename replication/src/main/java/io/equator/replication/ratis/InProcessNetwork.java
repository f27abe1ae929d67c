package io.equator.replication.ratis;

import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;

/**
 * Connects the Raft servers of one process by method calls: no socket, no serialisation, no event
 * loops. Make one for each cluster in a process; a node that is alone has one for itself.
 */
public final class InProcessNetwork {

  private final ConcurrentMap<RaftPeerId, Door> doors = new ConcurrentHashMap<>();

  /** A network without servers. */
  public InProcessNetwork() {}

  /**
   * Where a server is reached.
   *
   * @param open which groups may be asked for; see {@link StartGate}
   */
  private record Door(RaftServer server, Predicate<RaftGroupId> open) {}

  void register(RaftPeerId id, RaftServer server, Predicate<RaftGroupId> open) {
    if (doors.putIfAbsent(id, new Door(server, open)) != null) {
      throw new IllegalStateException("two Raft servers named " + id + " in one network");
    }
  }

  void unregister(RaftPeerId id, RaftServer server) {
    doors.computeIfPresent(id, (_, door) -> door.server.equals(server) ? null : door);
  }

  /**
   * The server with this id, as a connection would reach it.
   *
   * @throws IOException when it, or the group on it, is not there
   */
  RaftServer reach(RaftPeerId id, RaftGroupId group) throws IOException {
    Door door = doors.get(id);
    if (door == null || !door.open.test(group)) {
      throw new AwayException(id, group);
    }
    return door.server;
  }

  /** Expected while a node starts or is away; has no stack trace, because it comes in streams. */
  private static final class AwayException extends IOException {

    private static final long serialVersionUID = 1;

    AwayException(RaftPeerId id, RaftGroupId group) {
      super(group + " does not run on " + id);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
