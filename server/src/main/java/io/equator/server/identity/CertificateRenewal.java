package io.equator.server.identity;

import com.google.protobuf.ByteString;
import io.equator.partitioner.NodeId;
import io.equator.proto.CertificateServiceGrpc;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.RenewCertificateRequest;
import io.equator.replication.catalog.CatalogSnapshot;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews this node's certificate when a third of its time is left: with a new key, signed here
 * where the root's key is, elsewhere by any node that has it. It needs neither a token nor a
 * restart. What fails is tried again at the next look, and there is much time for that.
 */
public final class CertificateRenewal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateRenewal.class);
  private static final Duration LOOK_MAX = Duration.ofHours(1);
  private static final Duration LOOK_MIN = Duration.ofSeconds(1);
  private static final long ANSWER_WITHIN_SECONDS = 10;

  private final NodeId self;
  private final ClusterCertificates certificates;
  private final Supplier<CatalogSnapshot> catalog;
  private final Function<NodeId, @Nullable Channel> channels;
  private final InstantSource clock;
  private final Thread thread;

  /** One that has not started. */
  public CertificateRenewal(
      NodeId self,
      ClusterCertificates certificates,
      Supplier<CatalogSnapshot> catalog,
      Function<NodeId, @Nullable Channel> channels,
      InstantSource clock) {
    this.self = self;
    this.certificates = certificates;
    this.catalog = catalog;
    this.channels = channels;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("certificate").unstarted(this::run);
  }

  /** Starts it. */
  public CertificateRenewal start() {
    thread.start();
    return this;
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        look();
        Thread.sleep(pause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException | RuntimeException e) {
        LOG.error("the certificate of {} could not be renewed; it is tried again", self, e);
        if (!slept()) {
          return;
        }
      }
    }
  }

  private static boolean slept() {
    try {
      Thread.sleep(LOOK_MIN);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Often enough for the shortest certificate, and not more than every hour. */
  private Duration pause() throws IOException {
    Duration tenth = certificates.lifetime().dividedBy(10);
    Duration pause = tenth.compareTo(LOOK_MAX) > 0 ? LOOK_MAX : tenth;
    return pause.compareTo(LOOK_MIN) < 0 ? LOOK_MIN : pause;
  }

  private void look() throws IOException {
    Instant end = certificates.expires();
    if (Duration.between(clock.instant(), end).compareTo(certificates.lifetime().dividedBy(3))
        > 0) {
      return;
    }
    NodeDescriptor node = catalog.get().node(self).orElse(null);
    if (node == null) {
      return;
    }
    try (ClusterCertificates.Renewal renewal = certificates.renewal(self.value())) {
      byte[] signed =
          certificates.canSign()
              ? certificates.sign(renewal.request(), self.value(), hosts(node), clock.instant())
              : ask(renewal.request());
      renewal.finish(signed);
    }
    LOG.info(
        "the certificate of {} has been renewed: {} instead of {}",
        self,
        certificates.expires(),
        end);
  }

  private byte[] ask(byte[] request) throws IOException {
    List<String> answers = new ArrayList<>();
    for (NodeDescriptor node : catalog.get().nodes()) {
      NodeId id = new NodeId(node.getNodeId());
      Channel channel = id.equals(self) ? null : channels.apply(id);
      if (channel == null) {
        continue;
      }
      try {
        return CertificateServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS)
            .renew(
                RenewCertificateRequest.newBuilder()
                    .setCertificateRequest(ByteString.copyFrom(request))
                    .build())
            .getCertificate()
            .toByteArray();
      } catch (StatusRuntimeException e) {
        answers.add(id + ": " + e.getStatus().getCode() + " " + e.getStatus().getDescription());
      }
    }
    throw new IOException(
        "nobody who has the root's key (the node that founded the cluster) signs: " + answers);
  }

  /** What a node's certificate says that it is reached by. */
  static List<String> hosts(NodeDescriptor node) {
    return List.of(host(node.getServiceAddress()), host(node.getRaftAddress()));
  }

  private static String host(String address) {
    return address.substring(0, address.lastIndexOf(':'));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
