package io.equator.server.admin.cluster;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code equator admin credential delete}: it is gone for good. */
@Command(
    name = "delete",
    sortOptions = false,
    description = {"Delete a credential; it cannot be made again.", ""})
public final class CredentialDeleteCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Parameters(paramLabel = "ACCESS-KEY-ID", description = "Which one.")
  private String accessKeyId = "";

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      CredentialChange.make(
          cluster, accessKeyId, (known, commit) -> commit.addDeletes(known.getKey()));
      options.line(accessKeyId + " is deleted.");
    }
  }
}
