package io.equator.server.admin.cluster;

import io.equator.coordinator.federation.Guest;
import io.equator.coordinator.federation.Introductions.Invitation;
import io.equator.coordinator.federation.NotLetInException;
import io.equator.proto.CatalogObject;
import io.equator.proto.RegionDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.server.Refusal;
import io.equator.server.regions.HostCall;
import io.equator.server.regions.InvitationFile;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code equator admin region add}: joins a federation. */
@Command(
    name = "add",
    sortOptions = false,
    description = {
      "Join the federation of the cluster that made an invitation, with this cluster as a region.",
      "If it is cut off, do it again with the same file.",
      ""
    })
public final class RegionAddCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Option(
      names = "--file",
      required = true,
      paramLabel = "FILE",
      description = "The invitation, from `equator admin region invite`.")
  @SuppressWarnings("NullAway.Init") // picocli sets it before run().
  private Path file;

  @Option(
      names = "--if-needed",
      description = "Do nothing, and say so, when this cluster is in that federation already.")
  private boolean ifNeeded;

  @Override
  public void run() {
    Invitation invitation = InvitationFile.read(file);
    RegionDescriptor host = invitation.host();
    try (ClusterConnection cluster = options.connect()) {
      if (ifNeeded && isIn(cluster.snapshot(), host)) {
        options.line("This cluster knows the region " + host.getName() + " already.");
        return;
      }
      Guest guest = new Guest(cluster.catalog());
      RegionDescriptor self = guest.introducesItself(cluster.root(), host);
      RegionDescriptor own = guest.takeOver(HostCall.introduce(invitation, self));
      options.line(
          own.getName()
              + " is region number "
              + own.getNumber()
              + " of the federation of "
              + host.getName()
              + ".");
    } catch (NotLetInException e) {
      throw new Refusal(e.getMessage() + ".", e);
    }
  }

  private static boolean isIn(CatalogSnapshot copy, RegionDescriptor host) {
    return copy.regions().stream()
        .map(CatalogObject::getRegion)
        .anyMatch(known -> !known.getRemoved() && known.getClusterId().equals(host.getClusterId()));
  }
}
