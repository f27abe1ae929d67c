package io.equator.server.config;

import io.equator.coordinator.cluster.ReplicaRules;
import io.equator.partitioner.SplitRules;
import io.equator.server.LogFormat;
import io.equator.server.Refusal;
import io.equator.server.roles.NodeTuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What a process of a cluster is told at its start.
 *
 * @param node who it is
 * @param roles what it does
 * @param founding what a cluster is founded with; used by its founder only
 * @param api where it serves clients, as a coordinator
 * @param internal how the nodes reach it
 * @param regions how coordinators of other regions reach it; empty: not at all
 * @param regionsStaleAfter regions that are silent for so long are given up; zero: never
 * @param admin what it shows of itself, and how it logs
 * @param join how it comes into a cluster, at its first start
 * @param replicas how replicas are looked after, if it keeps the catalog
 * @param splits when partitions are split by themselves, if it keeps the catalog
 * @param tuning how its storage works, if it stores
 */
public record ServeConfig(
    Node node,
    Roles roles,
    Founding founding,
    Api api,
    Internal internal,
    Optional<Regions> regions,
    Duration regionsStaleAfter,
    Admin admin,
    Join join,
    ReplicaRules replicas,
    SplitRules splits,
    NodeTuning tuning) {
  private static final Pattern NODE_NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

  /** Shorter would give a region up for a restart. */
  private static final Duration STALE_AFTER_MIN = Duration.ofMinutes(5);

  private static final Pattern ADDRESS =
      Pattern.compile("(\\[[0-9a-fA-F:.]+\\]|[^:\\s]+):\\d{1,5}");

  /** Who a node is, and where its files are. */
  public record Node(String id, String zone, double weight, Path data) {}

  /** What a process does. */
  public record Roles(boolean node, boolean coordinator) {}

  /** See {@link io.equator.server.roles.Founding.Charter}. */
  public record Founding(String region, int partitions, int replicas) {}

  /**
   * Where clients are served; without files plain HTTP.
   *
   * @param verified whether requests must be signed with a credential of the cluster
   * @param capacityEnforced whether what exceeds the capacity of tables and indexes is throttled
   */
  public record Api(
      String host,
      int port,
      Optional<Path> tlsCertificate,
      Optional<Path> tlsKey,
      boolean verified,
      boolean capacityEnforced) {}

  /** Where other nodes are listened to, and by which name they reach this one. */
  public record Internal(
      String host,
      int port,
      int raftPort,
      String advertise,
      boolean tls,
      Duration certificateLifetime) {
    /** host:port of the services. */
    public String serviceAddress() {
      return advertise + ":" + port;
    }

    /** host:port of the Raft server. */
    public String raftAddress() {
      return advertise + ":" + raftPort;
    }
  }

  /** Where other regions are listened to, and host:port by which they reach this process. */
  public record Regions(String host, int port, String advertise) {}

  /**
   * What a process shows of itself.
   *
   * @param port of metrics and probes; empty: none
   * @param slowRequest what takes at least so long is logged; empty: nothing
   */
  public record Admin(
      String host, OptionalInt port, LogFormat logFormat, Optional<Duration> slowRequest) {}

  /** Whom to ask, and the token, which is a secret. */
  public record Join(List<String> seeds, Optional<String> token) {
    @Override
    public String toString() {
      return "Join[seeds=" + seeds + ", token=" + (token.isPresent() ? "(hidden)" : "none") + "]";
    }
  }

  /**
   * Reads and checks a configuration.
   *
   * @throws Refusal with the key, the value and what would be right
   */
  public static ServeConfig read(Path file, Map<String, String> environment) {
    Settings settings = Settings.read(file, environment);
    String id = settings.required(Key.NODE_ID);
    if (!NODE_NAME.matcher(id).matches()) {
      throw settings.wrong(Key.NODE_ID, "letters, digits and '-', at most 63, '-' not at an end");
    }
    String zone = settings.text(Key.NODE_ZONE);
    return new ServeConfig(
        new Node(
            id,
            zone.isEmpty() ? "zone-of-" + id : zone,
            settings.positive(Key.NODE_WEIGHT),
            Path.of(settings.required(Key.NODE_DATA)).toAbsolutePath().normalize()),
        roles(settings),
        founding(settings),
        api(settings),
        internal(settings),
        regions(settings),
        staleAfter(settings),
        admin(settings),
        join(settings),
        replicas(settings),
        splits(settings),
        TuningKeys.read(settings));
  }

  private static Roles roles(Settings settings) {
    List<String> roles = settings.list(Key.ROLES);
    if (roles.isEmpty() || !List.of("node", "coordinator").containsAll(roles)) {
      throw settings.wrong(Key.ROLES, "node, coordinator, or both");
    }
    return new Roles(roles.contains("node"), roles.contains("coordinator"));
  }

  private static Founding founding(Settings settings) {
    int replicas = settings.number(Key.CLUSTER_REPLICAS, 1, 7);
    if (replicas % 2 == 0) {
      throw settings.wrong(Key.CLUSTER_REPLICAS, "odd: 1, 3, 5 or 7");
    }
    return new Founding(
        settings.required(Key.CLUSTER_REGION),
        settings.number(Key.CLUSTER_PARTITIONS, 1, 256),
        replicas);
  }

  private static Api api(Settings settings) {
    Optional<Path> certificate = file(settings, Key.API_TLS_CERTIFICATE);
    Optional<Path> key = file(settings, Key.API_TLS_KEY);
    if (certificate.isPresent() != key.isPresent()) {
      throw settings.wrong(
          certificate.isPresent() ? Key.API_TLS_KEY : Key.API_TLS_CERTIFICATE,
          "given together with "
              + (certificate.isPresent() ? Key.API_TLS_CERTIFICATE : Key.API_TLS_KEY).path());
    }
    return new Api(
        settings.required(Key.API_HOST),
        settings.number(Key.API_PORT, 0, 65_535),
        certificate,
        key,
        switch (settings.text(Key.API_AUTH)) {
          case "signature" -> true;
          case "any" -> false;
          default -> throw settings.wrong(Key.API_AUTH, "signature or any");
        },
        switch (settings.text(Key.API_CAPACITY)) {
          case "enforced" -> true;
          case "counted" -> false;
          default -> throw settings.wrong(Key.API_CAPACITY, "counted or enforced");
        });
  }

  private static Optional<Path> file(Settings settings, Key key) {
    String path = settings.text(key);
    return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
  }

  /** A node that has joined needs no token any more, so the file may be gone. */
  private static String content(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file).strip() : "";
    } catch (IOException e) {
      throw new Refusal(
          Key.JOIN_TOKEN_FILE.path() + " cannot be read: " + file + ": " + e.getMessage() + ".", e);
    }
  }

  private static Internal internal(Settings settings) {
    boolean tls =
        switch (settings.text(Key.INTERNAL_TLS)) {
          case "required" -> true;
          // YAML reads an unquoted off as false.
          case "off", "false" -> false;
          default -> throw settings.wrong(Key.INTERNAL_TLS, "required or off");
        };
    String advertise = settings.required(Key.INTERNAL_ADVERTISE);
    if (advertise.indexOf(':') >= 0 || advertise.equals("0.0.0.0")) {
      throw settings.wrong(
          Key.INTERNAL_ADVERTISE, "a DNS name or an IPv4 address of this node, without a port");
    }
    return new Internal(
        settings.required(Key.INTERNAL_HOST),
        settings.number(Key.INTERNAL_PORT, 1, 65_535),
        settings.number(Key.INTERNAL_RAFT_PORT, 1, 65_535),
        advertise,
        tls,
        TuningKeys.positive(settings, Key.INTERNAL_CERTIFICATE_LIFETIME));
  }

  private static Optional<Regions> regions(Settings settings) {
    String advertise = settings.text(Key.REGIONS_ADVERTISE);
    if (!advertise.isEmpty() && !ADDRESS.matcher(advertise).matches()) {
      throw settings.wrong(Key.REGIONS_ADVERTISE, "host:port");
    }
    if (settings.text(Key.REGIONS_PORT).isEmpty()) {
      if (!advertise.isEmpty()) {
        throw settings.wrong(Key.REGIONS_PORT, "given together with regions.advertise");
      }
      return Optional.empty();
    }
    int port = settings.number(Key.REGIONS_PORT, 1, 65_535);
    if (!settings.list(Key.ROLES).contains("coordinator")) {
      throw settings.wrong(
          Key.REGIONS_PORT, "empty at a process without the role coordinator, which nobody calls");
    }
    return Optional.of(
        new Regions(
            settings.required(Key.REGIONS_HOST),
            port,
            advertise.isEmpty()
                ? settings.required(Key.INTERNAL_ADVERTISE) + ":" + port
                : advertise));
  }

  private static Duration staleAfter(Settings settings) {
    if (isOff(settings.text(Key.REGIONS_STALE_AFTER))) {
      return Duration.ZERO;
    }
    Duration after = settings.duration(Key.REGIONS_STALE_AFTER);
    if (after.compareTo(STALE_AFTER_MIN) < 0) {
      throw settings.wrong(Key.REGIONS_STALE_AFTER, "off, or at least 5m");
    }
    return after;
  }

  private static Admin admin(Settings settings) {
    LogFormat format =
        switch (settings.text(Key.LOG_FORMAT)) {
          case "text" -> LogFormat.TEXT;
          case "json" -> LogFormat.JSON;
          default -> throw settings.wrong(Key.LOG_FORMAT, "text or json");
        };
    return new Admin(
        settings.required(Key.ADMIN_HOST),
        settings.text(Key.ADMIN_PORT).isEmpty()
            ? OptionalInt.empty()
            : OptionalInt.of(settings.number(Key.ADMIN_PORT, 0, 65_535)),
        format,
        isOff(settings.text(Key.LOG_SLOW_REQUEST))
            ? Optional.empty()
            : Optional.of(settings.duration(Key.LOG_SLOW_REQUEST)));
  }

  /** YAML reads an unquoted off as false. */
  static boolean isOff(String text) {
    return text.equals("off") || text.equals("false");
  }

  private static Join join(Settings settings) {
    List<String> seeds = settings.list(Key.JOIN_SEEDS);
    if (!seeds.stream().allMatch(seed -> ADDRESS.matcher(seed).matches())) {
      throw settings.wrong(Key.JOIN_SEEDS, "a list of host:port");
    }
    String token = settings.text(Key.JOIN_TOKEN);
    if (token.isEmpty()) {
      token = file(settings, Key.JOIN_TOKEN_FILE).map(ServeConfig::content).orElse("");
    }
    return new Join(seeds, token.isEmpty() ? Optional.empty() : Optional.of(token));
  }

  private static ReplicaRules replicas(Settings settings) {
    try {
      return new ReplicaRules(
          settings.duration(Key.REPLICAS_SUSPECT_AFTER),
          settings.duration(Key.REPLICAS_REPAIR_AFTER),
          settings.number(Key.REPLICAS_MOVES_MAX, 1, 64),
          settings.number(Key.REPLICAS_CATALOG_MEMBERS, 1, 7));
    } catch (IllegalArgumentException e) {
      throw new Refusal("replicas." + e.getMessage() + ".", e);
    }
  }

  private static SplitRules splits(Settings settings) {
    return new SplitRules(
        (long) settings.number(Key.SPLITS_SIZE_MIB, 0, Integer.MAX_VALUE) << 20,
        settings.number(Key.SPLITS_ROWS_PER_SECOND, 0, Integer.MAX_VALUE),
        settings.duration(Key.SPLITS_HEAT_FOR),
        settings.duration(Key.SPLITS_COOLDOWN),
        settings.number(Key.SPLITS_PARTITIONS_PER_NODE_MAX, 1, 1024));
  }
}
