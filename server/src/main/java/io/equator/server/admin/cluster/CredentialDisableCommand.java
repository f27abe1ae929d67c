package io.equator.server.admin.cluster;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code equator admin credential disable}: requests signed with it are refused. */
@Command(
    name = "disable",
    sortOptions = false,
    description = {"Refuse requests that are signed with a credential, at once.", ""})
public final class CredentialDisableCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Option(names = "--undo", description = "Accept them again.")
  private boolean undo;

  @Parameters(paramLabel = "ACCESS-KEY-ID", description = "Which one.")
  private String accessKeyId = "";

  @Override
  public void run() {
    try (ClusterConnection cluster = options.connect()) {
      CredentialChange.make(
          cluster,
          accessKeyId,
          (known, commit) ->
              commit.addPuts(
                  known.toBuilder()
                      .setCredential(known.getCredential().toBuilder().setDisabled(!undo))));
      options.line(accessKeyId + (undo ? " is active." : " is disabled."));
    }
  }
}
