package io.equator.server.admin.cluster;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.server.Refusal;
import io.equator.server.identity.CredentialsKey;
import io.equator.server.identity.NewCredential;
import java.security.SecureRandom;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code equator admin credential create}: a new credential, shown once. */
@Command(
    name = "create",
    sortOptions = false,
    description = {
      "Make a credential for clients and print it; its secret is not shown again.",
      ""
    })
public final class CredentialCreateCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Option(names = "--description", paramLabel = "TEXT", description = "For whom or what it is.")
  private String description = "";

  @Override
  public void run() {
    NewCredential made =
        NewCredential.make(
            CredentialsKey.seal(options.config().node().data()),
            description,
            Instant.now(),
            new SecureRandom());
    try (ClusterConnection cluster = options.connect()) {
      Outcome outcome =
          cluster
              .catalog()
              .commit(
                  CatalogCommitRequest.newBuilder()
                      .addComparisons(CatalogComparison.newBuilder().setKey(made.object().getKey()))
                      .addPuts(made.object())
                      .build())
              .getOutcome();
      if (outcome != Outcome.COMMITTED) {
        throw new Refusal("the id is in use already; try again.");
      }
      options.print(
          new Listing("access key id", "secret access key")
              .add(made.accessKeyId(), made.secretAccessKey()));
    }
  }
}
