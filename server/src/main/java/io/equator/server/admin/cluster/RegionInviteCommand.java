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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

  @Option(
      names = "--hours",
      defaultValue = "24",
      paramLabel = "N",
      description = "How long it may be used (default ${DEFAULT-VALUE}).")
  private int hours;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Write it into a file that is not there yet, instead of printing it.")
  private @Nullable Path file;

  @Override
  public void run() {
    if (hours < 1 || hours > 24 * 30) {
      throw new Refusal("--hours must be from 1 to 720, was " + hours + ".");
    }
    if (file != null && Files.exists(file)) {
      options.line(file + " is there already.");
      return;
    }
    try (ClusterConnection cluster = options.connect()) {
      Invitation invitation =
          new Introductions(cluster.catalog(), InstantSource.system())
              .invite(cluster.root(), Duration.ofHours(hours), new SecureRandom());
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
