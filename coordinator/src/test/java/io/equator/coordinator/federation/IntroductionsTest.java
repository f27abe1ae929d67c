package io.equator.coordinator.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.coordinator.catalog.MemoryCatalog;
import io.equator.coordinator.federation.Introductions.Invitation;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.GlobalTableDescriptor;
import io.equator.proto.GlobalTableMember;
import io.equator.proto.IntroductionRequest;
import io.equator.proto.IntroductionResponse;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogKeys;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters that get to know one another, each with a whole catalog. */
class IntroductionsTest {
  private static final ByteString ROOT_WEST = ByteString.copyFromUtf8("root of west");
  private static final ByteString ROOT_EAST = ByteString.copyFromUtf8("root of east");

  @TempDir private Path temporary;

  private long now = 1_700_000_000_000L;
  private MemoryCatalog west;
  private MemoryCatalog east;

  @BeforeEach
  void found() {
    west = cluster("us-west-2");
    east = cluster("us-east-1");
  }

  @AfterEach
  void close() {
    west.close();
    east.close();
  }

  private MemoryCatalog cluster(String region) {
    MemoryCatalog catalog = new MemoryCatalog(temporary.resolve(region));
    ClusterDescriptor cluster =
        FederationView.read(catalog.client()).cluster().toBuilder()
            .setRegion(region)
            .setClusterId("cluster of " + region)
            .build();
    put(
        catalog,
        CatalogObject.newBuilder().setKey(CatalogKeys.CLUSTER).setCluster(cluster).build(),
        CatalogObject.newBuilder()
            .setKey(CatalogKeys.node("n1"))
            .setNode(
                NodeDescriptor.newBuilder()
                    .setNodeId("n1")
                    .setCatalogMember(true)
                    .setRegionAddress(region + ".example:7100"))
            .build());
    return catalog;
  }

  private static void put(MemoryCatalog catalog, CatalogObject... objects) {
    catalog.client().commit(CatalogCommitRequest.newBuilder().addAllPuts(List.of(objects)).build());
  }

  private InstantSource clock() {
    return () -> Instant.ofEpochMilli(now);
  }

  private Introductions host(MemoryCatalog catalog) {
    return new Introductions(catalog.client(), clock());
  }

  private Invitation invite(MemoryCatalog catalog, ByteString root) throws NotLetInException {
    return host(catalog).invite(root, Duration.ofHours(1), new SecureRandom());
  }

  private static IntroductionRequest request(Invitation invitation, RegionDescriptor guest) {
    return IntroductionRequest.newBuilder()
        .setInvitationId(invitation.id())
        .setSecret(invitation.secret())
        .setRegion(guest)
        .build();
  }

  private RegionDescriptor eastJoins() throws NotLetInException {
    Invitation invitation = invite(west, ROOT_WEST);
    Guest guest = new Guest(east.client());
    RegionDescriptor self = guest.introducesItself(ROOT_EAST, invitation.host());
    return guest.takeOver(host(west).introduce(request(invitation, self)));
  }

  private static List<RegionDescriptor> regions(MemoryCatalog catalog) {
    return FederationView.read(catalog.client()).regions();
  }

  private void refused(Refused what, String why) {
    assertThatThrownBy(what::run).isInstanceOf(NotLetInException.class).hasMessageContaining(why);
  }

  private interface Refused {
    void run() throws NotLetInException;
  }

  @Test
  void bothKnowOneAnotherAfterwardsUnderDifferentNumbers() throws NotLetInException {
    RegionDescriptor own = eastJoins();
    assertThat(regions(east)).isEqualTo(regions(west)).hasSize(2);
    assertThat(own.getNumber()).isGreaterThan(1);
    assertThat(FederationView.read(east.client()).cluster().getRegionNumber())
        .isEqualTo(own.getNumber());
    assertThat(FederationView.read(west.client()).cluster().getRegionNumber()).isEqualTo(1);
    assertThat(own.getRoots()).isEqualTo(ROOT_EAST);
    assertThat(own.getAddressesList()).containsExactly("us-east-1.example:7100");
  }

  @Test
  void anInvitationWorksOnceButItsGuestMayAskAgain() throws NotLetInException {
    Invitation invitation = invite(west, ROOT_WEST);
    RegionDescriptor guest =
        new Guest(east.client()).introducesItself(ROOT_EAST, invitation.host());
    IntroductionResponse first = host(west).introduce(request(invitation, guest));
    // The answer was lost, and the time is up meanwhile.
    now += Duration.ofHours(2).toMillis();
    assertThat(host(west).introduce(request(invitation, guest))).isEqualTo(first);
    RegionDescriptor another =
        guest.toBuilder()
            .setName("eu-west-1")
            .setClusterId("c3")
            .setRoots(ByteString.copyFromUtf8("root of eu"))
            .build();
    refused(() -> host(west).introduce(request(invitation, another)), "used up");
  }

  @Test
  void withoutTheSecretOrInTimeNobodyIsLetIn() throws NotLetInException {
    Invitation invitation = invite(west, ROOT_WEST);
    RegionDescriptor guest =
        new Guest(east.client()).introducesItself(ROOT_EAST, invitation.host());
    refused(
        () ->
            host(west).introduce(request(invitation, guest).toBuilder().setSecret("guess").build()),
        "not known");
    refused(
        () ->
            host(west)
                .introduce(request(invitation, guest).toBuilder().setInvitationId("x").build()),
        "not known");
    now += Duration.ofHours(1).toMillis();
    refused(() -> host(west).introduce(request(invitation, guest)), "expired");
    assertThat(regions(west)).as("only its own").hasSize(1);
  }

  @Test
  void whatDoesNotFitIsRefused() throws NotLetInException {
    Invitation invitation = invite(west, ROOT_WEST);
    RegionDescriptor guest =
        new Guest(east.client()).introducesItself(ROOT_EAST, invitation.host());
    Introductions host = host(west);
    refused(
        () -> host.introduce(request(invitation, guest.toBuilder().setName("us-west-2").build())),
        "both clusters are the region us-west-2");
    refused(
        () -> host.introduce(request(invitation, guest.toBuilder().clearAddresses().build())),
        "no address");
    refused(
        () -> host.introduce(request(invitation, guest.toBuilder().clearRoots().build())),
        "internal.tls must be the same");
    refused(
        () -> host.introduce(request(invitation, guest.toBuilder().setRoots(ROOT_WEST).build())),
        "the cluster is the region us-west-2");
    host.introduce(request(invitation, guest));
    Invitation second = invite(west, ROOT_WEST);
    refused(
        () ->
            host.introduce(
                request(
                    second,
                    guest.toBuilder()
                        .setClusterId("c3")
                        .setRoots(ByteString.copyFromUtf8("another"))
                        .build())),
        "there is a region us-east-1 already");
  }

  @Test
  void aClusterInAFederationOrWithTablesOfOneJoinsNoOther() throws NotLetInException {
    eastJoins();
    try (MemoryCatalog north = cluster("eu-north-1")) {
      Invitation elsewhere = invite(north, ByteString.copyFromUtf8("root of north"));
      refused(
          () -> new Guest(east.client()).introducesItself(ROOT_EAST, elsewhere.host()),
          "in a federation with us-west-2 already");
      put(
          north,
          CatalogObject.newBuilder()
              .setKey(CatalogKeys.globalTable("T"))
              .setGlobalTable(GlobalTableDescriptor.newBuilder().setTableName("T"))
              .build());
      Invitation here = invite(west, ROOT_WEST);
      refused(
          () -> new Guest(north.client()).introducesItself(ROOT_EAST, here.host()),
          "tables of a former federation");
    }
  }

  @Test
  void whoHasLeftComesBackAsAnotherClusterWithAGreaterNumber() throws NotLetInException {
    RegionDescriptor before = eastJoins();
    Leaving leaving = new Leaving(west.client(), clock());
    put(
        west,
        CatalogObject.newBuilder()
            .setKey(CatalogKeys.globalTable("T"))
            .setGlobalTable(
                GlobalTableDescriptor.newBuilder()
                    .setTableName("T")
                    .addMembers(
                        GlobalTableMember.newBuilder()
                            .setRegion("us-east-1")
                            .setState(GlobalTableMember.State.ACTIVE)))
            .build());
    refused(() -> leaving.remove("us-east-1", false), "has replicas of T");
    refused(() -> leaving.remove("us-west-2", true), "this one is us-west-2 itself");
    refused(() -> leaving.remove("eu-west-1", true), "there is no region eu-west-1");
    RegionDescriptor removed = leaving.remove("us-east-1", true);
    assertThat(removed.getRemoved()).isTrue();
    assertThat(Documents.join(before, removed)).as("no copy brings it back").isEqualTo(removed);
    refused(() -> leaving.remove("us-east-1", true), "there is no region us-east-1");

    Invitation invitation = invite(west, ROOT_WEST);
    refused(
        () ->
            host(west).introduce(request(invitation, before.toBuilder().setNumber(9_999).build())),
        "found it anew");
    RegionDescriptor anew =
        before.toBuilder()
            .setNumber(1)
            .setClusterId("another cluster")
            .setRoots(ByteString.copyFromUtf8("another root"))
            .build();
    RegionDescriptor back =
        host(west).introduce(request(invitation, anew)).getRegionsList().stream()
            .filter(region -> region.getName().equals("us-east-1"))
            .findFirst()
            .orElseThrow();
    assertThat(back.getNumber()).isEqualTo(before.getNumber() + 1);
    assertThat(back.getRemoved()).isFalse();
    assertThat(Documents.join(back, removed)).isEqualTo(back);
  }

  @Test
  void aRegionSaysWhereItsCoordinatorsAreNow() throws Exception {
    eastJoins();
    try (OwnRegion own = new OwnRegion(west.follower(), west.client(), clock())) {
      own.start();
      put(
          west,
          CatalogObject.newBuilder()
              .setKey(CatalogKeys.node("n2"))
              .setNode(
                  NodeDescriptor.newBuilder().setNodeId("n2").setRegionAddress("b.example:7100"))
              .build());
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!address(west).equals(List.of("b.example:7100", "us-west-2.example:7100"))) {
        assertThat(System.nanoTime() - end).as("it follows: " + address(west)).isNegative();
        Thread.sleep(20);
      }
    }
  }

  private static List<String> address(MemoryCatalog catalog) {
    return FederationView.read(catalog.client())
        .region("us-west-2")
        .orElseThrow()
        .getAddressesList()
        .stream()
        .toList();
  }
}
