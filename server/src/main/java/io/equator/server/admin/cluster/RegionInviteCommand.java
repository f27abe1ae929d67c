package io.equator.server.admin.cluster;

import io.equator.coordinator.federation.Introductions;
import io.equator.coordinator.federation.Introductions.Invitation;
import io.equator.coordinator.federation.NotLetInException;
import io.equator.server.Refusal;
import io.equator.server.regions.InvitationFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin region invite}: lets one other cluster in. */
@Command(
    name = "invite",
    sortOptions = false,
    description = {
      "Make an invitation with which one other cluster may join the federation as a region, once.",
      "It is a secret until it is used. Give it to `equator admin region add --file` there.",
      ""
    })
public final class RegionInviteCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Mixin private final SecretOptions secret = new SecretOptions();

  @Override
  public void run() {
    Duration lifetime = secret.lifetime();
    Path file = secret.file();
    if (file != null && Files.exists(file)) {
      options.line(file + " is there already.");
      return;
    }
    try (ClusterConnection cluster = options.connect()) {
      Invitation invitation =
          new Introductions(cluster.catalog(), InstantSource.system())
              .invite(cluster.root(), lifetime, new SecureRandom());
      if (file == null) {
        options.line(InvitationFile.text(invitation).stripTrailing());
      } else {
        InvitationFile.write(file, invitation);
      }
    } catch (NotLetInException e) {
      throw new Refusal(e.getMessage() + ".", e);
    }
  }
}
