package io.equator.server.admin.cluster;

import io.equator.server.Refusal;
import io.equator.server.identity.ClusterCertificates;
import io.equator.server.identity.JoinTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code equator admin token}: lets one node in. */
@Command(
    name = "token",
    sortOptions = false,
    description = {
      "Print a token with which one node may join, once. It is a secret until it is used.",
      ""
    })
public final class TokenCommand implements Runnable {
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
      Optional<ClusterCertificates> certificates = cluster.certificates();
      String token =
          JoinTokens.issue(
                  cluster.catalog(),
                  certificates.isPresent()
                      ? certificates.get().rootFingerprint()
                      : JoinTokens.NO_TLS,
                  lifetime,
                  Instant.now(),
                  new SecureRandom())
              .text();
      if (file == null) {
        options.line(token);
      } else {
        write(file, token);
      }
    } catch (IOException e) {
      throw new Refusal("the cluster's root cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /** Only the owner may read it. */
  private static void write(Path file, String token) {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, token + "\n");
    } catch (IOException e) {
      throw new Refusal("the token cannot be written to " + file + ": " + e + ".", e);
    }
  }
}
