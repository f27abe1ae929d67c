package io.equator.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.node.ScrubConfig;
import io.equator.node.changes.ChangeLimits;
import io.equator.node.health.DiskLimits;
import io.equator.node.health.SlowDiskRules;
import io.equator.partitioner.SplitRules;
import io.equator.server.Refusal;
import io.equator.server.roles.NodeTuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeConfigTest {
  private static final String LEAST =
      """
      node: {id: node-1, data: /var/lib/equator}
      internal: {advertise: node-1.example}
      """;

  @TempDir private Path temporary;

  private ServeConfig read(String yaml, Map<String, String> environment) throws IOException {
    Path file = temporary.resolve("node.yaml");
    Files.writeString(file, yaml);
    return ServeConfig.read(file, environment);
  }

  @Test
  void theSampleFileIsWhatTheCodeKnows() throws IOException {
    Path sample = Path.of("..", "deploy", "node.yaml");
    assertThat(sample).hasContent(SampleFile.text());
    // With what has no default it is a configuration.
    ServeConfig config =
        ServeConfig.read(
            sample,
            Map.of(
                "EQUATOR_NODE_ID", "a",
                "EQUATOR_NODE_DATA", "/d",
                "EQUATOR_INTERNAL_ADVERTISE", "a.example"));
    assertThat(config.roles()).isEqualTo(new ServeConfig.Roles(true, true));
    assertThat(config.internal().tls()).isTrue();
  }

  @Test
  void whatIsNotGivenHasItsDefault() throws IOException {
    ServeConfig config = read(LEAST, Map.of());
    assertThat(config.node().zone()).isEqualTo("zone-of-node-1");
    assertThat(config.internal().raftAddress()).isEqualTo("node-1.example:7001");
    assertThat(config.replicas().repairAfter()).isEqualTo(Duration.ofMinutes(10));
    assertThat(config.splits()).isEqualTo(SplitRules.DEFAULT);
    assertThat(config.join().seeds()).isEmpty();
  }

  @Test
  void otherRegionsReachACoordinatorWhereItSays() throws IOException {
    assertThat(read(LEAST, Map.of()).regions()).isEmpty();
    assertThat(read(LEAST + "regions: {port: 7100}\n", Map.of()).regions())
        .contains(new ServeConfig.Regions("0.0.0.0", 7100, "node-1.example:7100"));
    assertThat(
            read(LEAST + "regions: {port: 7100, advertise: \"west.example:443\"}\n", Map.of())
                .regions())
        .contains(new ServeConfig.Regions("0.0.0.0", 7100, "west.example:443"));
    assertThatThrownBy(() -> read(LEAST + "roles: [node]\nregions: {port: 7100}\n", Map.of()))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("regions.port is '7100'; it must be empty at a process without");
  }

  @Test
  void whatIsNotTunedIsTunedByDefault() throws IOException {
    assertThat(read(LEAST, Map.of()).tuning()).isEqualTo(NodeTuning.defaults());
  }

  @Test
  void theStorageIsTunedByTheFile() throws IOException {
    NodeTuning tuning =
        read(
                LEAST
                    + """
                    disk: {free-bytes-min: 2GiB, free-percent-min: 2.5, slow-force: off, slow-after: 1m}
                    storage: {scrub-interval: off, scrub-bytes-per-second: 1MiB,
                      snapshot-bytes-per-second: 0, snapshots-sending-max: 3, ttl-deletes-per-second: 0}
                    regions: {compare-interval: 24h, compare-bytes-per-second: 2MiB}
                    changes: {index-backlog-bytes: 1MiB, index-backlog-age: 1h, stream-bytes: 1GiB, shard-rotation: 30m}
                    """,
                Map.of())
            .tuning();
    assertThat(tuning.disk()).isEqualTo(new DiskLimits(2L << 30, 2.5));
    assertThat(tuning.slowDisk())
        .isEqualTo(new SlowDiskRules(Duration.ZERO, 5, Duration.ofMinutes(1)));
    assertThat(tuning.scrub())
        .isEqualTo(
            new ScrubConfig(
                Duration.ZERO, 1 << 20, new ScrubConfig.Regions(Duration.ofDays(1), 2 << 20)));
    assertThat(tuning.snapshots().bytesPerSecond()).isZero();
    assertThat(tuning.snapshots().sendingMax()).isEqualTo(3);
    assertThat(tuning.ttlDeletesPerSecond()).isZero();
    assertThat(tuning.changes())
        .isEqualTo(new ChangeLimits(1 << 20, Duration.ofHours(1), 1 << 30, Duration.ofMinutes(30)));
  }

  @Test
  void theEnvironmentWinsOverTheFile() throws IOException {
    ServeConfig config =
        read(
            LEAST + "join: {seeds: [\"a:7000\", \"b:7000\"], token: one}\n",
            Map.of("EQUATOR_JOIN_TOKEN", "another", "EQUATOR_API_PORT", "9000"));
    assertThat(config.join().seeds()).isEqualTo(List.of("a:7000", "b:7000"));
    assertThat(config.join().token()).contains("another");
    assertThat(config.api().port()).isEqualTo(9000);
    assertThat(config.toString()).as("secrets are hidden").doesNotContain("another");
  }

  @Test
  void aTokenMayStandInAFileThatGoesLater() throws IOException {
    Path token = temporary.resolve("token");
    Map<String, String> environment = Map.of("EQUATOR_JOIN_TOKEN_FILE", token.toString());
    assertThat(read(LEAST, environment).join().token()).isEmpty();
    Files.writeString(token, "secret\n");
    assertThat(read(LEAST, environment).join().token()).contains("secret");
    assertThat(read(LEAST + "join: {token: own}\n", environment).join().token()).contains("own");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "node.idd|x|node.yaml: the key node.idd is not known; nearest: node.id.",
        "node.id|-a|node.id is '-a'; it must be letters, digits and '-', at most 63",
        "api.port|99999|api.port is '99999'; it must be a whole number from 0 to 65535",
        "internal.tls|maybe|internal.tls is 'maybe'; it must be required or off",
        "internal.advertise|a:1|internal.advertise is 'a:1'; it must be a DNS name",
        "roles|[reader]|roles is 'reader'; it must be node, coordinator, or both",
        "cluster.replicas|2|cluster.replicas is '2'; it must be odd",
        "replicas.repair-after|soon|replicas.repair-after is 'soon'; it must be a time such as",
        "replicas.repair-after|1s|replicas.repair-after must be more than PT5S, was PT1S",
        "splits.size-mib|-1|splits.size-mib is '-1'; it must be a whole number from 0",
        "splits.partitions-per-node-max|0|splits.partitions-per-node-max is '0'; it must be a"
            + " whole",
        "replicas.catalog-members|4|catalog-members must be odd",
        "node.weight|0|node.weight is '0'; it must be a number greater than 0",
        "disk.free-bytes-min|a lot|disk.free-bytes-min is 'a lot'; it must be a size such as 64KiB",
        "disk.free-percent-min|91|disk.free-percent-min is '91'; it must be a number from 0 to 90",
        "disk.slow-force|soon|disk.slow-force is 'soon'; it must be a time such as",
        "disk.slow-times-peers|0.5|disk.slow-times-peers is '0.5'; it must be a number from 1 to",
        "disk.slow-after|0s|disk.slow-after is '0s'; it must be a time of more than 0",
        "storage.scrub-interval|0m|storage.scrub-interval is '0m'; it must be a time of more than"
            + " 0",
        "storage.scrub-bytes-per-second|-1|storage.scrub-bytes-per-second is '-1'; it must be a"
            + " size",
        "storage.snapshot-bytes-per-second|1KiB|snapshot-bytes-per-second must be 0 or at least"
            + " 65536",
        "storage.snapshots-sending-max|0|snapshots-sending-max is '0'; it must be a whole number"
            + " from 1",
        "storage.ttl-deletes-per-second|x|ttl-deletes-per-second is 'x'; it must be a whole number",
        "internal.certificate-lifetime|0h|certificate-lifetime is '0h'; it must be a time of more"
            + " than 0",
        "api.auth|none|api.auth is 'none'; it must be signature or any",
        "join.seeds|[here]|join.seeds is 'here'; it must be a list of host:port",
        "regions.port|0|regions.port is '0'; it must be a whole number from 1 to 65535",
        "regions.stale-after|1m|regions.stale-after is '1m'; it must be off, or at least 5m",
        "regions.stale-after|soon|regions.stale-after is 'soon'; it must be a time such as",
        "regions.compare-interval|0s|regions.compare-interval is '0s'; it must be a time of more",
        "regions.compare-bytes-per-second|-1|regions.compare-bytes-per-second is '-1'; it must be"
            + " a size",
        "regions.advertise|here|regions.advertise is 'here'; it must be host:port",
        "regions.advertise|a:1|regions.port is ''; it must be given together with regions.adv",
        "api.tls-key|/k|api.tls-certificate is ''; it must be given together with api.tls-key",
      })
  void badValuesKeepItFromStarting(String key, String value, String sentence) {
    int dot = key.indexOf('.');
    String line =
        dot < 0
            ? key + ": " + value
            : key.substring(0, dot) + ":\n  " + key.substring(dot + 1) + ": " + value;
    String yaml = "node: {id: node-1, data: /d}\ninternal: {advertise: a}\n";
    String group = dot < 0 ? key : key.substring(0, dot);
    String rest =
        String.join("\n", yaml.lines().filter(other -> !other.startsWith(group + ":")).toList());
    Map<String, String> environment =
        Map.of(
            "EQUATOR_NODE_ID", "x", "EQUATOR_NODE_DATA", "/d", "EQUATOR_INTERNAL_ADVERTISE", "a");
    Map<String, String> used = new java.util.HashMap<>(environment);
    used.keySet().removeIf(name -> name.equals(variable(key)));
    assertThatThrownBy(() -> read(rest + "\n" + line + "\n", used))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(sentence);
  }

  private static String variable(String key) {
    return Key.of(key).map(Key::variable).orElse("");
  }

  @Test
  void aMissingKeyIsNamedWithItsVariable() {
    assertThatThrownBy(() -> read("roles: [node]\n", Map.of()))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("node.id is missing (or EQUATOR_NODE_ID)");
  }
}
