package io.equator.coordinator.federation;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.IntroductionResponse;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogKeys;
import java.util.List;
import java.util.Optional;

/**
 * The cluster that joins a federation: what it says of itself, and what it takes over from the
 * answer. Both may be done again, also after only the other side has heard of it.
 *
 * <p>Its number may change with that. Items that were written before keep the old one, which harms
 * nobody: no table of it is in several regions yet, and whoever makes one so sends everything that
 * is in it ({@code ReplicationTarget.sends_all}); later writes are decided under a schema that
 * comes after the number in the catalog.
 */
public final class Guest {
  private final CatalogClient catalog;

  /** The cluster whose catalog this is. */
  public Guest(CatalogClient catalog) {
    this.catalog = catalog;
  }

  /**
   * How the cluster introduces itself.
   *
   * @param root its root, PEM; empty without certificates
   * @param host the region that invites
   * @throws NotLetInException when it may not join anything as it is
   */
  public RegionDescriptor introducesItself(ByteString root, RegionDescriptor host)
      throws NotLetInException {
    FederationView view = FederationView.read(catalog);
    ClusterDescriptor cluster = view.cluster();
    check(view, List.of(host));
    if (view.addresses().isEmpty()) {
      throw new NotLetInException(
          "other regions could not reach this cluster: no coordinator has regions.port");
    }
    return RegionDescriptor.newBuilder()
        .setName(cluster.getRegion())
        .setNumber(Math.max(1, cluster.getRegionNumber()))
        .setClusterId(cluster.getClusterId())
        .addAllAddresses(view.addresses())
        .setRoots(root)
        .build();
  }

  /** One federation at a time, and no tables of a former one. */
  private static void check(FederationView view, List<RegionDescriptor> hosts)
      throws NotLetInException {
    if (view.region(view.cluster().getRegion()).filter(RegionDescriptor::getRemoved).isPresent()) {
      throw new NotLetInException(
          "this cluster was removed from its federation, where deletions that it has not seen are"
              + " forgotten by now; found it anew with empty folders");
    }
    for (RegionDescriptor other : view.others()) {
      boolean known =
          hosts.stream()
              .anyMatch(
                  host ->
                      host.getName().equals(other.getName())
                          && host.getClusterId().equals(other.getClusterId()));
      if (!known) {
        throw new NotLetInException(
            "this cluster is in a federation with "
                + other.getName()
                + " already; two federations do not become one");
      }
    }
    boolean stranger = hosts.stream().noneMatch(host -> view.region(host.getName()).isPresent());
    if (stranger && !(view.globalTables().isEmpty() && view.replicatedTables().isEmpty())) {
      throw new NotLetInException(
          "this cluster has tables of a former federation; found it anew with empty folders");
    }
  }

  /**
   * Takes the federation over, as the host has answered.
   *
   * @return this region's document
   * @throws NotLetInException when the cluster has joined another one meanwhile
   */
  public RegionDescriptor takeOver(IntroductionResponse response) throws NotLetInException {
    for (int attempt = 0; attempt < 20; attempt++) {
      FederationView view = FederationView.read(catalog);
      ClusterDescriptor cluster = view.cluster();
      check(view, response.getRegionsList());
      RegionDescriptor own =
          response.getRegionsList().stream()
              .filter(region -> region.getName().equals(cluster.getRegion()))
              .filter(region -> region.getClusterId().equals(cluster.getClusterId()))
              .findFirst()
              .orElseThrow(() -> new NotLetInException("the answer is for another cluster"));
      CatalogCommitRequest.Builder commit =
          CatalogCommitRequest.newBuilder()
              .addComparisons(view.unchanged(CatalogKeys.CLUSTER))
              .addPuts(
                  CatalogObject.newBuilder()
                      .setKey(CatalogKeys.CLUSTER)
                      .setCluster(cluster.toBuilder().setRegionNumber(own.getNumber())));
      for (RegionDescriptor region : response.getRegionsList()) {
        Optional<RegionDescriptor> before = view.region(region.getName());
        commit
            .addComparisons(view.unchanged(CatalogKeys.region(region.getName())))
            .addPuts(
                FederationView.object(
                    before.map(known -> Documents.join(known, region)).orElse(region)));
      }
      if (catalog.commit(commit.build()).getOutcome() == Outcome.COMMITTED) {
        return own;
      }
    }
    throw new NotLetInException("others change the same all the time; try again");
  }
}
