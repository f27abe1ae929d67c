package io.equator.server.identity;

import io.equator.server.Refusal;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a node's folder says that it is.
 *
 * @param clusterId of its cluster, 32 hexadecimal digits; empty in the founder's folder until the
 *     cluster is founded
 * @param nodeId its name
 * @param incarnation 16 random bytes, made with the folder
 * @param region of its cluster
 * @param founder whether it founded the cluster's catalog
 * @param tls whether nodes show certificates to one another
 * @param catalogMembers host:port of the catalog's members by node id, as last heard
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
public record Identity(
    String nodeId,
    byte[] incarnation,
    String clusterId,
    String region,
    boolean founder,
    boolean tls,
    SortedMap<String, String> catalogMembers) {
  /** The newest format that this version reads, and the one it writes. */
  static final int FORMAT = 1;

  private static final String MEMBER = "catalog.";

  /** The same with the catalog's members of today. */
  public Identity withCatalogMembers(Map<String, String> members) {
    return new Identity(
        nodeId, incarnation, clusterId, region, founder, tls, new TreeMap<>(members));
  }

  /** The same when it keeps the catalog no more: it must not found it again. */
  public Identity withoutCatalog() {
    return new Identity(nodeId, incarnation, clusterId, region, false, tls, catalogMembers);
  }

  Properties toProperties() {
    Properties properties = new Properties();
    properties.setProperty("format", Integer.toString(FORMAT));
    properties.setProperty("node", nodeId);
    properties.setProperty("incarnation", HexFormat.of().formatHex(incarnation));
    properties.setProperty("cluster", clusterId);
    properties.setProperty("region", region);
    properties.setProperty("founder", Boolean.toString(founder));
    properties.setProperty("tls", Boolean.toString(tls));
    catalogMembers.forEach((node, address) -> properties.setProperty(MEMBER + node, address));
    return properties;
  }

  static Identity of(Properties properties) {
    int format = Integer.parseInt(get(properties, "format"));
    if (format > FORMAT) {
      throw new Refusal(
          "the node's folder was written by a newer version (format "
              + format
              + "; this version reads up to "
              + FORMAT
              + ").");
    }
    SortedMap<String, String> members = new TreeMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(MEMBER)) {
        members.put(name.substring(MEMBER.length()), get(properties, name));
      }
    }
    return new Identity(
        get(properties, "node"),
        HexFormat.of().parseHex(get(properties, "incarnation")),
        get(properties, "cluster"),
        get(properties, "region"),
        Boolean.parseBoolean(get(properties, "founder")),
        Boolean.parseBoolean(get(properties, "tls")),
        members);
  }

  private static String get(Properties properties, String name) {
    return Optional.ofNullable(properties.getProperty(name))
        .orElseThrow(() -> new Refusal("the node's identity file has no " + name + "."));
  }
}
