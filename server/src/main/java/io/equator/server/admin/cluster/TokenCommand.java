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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
      Optional<ClusterCertificates> certificates = cluster.certificates();
      String token =
          JoinTokens.issue(
                  cluster.catalog(),
                  certificates.isPresent()
                      ? certificates.get().rootFingerprint()
                      : JoinTokens.NO_TLS,
                  Duration.ofHours(hours),
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
  private static void write(Path file, String token) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, token + "\n");
  }
}
