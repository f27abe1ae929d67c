package io.equator.server.admin.cluster;

import io.equator.coordinator.auth.CredentialSeal;
import io.equator.server.Refusal;
import io.equator.server.config.ServeConfig;
import io.equator.server.identity.ClusterCertificates;
import io.equator.server.identity.CredentialsKey;
import io.equator.server.identity.Identity;
import io.equator.server.identity.NewCredential;
import io.equator.server.identity.NodeFolder;
import io.equator.server.identity.RootCredential;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code equator admin init}: makes a node the founder of a new cluster. */
@Command(
    name = "init",
    sortOptions = false,
    description = {
      "Make the node of this configuration the founder of a new cluster: its identity, the"
          + " cluster's root of certificates, a credential for clients, and a catalog of one. Then"
          + " start it with `equator serve`.",
      ""
    })
public final class InitCommand implements Runnable {
  @Mixin private final ClusterOptions options = new ClusterOptions();

  @Option(
      names = "--if-needed",
      description = "Do nothing, and say so, when the folder belongs to this node already.")
  private boolean ifNeeded;

  @Override
  public void run() {
    ServeConfig config = options.config();
    Optional<Identity> known = ifNeeded ? NodeFolder.read(config.node().data()) : Optional.empty();
    if (known.isPresent() && known.get().nodeId().equals(config.node().id())) {
      options.line(config.node().id() + " is a node already.");
      return;
    }
    if (!config.roles().node()) {
      throw new Refusal("the founder keeps the catalog: its roles must have node.");
    }
    try (NodeFolder folder = NodeFolder.open(config.node().data())) {
      if (folder.identity().isPresent()) {
        throw new Refusal(
            "the folder "
                + folder.path()
                + " belongs to "
                + folder.identity().get().nodeId()
                + " already.");
      }
      if (config.internal().tls()) {
        new ClusterCertificates(folder.path(), config.internal().certificateLifetime())
            .found(config.node().id(), List.of(config.internal().advertise()), Instant.now());
      }
      SecureRandom random = new SecureRandom();
      CredentialSeal seal = new CredentialSeal(CredentialsKey.make(folder.path(), random));
      NewCredential root = NewCredential.make(seal, "root", Instant.now(), random);
      RootCredential.keep(folder.path(), root);
      byte[] incarnation = new byte[16];
      random.nextBytes(incarnation);
      folder.write(
          new Identity(
              config.node().id(),
              incarnation,
              "",
              config.founding().region(),
              true,
              config.internal().tls(),
              new TreeMap<>(Map.of(config.node().id(), config.internal().serviceAddress()))));
      options.line(
          config.node().id()
              + " will found a cluster in "
              + config.founding().region()
              + " at its first start.\n\n"
              + "The credential for its clients, which is not shown again:\n"
              + "  AWS_ACCESS_KEY_ID="
              + root.accessKeyId()
              + "\n  AWS_SECRET_ACCESS_KEY="
              + root.secretAccessKey()
              + "\n\nMore of them: equator admin credential create");
    } catch (IOException e) {
      throw new Refusal("the cluster's secrets cannot be made: " + e.getMessage() + ".", e);
    }
  }
}
