package io.equator.server.admin.cluster;

import io.equator.server.Refusal;
import io.equator.server.identity.ClusterCertificates;
import io.equator.server.identity.JoinTokens;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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

  @Override
  public void run() {
    if (hours < 1 || hours > 24 * 30) {
      throw new Refusal("--hours must be from 1 to 720, was " + hours + ".");
    }
    try (ClusterConnection cluster = options.connect()) {
      Optional<ClusterCertificates> certificates = cluster.certificates();
      options.line(
          JoinTokens.issue(
                  cluster.catalog(),
                  certificates.isPresent()
                      ? certificates.get().rootFingerprint()
                      : JoinTokens.NO_TLS,
                  Duration.ofHours(hours),
                  Instant.now(),
                  new SecureRandom())
              .text());
    } catch (IOException e) {
      throw new Refusal("the cluster's root cannot be read: " + e.getMessage() + ".", e);
    }
  }
}
