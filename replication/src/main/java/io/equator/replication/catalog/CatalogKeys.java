package io.equator.replication.catalog;

/**
 * The names under which objects stand in the catalog.
 *
 * <pre>
 * cluster            the one ClusterDescriptor
 * node/&lt;node id&gt;     NodeDescriptor
 * ring/&lt;number&gt;      RingDescriptor
 * partition/&lt;number&gt; PartitionDescriptor
 * table/&lt;name&gt;       TableDescriptor
 * join-token/&lt;id&gt;     JoinToken
 * dropped-table/&lt;number&gt; DroppedTable
 * function/&lt;name&gt;    FunctionDescriptor
 * event-source-mapping/&lt;uuid&gt;  EventSourceMappingDescriptor
 * region/&lt;name&gt;      RegionDescriptor
 * global-table/&lt;name&gt; GlobalTableDescriptor
 * region-invitation/&lt;id&gt;  RegionInvitation
 * region-silence/&lt;name&gt;  RegionSilence
 * </pre>
 */
public final class CatalogKeys {
  /** The cluster's own object. */
  public static final String CLUSTER = "cluster";

  static final String DROPPED_TABLES = "dropped-table/";
  static final String FUNCTIONS = "function/";
  static final String EVENT_SOURCE_MAPPINGS = "event-source-mapping/";
  static final String REGIONS = "region/";
  static final String GLOBAL_TABLES = "global-table/";

  static final String CREDENTIALS = "credential/";

  private CatalogKeys() {}

  /** The object of a credential of clients. */
  public static String credential(String accessKeyId) {
    return CREDENTIALS + accessKeyId;
  }

  /** A node's object. */
  public static String node(String nodeId) {
    return "node/" + nodeId;
  }

  /** A ring's object. */
  public static String ring(int ringId) {
    return "ring/" + ringId;
  }

  /** A partition's object. */
  public static String partition(long partitionId) {
    return "partition/" + partitionId;
  }

  /** A table's object. */
  public static String table(String name) {
    return "table/" + name;
  }

  /** The object of a deleted table whose streams can still be read. */
  public static String droppedTable(int tableId) {
    return DROPPED_TABLES + tableId;
  }

  /** The object of a token with which a node may join. */
  public static String joinToken(String tokenId) {
    return "join-token/" + tokenId;
  }

  /** A registered function's object. */
  public static String function(String name) {
    return FUNCTIONS + name;
  }

  /** An event-source mapping's object. */
  public static String eventSourceMapping(String uuid) {
    return EVENT_SOURCE_MAPPINGS + uuid;
  }

  /** A region's object. */
  public static String region(String name) {
    return REGIONS + name;
  }

  /** The object of an invitation with which a cluster may join the federation. */
  public static String regionInvitation(String invitationId) {
    return "region-invitation/" + invitationId;
  }

  /** For how long a region is silent. */
  public static String regionSilence(String name) {
    return "region-silence/" + name;
  }

  /** A global table's object. */
  public static String globalTable(String name) {
    return GLOBAL_TABLES + name;
  }
}
