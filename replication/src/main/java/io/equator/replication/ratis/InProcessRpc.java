package io.equator.replication.ratis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.function.Supplier;
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
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Ratis's transport over an {@link InProcessNetwork}. Ratis finds it by its class name and makes it
 * with the constructor without arguments; the network comes with the server's parameters.
 */
public final class InProcessRpc implements RpcType {

  private static final String NETWORK = "equator.raft.in-process-network";

  /** For Ratis. */
  public InProcessRpc() {}

  /** The parameters of a server on this network. */
  static Parameters parameters(InProcessNetwork network) {
    Parameters parameters = new Parameters();
    parameters.put(NETWORK, network, InProcessNetwork.class);
    return parameters;
  }

  @Override
  public String name() {
    return InProcessRpc.class.getName();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(this, parameters.getNonNull(NETWORK, InProcessNetwork.class));
  }

  private record Factory(RpcType type, InProcessNetwork network) implements ServerFactory {

    @Override
    public RpcType getRpcType() {
      return type;
    }

    @Override
    public RaftServerRpc newRaftServerRpc(RaftServer server) {
      return new Rpc(type, network, server, server::getId);
    }
  }

  /** One server's side: its calls out go straight to the other server's door. */
  private static final class Rpc implements RaftServerRpc {

    private final RpcType type;
    private final InProcessNetwork network;
    private final RaftServer server;
    private final Supplier<RaftPeerId> id;

    Rpc(RpcType type, InProcessNetwork network, RaftServer server, Supplier<RaftPeerId> id) {
      this.type = type;
      this.network = network;
      this.server = server;
      this.id = id;
    }

    @Override
    public RpcType getRpcType() {
      return type;
    }

    @Override
    public void start() {
      network.register(id.get(), server);
    }

    @Override
    public void close() {
      network.unregister(id.get(), server);
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
      return target(request.getServerRequest()).appendEntries(request);
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
      return target(request.getServerRequest()).requestVote(request);
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request)
        throws IOException {
      return target(request.getServerRequest()).installSnapshot(request);
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(
        StartLeaderElectionRequestProto request) throws IOException {
      return target(request.getServerRequest()).startLeaderElection(request);
    }

    private RaftServer target(RaftRpcRequestProto request) throws IOException {
      return network.reach(RaftPeerId.valueOf(request.getReplyId()));
    }
  }
}
