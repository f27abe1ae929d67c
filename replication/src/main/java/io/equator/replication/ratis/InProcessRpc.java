package io.equator.replication.ratis;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.jspecify.annotations.Nullable;

/**
 * Ratis's transport over an {@link InProcessNetwork}. Ratis finds it by its class name and makes it
 * with the constructor without arguments; the network comes with the server's parameters.
 */
public final class InProcessRpc implements RpcType {

  private static final String SIDE = "equator.raft.in-process";

  /** What a server brings with it: the network, and which of its groups may be reached. */
  private record Side(InProcessNetwork network, Predicate<RaftGroupId> open) {}

  /** For Ratis. */
  public InProcessRpc() {}

  /** The parameters of a server on this network. */
  static Parameters parameters(InProcessNetwork network, Predicate<RaftGroupId> open) {
    Parameters parameters = new Parameters();
    parameters.put(SIDE, new Side(network, open), Side.class);
    return parameters;
  }

  @Override
  public String name() {
    return InProcessRpc.class.getName();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(this, parameters.getNonNull(SIDE, Side.class));
  }

  private record Factory(RpcType type, Side side) implements ServerFactory {

    @Override
    public RpcType getRpcType() {
      return type;
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division division, LeaderState state, FollowerInfo follower) {
      return new InProcessAppender(division, state, follower);
    }

    @Override
    public RaftServerRpc newRaftServerRpc(RaftServer server) {
      return new Rpc(type, side, server);
    }
  }

  /** One server's side: its calls out go straight to the other server's door. */
  private static final class Rpc implements RaftServerRpc {

    private final RpcType type;
    private final Side side;
    private final RaftServer server;

    Rpc(RpcType type, Side side, RaftServer server) {
      this.type = type;
      this.side = side;
      this.server = server;
    }

    @Override
    public RpcType getRpcType() {
      return type;
    }

    @Override
    public void start() {
      side.network.register(server.getId(), server, side.open);
    }

    @Override
    public void close() {
      side.network.unregister(server.getId(), server);
    }

    @Override
    @SuppressWarnings("NullAway") // Ratis takes null for "has no address".
    public @Nullable InetSocketAddress getInetSocketAddress() {
      return null;
    }

    @Override
    public void addRaftPeers(Collection<RaftPeer> peers) {}

    @Override
    public void handleException(RaftPeerId peer, Exception e, boolean reconnect) {}

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request)
        throws IOException {
      return call(request.getServerRequest(), peer -> peer.appendEntries(request));
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
      return call(request.getServerRequest(), peer -> peer.requestVote(request));
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request)
        throws IOException {
      return call(request.getServerRequest(), peer -> peer.installSnapshot(request));
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(
        StartLeaderElectionRequestProto request) throws IOException {
      return call(request.getServerRequest(), peer -> peer.startLeaderElection(request));
    }

    /**
     * Calls the other server as a connection would: on a thread of the other side, because Ratis
     * interrupts its callers when a role ends, and an interrupt must not reach the other's files;
     * and with an IOException for whatever goes wrong there.
     */
    private <T> T call(RaftRpcRequestProto header, Call<T> call) throws IOException {
      RaftServer peer =
          side.network.reach(
              RaftPeerId.valueOf(header.getReplyId()),
              RaftGroupId.valueOf(header.getRaftGroupId().getId()));
      CompletableFuture<T> reply = new CompletableFuture<>();
      Thread.ofVirtual()
          .name("raft-call")
          .start(
              () -> {
                try {
                  reply.complete(call.on(peer));
                } catch (Throwable e) {
                  reply.completeExceptionally(e);
                }
              });
      try {
        return reply.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for " + peer.getId());
      } catch (ExecutionException e) {
        throw new IOException("the Raft server " + peer.getId() + " failed", e.getCause());
      }
    }

    /** One method of the other server. */
    @FunctionalInterface
    private interface Call<T> {
      T on(RaftServer peer) throws IOException;
    }
  }
}
