package io.equator.server.admin.cluster;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogObject;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.server.Refusal;
import java.util.List;
import java.util.function.BiConsumer;

/** Changes one credential by compare-and-set. */
final class CredentialChange {
  private CredentialChange() {}

  /**
   * Makes the change.
   *
   * @throws Refusal when there is no such credential, or it has just been changed
   */
  static void make(
      ClusterConnection cluster,
      String accessKeyId,
      BiConsumer<CatalogObject, CatalogCommitRequest.Builder> change) {
    CatalogObject known =
        cluster
            .catalog()
            .read(List.of(CatalogKeys.credential(accessKeyId)))
            .getObjectsList()
            .stream()
            .findFirst()
            .orElseThrow(() -> new Refusal("there is no credential " + accessKeyId + "."));
    CatalogCommitRequest.Builder commit =
        CatalogCommitRequest.newBuilder()
            .addComparisons(
                CatalogComparison.newBuilder()
                    .setKey(known.getKey())
                    .setVersion(known.getVersion()));
    change.accept(known, commit);
    if (cluster.catalog().commit(commit.build()).getOutcome() != Outcome.COMMITTED) {
      throw new Refusal(accessKeyId + " has been changed at the same time; try again.");
    }
  }
}
