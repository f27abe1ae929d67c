package io.equator.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.CatalogReadRequest;
import io.equator.proto.CatalogReadResponse;
import io.equator.proto.CatalogServiceGrpc;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.JoinRequest;
import io.equator.proto.JoinResponse;
import io.equator.proto.JoinServiceGrpc;
import io.equator.proto.JoinToken;
import io.equator.proto.NodeDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogFollower;
import io.equator.server.Refusal;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a token says, what the catalog keeps of it, and whom it lets in. */
class JoinTokensTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration LIFETIME = Duration.ofHours(1);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Objects objects = new Objects();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private CatalogClient catalog;
  private CatalogFollower follower;
  private JoinServiceGrpc.JoinServiceBlockingStub door;
  private volatile Instant now = NOW;

  /** A catalog of one member in a map: commits compare, and an object's version is its revision. */
  private static final class Objects extends CatalogServiceGrpc.CatalogServiceImplBase {
    private final Map<String, CatalogObject> byKey = new ConcurrentSkipListMap<>();
    private long revision;

    @Override
    public synchronized void read(
        CatalogReadRequest request, StreamObserver<CatalogReadResponse> answer) {
      CatalogReadResponse.Builder found = CatalogReadResponse.newBuilder().setRevision(revision);
      for (String key : request.getKeysList()) {
        Optional.ofNullable(byKey.get(key)).ifPresent(found::addObjects);
      }
      answer.onNext(found.build());
      answer.onCompleted();
    }

    @Override
    public synchronized void commit(
        CatalogCommitRequest request, StreamObserver<CatalogCommitResponse> answer) {
      boolean equal =
          request.getComparisonsList().stream()
              .allMatch(
                  one ->
                      one.getVersion()
                          == Optional.ofNullable(byKey.get(one.getKey()))
                              .map(CatalogObject::getVersion)
                              .orElse(0L));
      if (equal) {
        revision++;
        for (CatalogObject put : request.getPutsList()) {
          byKey.put(put.getKey(), put.toBuilder().setVersion(revision).build());
        }
        request.getDeletesList().forEach(byKey::remove);
      }
      answer.onNext(
          CatalogCommitResponse.newBuilder()
              .setOutcome(equal ? Outcome.COMMITTED : Outcome.CONFLICT)
              .build());
      answer.onCompleted();
    }
  }

  private ManagedChannel open(BindableService service) throws IOException {
    String name = InProcessServerBuilder.generateName();
    Server server = InProcessServerBuilder.forName(name).addService(service).build().start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    opened.add(server::shutdownNow);
    opened.add(channel::shutdownNow);
    return channel;
  }

  @BeforeEach
  void start() throws IOException {
    ManagedChannel channel = open(objects);
    catalog =
        new CatalogClient(
            Map.of("n1", CatalogServiceGrpc.newBlockingStub(channel)), Duration.ofSeconds(60));
    follower = new CatalogFollower(List.of(CatalogServiceGrpc.newStub(channel)), timer);
    follower.seed(
        CatalogEvent.newBuilder()
            .setRevision(1)
            .setFull(true)
            .addPuts(
                CatalogObject.newBuilder()
                    .setKey("cluster")
                    .setCluster(ClusterDescriptor.newBuilder().setClusterId("c1")))
            .build());
    door =
        JoinServiceGrpc.newBlockingStub(
            open(
                new JoinEndpoint(
                    catalog, follower, Optional.empty(), Optional.empty(), () -> now)));
  }

  @AfterEach
  void stop() throws Exception {
    follower.close();
    for (AutoCloseable closed : opened.reversed()) {
      closed.close();
    }
    timer.shutdownNow();
  }

  private JoinTokens issue() {
    return JoinTokens.issue(catalog, JoinTokens.NO_TLS, LIFETIME, NOW, RANDOM);
  }

  private JoinResponse join(String id, String secret, String node) {
    return door.join(
        JoinRequest.newBuilder()
            .setTokenId(id)
            .setSecret(secret)
            .setNode(NodeDescriptor.newBuilder().setNodeId(node))
            .build());
  }

  private void isNotLetIn(String id, String secret, String node, String why) {
    assertThatThrownBy(() -> join(id, secret, node))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(e.getStatus().getDescription()).contains(why);
            });
  }

  @Test
  void aTokenIsReadAsItIsWritten() {
    JoinTokens token = issue();
    assertThat(JoinTokens.parse(token.text())).isEqualTo(token);
    assertThat(JoinTokens.parse("  " + token.text() + "\n")).isEqualTo(token);
    assertThat(token.text()).matches("[0-9a-f]{16}\\.[0-9a-f]{64}\\.plaintext");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a", "a.b", ".b.c", "a..c", "a.b.", "a.b.c.", "a.b.c.d"})
  void whatDoesNotHaveThreePartsIsNoToken(String text) {
    assertThatThrownBy(() -> JoinTokens.parse(text))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("no token");
  }

  @Test
  void theSecretIsNotShownByAccident() {
    JoinTokens token = issue();
    assertThat(token.toString()).contains(token.id()).doesNotContain(token.secret());
  }

  @Test
  void theCatalogKeepsAHashOfTheSecretAndWhenItExpires() {
    JoinTokens token = issue();
    CatalogObject kept = objects.byKey.get("join-token/" + token.id());
    assertThat(kept).isNotNull();
    assertThat(kept.getJoinToken())
        .isEqualTo(
            JoinToken.newBuilder()
                .setTokenId(token.id())
                .setSecretHash(JoinTokens.hash(token.secret()))
                .setExpiresMillis(NOW.plus(LIFETIME).toEpochMilli())
                .build());
    assertThat(kept.toString()).doesNotContain(token.secret());
  }

  @Test
  void noTwoTokensAreAlike() {
    JoinTokens one = issue();
    JoinTokens other = issue();
    assertThat(one.id()).isNotEqualTo(other.id());
    assertThat(one.secret()).isNotEqualTo(other.secret());
  }

  /** Gives the same bytes again and again. */
  private static final class Stuck extends SecureRandom {
    private static final long serialVersionUID = 1;

    @Override
    public void nextBytes(byte[] bytes) {
      Arrays.fill(bytes, (byte) 7);
    }
  }

  @Test
  void aTokenIsNeverWrittenOverAnother() {
    JoinTokens.issue(catalog, JoinTokens.NO_TLS, LIFETIME, NOW, new Stuck());
    assertThatThrownBy(
            () ->
                JoinTokens.issue(
                    catalog, JoinTokens.NO_TLS, LIFETIME.multipliedBy(2), NOW, new Stuck()))
        .isInstanceOf(Refusal.class);
    assertThat(objects.byKey.values())
        .singleElement()
        .satisfies(
            kept ->
                assertThat(kept.getJoinToken().getExpiresMillis())
                    .isEqualTo(NOW.plus(LIFETIME).toEpochMilli()));
  }

  @Test
  void aTokenLetsOneNodeInOnce() {
    JoinTokens token = issue();
    assertThat(join(token.id(), token.secret(), "n2").getClusterId()).isEqualTo("c1");
    assertThat(objects.byKey).containsOnlyKeys("node/n2");
    isNotLetIn(token.id(), token.secret(), "n3", "used up");
    assertThat(objects.byKey).containsOnlyKeys("node/n2");
  }

  @Test
  void anotherSecretLetsNobodyInAndLeavesTheToken() {
    JoinTokens token = issue();
    isNotLetIn(token.id(), issue().secret(), "n2", "not known");
    isNotLetIn("0000000000000000", token.secret(), "n2", "not known");
    isNotLetIn(token.id(), "", "n2", "not known");
    assertThat(join(token.id(), token.secret(), "n2").getClusterId()).isEqualTo("c1");
  }

  @Test
  void aTokenIsGoodUntilItExpires() {
    JoinTokens token = issue();
    now = NOW.plus(LIFETIME);
    isNotLetIn(token.id(), token.secret(), "n2", "expired");
    now = NOW.plus(LIFETIME).minusMillis(1);
    assertThat(join(token.id(), token.secret(), "n2").getClusterId()).isEqualTo("c1");
  }

  @Test
  void aNodeThatIsThereAlreadyDoesNotUseATokenUp() {
    JoinTokens first = issue();
    join(first.id(), first.secret(), "n2");
    JoinTokens second = issue();
    isNotLetIn(second.id(), second.secret(), "n2", "there is a node n2 already");
    assertThat(join(second.id(), second.secret(), "n3").getClusterId()).isEqualTo("c1");
  }
}
