package io.equator.server.admin.cluster;

import io.equator.proto.CatalogObject;
import io.equator.proto.CredentialDescriptor;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin credential list}: who may sign. */
@Command(
    name = "list",
    sortOptions = false,
    description = {"List the credentials of clients, without their secrets.", ""})
public final class CredentialListCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      Listing listing = new Listing("access key id", "state", "created", "description");
      for (CatalogObject object : cluster.snapshot().credentials()) {
        CredentialDescriptor credential = object.getCredential();
        listing.add(
            credential.getAccessKeyId(),
            credential.getDisabled() ? "disabled" : "active",
            Instant.ofEpochMilli(credential.getCreatedMillis()).toString(),
            credential.getDescription());
      }
      options.print(listing);
    }
  }
}
