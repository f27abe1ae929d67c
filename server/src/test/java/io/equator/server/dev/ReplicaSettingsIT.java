package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.server.Await;
import io.equator.server.observe.ObserveOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AutoScalingSettingsDescription;
import software.amazon.awssdk.services.dynamodb.model.AutoScalingSettingsUpdate;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GlobalTableNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.GlobalTableStatus;
import software.amazon.awssdk.services.dynamodb.model.IndexNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughput;
import software.amazon.awssdk.services.dynamodb.model.Replica;
import software.amazon.awssdk.services.dynamodb.model.ReplicaAutoScalingDescription;
import software.amazon.awssdk.services.dynamodb.model.ReplicaDescription;
import software.amazon.awssdk.services.dynamodb.model.ReplicaNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReplicaSettingsDescription;
import software.amazon.awssdk.services.dynamodb.model.ReplicaStatus;
import software.amazon.awssdk.services.dynamodb.model.ReplicationGroupUpdate;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TableClass;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;

/**
 * What a replica may have for itself, and settings of auto scaling, in both versions of global
 * tables: through the real SDK, over two regions of one process.
 */
@SuppressWarnings("unchecked") // The SDK takes its builders as an array of generic type.
class ReplicaSettingsIT {
  private static final String WEST = "us-west-2";
  private static final String EAST = "us-east-1";
  private static final String TABLE = "Settings";
  private static final String INDEX = "byTeam";

  @TempDir private Path folder;
  private EmbeddedRegions regions;
  private DynamoDbClient west;
  private DynamoDbClient east;

  @BeforeEach
  void start() {
    regions =
        EmbeddedRegions.start(
            new DevOptions(
                "localhost",
                0,
                Optional.of(folder),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty()),
            ObserveOptions.NONE,
            List.of(WEST, EAST),
            Duration.ZERO);
    west = client(WEST);
    east = client(EAST);
  }

  @AfterEach
  void stop() {
    west.close();
    east.close();
    regions.close();
  }

  // ---- 2019.11.21

  @Test
  void aReplicaOfATableWithCapacityScalesItsWritesAndHasReadsOfItsOwn() {
    create(west, BillingMode.PROVISIONED);
    refused(
        () -> west.updateTable(r -> r.tableName(TABLE).replicaUpdates(created())),
        "Table write capacity should either be Pay-Per-Request or AutoScaled.");
    west.updateTableReplicaAutoScaling(
        r -> r.tableName(TABLE).provisionedWriteCapacityAutoScalingUpdate(scaling(5, 50, 70)));
    refused(
        () -> west.updateTable(r -> r.tableName(TABLE).replicaUpdates(created())),
        "GSI write capacity should either be Pay-Per-Request or AutoScaled.");
    west.updateTableReplicaAutoScaling(
        r ->
            r.tableName(TABLE)
                .globalSecondaryIndexUpdates(
                    g ->
                        g.indexName(INDEX)
                            .provisionedWriteCapacityAutoScalingUpdate(scaling(6, 60, 71))));
    assertThat(scaled(west)).hasSize(1);

    west.updateTable(r -> r.tableName(TABLE).replicaUpdates(created()));
    awaitReplica();
    ReplicaDescription described = replica(west);
    assertThat(described.provisionedThroughputOverride().readCapacityUnits()).isEqualTo(3);
    assertThat(described.replicaTableClassSummary().tableClass())
        .isEqualTo(TableClass.STANDARD_INFREQUENT_ACCESS);
    assertThat(described.kmsMasterKeyId()).isEqualTo("alias/east");
    assertThat(described.globalSecondaryIndexes())
        .singleElement()
        .satisfies(
            index -> {
              assertThat(index.indexName()).isEqualTo(INDEX);
              assertThat(index.provisionedThroughputOverride().readCapacityUnits()).isEqualTo(4);
            });
    TableDescription there = table(east);
    assertThat(there.provisionedThroughput().readCapacityUnits()).isEqualTo(3);
    assertThat(there.provisionedThroughput().writeCapacityUnits()).isEqualTo(5);
    assertThat(
            there.globalSecondaryIndexes().getFirst().provisionedThroughput().readCapacityUnits())
        .isEqualTo(4);
    assertThat(there.tableClassSummary().tableClass())
        .isEqualTo(TableClass.STANDARD_INFREQUENT_ACCESS);
    // The table that it was made from keeps its own.
    assertThat(table(west).provisionedThroughput().readCapacityUnits()).isEqualTo(5);
    assertThat(table(west).tableClassSummary()).isNull();

    west.updateTable(
        r ->
            r.tableName(TABLE)
                .replicaUpdates(
                    u ->
                        u.update(
                            c ->
                                c.regionName(EAST)
                                    .tableClassOverride(TableClass.STANDARD)
                                    .provisionedThroughputOverride(p -> p.readCapacityUnits(8L))
                                    .globalSecondaryIndexes(
                                        g ->
                                            g.indexName(INDEX)
                                                .provisionedThroughputOverride(
                                                    p -> p.readCapacityUnits(9L))))));
    Await.until(
        "the overrides are brought about",
        () -> {
          TableDescription now = table(east);
          return now.provisionedThroughput().readCapacityUnits() == 8
              && now.globalSecondaryIndexes().getFirst().provisionedThroughput().readCapacityUnits()
                  == 9
              && now.tableClassSummary().tableClass() == TableClass.STANDARD;
        });
    awaitReplica();

    // Reads scale region by region, writes everywhere alike.
    west.updateTableReplicaAutoScaling(
        r ->
            r.tableName(TABLE)
                .replicaUpdates(
                    u ->
                        u.regionName(EAST)
                            .replicaProvisionedReadCapacityAutoScalingUpdate(scaling(7, 70, 72))
                            .replicaGlobalSecondaryIndexUpdates(
                                g ->
                                    g.indexName(INDEX)
                                        .provisionedReadCapacityAutoScalingUpdate(
                                            scaling(8, 80, 73)))));
    for (DynamoDbClient client : List.of(west, east)) {
      Await.until("both describe it", () -> reads(client, EAST) != null);
      ReplicaAutoScalingDescription ofEast = scaled(client, EAST);
      is(ofEast.replicaProvisionedReadCapacityAutoScalingSettings(), 7, 70, 72);
      is(
          ofEast.globalSecondaryIndexes().getFirst().provisionedReadCapacityAutoScalingSettings(),
          8,
          80,
          73);
      assertThat(reads(client, WEST)).isNull();
      for (ReplicaAutoScalingDescription each : scaled(client)) {
        is(each.replicaProvisionedWriteCapacityAutoScalingSettings(), 5, 50, 70);
        is(
            each.globalSecondaryIndexes().getFirst().provisionedWriteCapacityAutoScalingSettings(),
            6,
            60,
            71);
      }
    }
  }

  @Test
  void whatAReplicaCannotHaveIsRefused() {
    assertThatThrownBy(() -> west.describeTableReplicaAutoScaling(r -> r.tableName("None")))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("Requested resource not found: Table: None not found");
    create(west, BillingMode.PAY_PER_REQUEST);
    refused(
        () ->
            west.updateTableReplicaAutoScaling(
                r ->
                    r.tableName(TABLE)
                        .provisionedWriteCapacityAutoScalingUpdate(scaling(5, 50, 70))),
        "BillingMode is PayPerRequest. You must convert table's BillingMode to PROVISIONED");
    refused(
        () -> west.updateTableReplicaAutoScaling(r -> r.tableName(TABLE)),
        "because at least one update parameter must be specified.");
    west.updateTable(
        r -> r.tableName(TABLE).replicaUpdates(u -> u.create(c -> c.regionName(EAST))));
    awaitReplica();
    refused(
        () ->
            west.updateTable(
                r ->
                    r.tableName(TABLE)
                        .replicaUpdates(
                            u ->
                                u.update(
                                    c ->
                                        c.regionName(EAST)
                                            .provisionedThroughputOverride(
                                                p -> p.readCapacityUnits(3L))))),
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is"
            + " PAY_PER_REQUEST");
    refused(
        () ->
            west.updateTable(
                r ->
                    r.tableName(TABLE)
                        .replicaUpdates(
                            u ->
                                u.update(
                                    c ->
                                        c.regionName("eu-west-1")
                                            .tableClassOverride(TableClass.STANDARD)))),
        "one or more replicas were not part of the global table. Please retry the request without"
            + " these replicas: [eu-west-1].");
    refused(
        () ->
            west.updateTable(
                r -> r.tableName(TABLE).replicaUpdates(u -> u.update(c -> c.regionName(EAST)))),
        "There are no actions specified in the Replica Update Action of the request.");
    refused(
        () ->
            west.updateTable(
                r ->
                    r.tableName(TABLE)
                        .replicaUpdates(
                            u ->
                                u.update(
                                    c ->
                                        c.regionName(EAST)
                                            .provisionedThroughputOverride(
                                                p -> p.readCapacityUnits(0L))))),
        "Value '0' at"
            + " 'replicaUpdates.1.member.update.provisionedThroughputOverride.readCapacityUnits'"
            + " failed to satisfy constraint: Member must have value greater than or equal to 1");
    // On demand a replica may have a limit of its own.
    west.updateTable(
        r ->
            r.tableName(TABLE)
                .replicaUpdates(
                    u ->
                        u.update(
                            c ->
                                c.regionName(EAST)
                                    .onDemandThroughputOverride(o -> o.maxReadRequestUnits(40L)))));
    Await.until(
        "the limit is there",
        () ->
            table(east).onDemandThroughput() != null
                && table(east).onDemandThroughput().maxReadRequestUnits() == 40);
    assertThat(replica(west).onDemandThroughputOverride().maxReadRequestUnits()).isEqualTo(40);
  }

  @Test
  void settingsOfAutoScalingAreCheckedLikeTheServiceDoes() {
    create(west, BillingMode.PROVISIONED);
    String update = "provisionedWriteCapacityAutoScalingUpdate";
    refused(
        () ->
            west.updateTableReplicaAutoScaling(
                r ->
                    r.tableName(TABLE)
                        .provisionedWriteCapacityAutoScalingUpdate(s -> s.minimumUnits(0L))),
        "Value '0' at '"
            + update
            + ".minimumUnits' failed to satisfy constraint: Member must have"
            + " value greater than or equal to 1");
    refused(
        () ->
            west.updateTableReplicaAutoScaling(
                r ->
                    r.tableName(TABLE)
                        .provisionedWriteCapacityAutoScalingUpdate(
                            s -> s.scalingPolicyUpdate(p -> p.policyName("p")))),
        update
            + ".scalingPolicyUpdate.targetTrackingScalingPolicyConfiguration' failed to satisfy"
            + " constraint: Member must not be null");
    refused(
        () ->
            west.updateTableReplicaAutoScaling(
                r ->
                    r.tableName(TABLE)
                        .provisionedWriteCapacityAutoScalingUpdate(
                            s ->
                                s.scalingPolicyUpdate(
                                    p ->
                                        p.targetTrackingScalingPolicyConfiguration(
                                            t -> t.scaleInCooldown(1))))),
        update
            + ".scalingPolicyUpdate.targetTrackingScalingPolicyConfiguration.targetValue' failed"
            + " to satisfy constraint: Member must not be null");
    refused(
        () ->
            west.updateTableReplicaAutoScaling(
                r ->
                    r.tableName(TABLE)
                        .replicaUpdates(
                            u ->
                                u.replicaProvisionedReadCapacityAutoScalingUpdate(
                                    s -> s.maximumUnits(0L)))),
        "at 'replicaUpdates.1.member.regionName' failed to satisfy constraint: Member must not be"
            + " null",
        "at 'replicaUpdates.1.member.replicaProvisionedReadCapacityAutoScalingUpdate.maximumUnits'"
            + " failed to satisfy constraint: Member must have value greater than or equal to 1");
    assertThatThrownBy(
            () ->
                west.updateTableReplicaAutoScaling(
                    r ->
                        r.tableName(TABLE)
                            .globalSecondaryIndexUpdates(
                                g ->
                                    g.indexName("none")
                                        .provisionedWriteCapacityAutoScalingUpdate(
                                            scaling(5, 50, 70)))))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThat(scaled(west))
        .singleElement()
        .satisfies(
            each -> assertThat(each.replicaProvisionedWriteCapacityAutoScalingSettings()).isNull());
  }

  // ---- 2017.11.29

  @Test
  void settingsOfTheOldVersionHoldForAllReplicasOrForOne() {
    assertThatThrownBy(() -> west.describeGlobalTableSettings(r -> r.globalTableName("None")))
        .isInstanceOf(GlobalTableNotFoundException.class);
    create(west, BillingMode.PROVISIONED);
    create(east, BillingMode.PROVISIONED);
    west.createGlobalTable(
        r ->
            r.globalTableName(TABLE)
                .replicationGroup(
                    Replica.builder().regionName(WEST).build(),
                    Replica.builder().regionName(EAST).build()));
    awaitGlobal();
    assertThat(settings(west))
        .extracting(ReplicaSettingsDescription::regionName)
        .containsExactlyInAnyOrder(WEST, EAST);

    west.updateGlobalTableSettings(
        r ->
            r.globalTableName(TABLE)
                .globalTableProvisionedWriteCapacityUnits(11L)
                .globalTableProvisionedWriteCapacityAutoScalingSettingsUpdate(scaling(11, 110, 60))
                .globalTableGlobalSecondaryIndexSettingsUpdate(
                    g -> g.indexName(INDEX).provisionedWriteCapacityUnits(12L))
                .replicaSettingsUpdate(
                    u ->
                        u.regionName(EAST)
                            .replicaProvisionedReadCapacityUnits(13L)
                            .replicaTableClass(TableClass.STANDARD_INFREQUENT_ACCESS)
                            .replicaProvisionedReadCapacityAutoScalingSettingsUpdate(
                                scaling(13, 130, 61))
                            .replicaGlobalSecondaryIndexSettingsUpdate(
                                g -> g.indexName(INDEX).provisionedReadCapacityUnits(14L))));
    for (DynamoDbClient client : List.of(west, east)) {
      Await.until(
          "both regions have what was set",
          () ->
              setting(client, WEST).replicaProvisionedWriteCapacityUnits() == 11
                  && setting(client, EAST).replicaProvisionedWriteCapacityUnits() == 11
                  && setting(client, EAST).replicaProvisionedReadCapacityUnits() == 13
                  && indexWrites(client, WEST) == 12
                  && indexWrites(client, EAST) == 12);
      assertThat(setting(client, WEST).replicaProvisionedReadCapacityUnits()).isEqualTo(5);
      is(setting(client, EAST).replicaProvisionedReadCapacityAutoScalingSettings(), 13, 130, 61);
      is(setting(client, WEST).replicaProvisionedWriteCapacityAutoScalingSettings(), 11, 110, 60);
      assertThat(setting(client, EAST).replicaTableClassSummary().tableClass())
          .isEqualTo(TableClass.STANDARD_INFREQUENT_ACCESS);
      assertThat(
              setting(client, EAST)
                  .replicaGlobalSecondaryIndexSettings()
                  .getFirst()
                  .provisionedReadCapacityUnits())
          .isEqualTo(14);
    }
    awaitGlobal();

    assertThatThrownBy(
            () ->
                west.updateGlobalTableSettings(
                    r ->
                        r.globalTableName(TABLE)
                            .replicaSettingsUpdate(
                                u ->
                                    u.regionName("eu-west-1")
                                        .replicaProvisionedReadCapacityUnits(1L))))
        .isInstanceOf(ReplicaNotFoundException.class);
    assertThatThrownBy(
            () ->
                west.updateGlobalTableSettings(
                    r ->
                        r.globalTableName(TABLE)
                            .globalTableGlobalSecondaryIndexSettingsUpdate(
                                g -> g.indexName("none").provisionedWriteCapacityUnits(1L))))
        .isInstanceOf(IndexNotFoundException.class);
    refused(
        () ->
            west.updateGlobalTableSettings(
                r ->
                    r.globalTableName(TABLE)
                        .globalTableBillingMode(BillingMode.PAY_PER_REQUEST)
                        .globalTableProvisionedWriteCapacityUnits(1L)),
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is"
            + " PAY_PER_REQUEST");
    refused(
        () ->
            west.updateGlobalTableSettings(
                r ->
                    r.globalTableName(TABLE)
                        .replicaSettingsUpdate(
                            u ->
                                u.regionName(EAST)
                                    .replicaProvisionedReadCapacityUnits(0L)
                                    .replicaGlobalSecondaryIndexSettingsUpdate(
                                        g -> g.indexName(INDEX).provisionedReadCapacityUnits(0L)))),
        "Value '0' at 'replicaSettingsUpdate.1.member.replicaProvisionedReadCapacityUnits' failed",
        "Value '0' at"
            + " 'replicaSettingsUpdate.1.member.replicaGlobalSecondaryIndexSettingsUpdate.1.member"
            + ".provisionedReadCapacityUnits' failed");

    west.updateGlobalTableSettings(
        r -> r.globalTableName(TABLE).globalTableBillingMode(BillingMode.PAY_PER_REQUEST));
    for (DynamoDbClient client : List.of(west, east)) {
      Await.until(
          "both are on demand",
          () ->
              table(client).billingModeSummary() != null
                  && table(client).billingModeSummary().billingMode()
                      == BillingMode.PAY_PER_REQUEST);
    }
  }

  // ---- what is asked again and again

  private static ReplicationGroupUpdate created() {
    return ReplicationGroupUpdate.builder()
        .create(
            c ->
                c.regionName(EAST)
                    .kmsMasterKeyId("alias/east")
                    .tableClassOverride(TableClass.STANDARD_INFREQUENT_ACCESS)
                    .provisionedThroughputOverride(p -> p.readCapacityUnits(3L))
                    .globalSecondaryIndexes(
                        g ->
                            g.indexName(INDEX)
                                .provisionedThroughputOverride(p -> p.readCapacityUnits(4L))))
        .build();
  }

  private static AutoScalingSettingsUpdate scaling(long minimum, long maximum, double target) {
    return AutoScalingSettingsUpdate.builder()
        .minimumUnits(minimum)
        .maximumUnits(maximum)
        .scalingPolicyUpdate(
            p ->
                p.policyName("track")
                    .targetTrackingScalingPolicyConfiguration(
                        t -> t.targetValue(target).scaleInCooldown(20).disableScaleIn(true)))
        .build();
  }

  private static void is(
      AutoScalingSettingsDescription found, long minimum, long maximum, double target) {
    assertThat(found.minimumUnits()).isEqualTo(minimum);
    assertThat(found.maximumUnits()).isEqualTo(maximum);
    assertThat(found.scalingPolicies())
        .singleElement()
        .satisfies(
            policy -> {
              assertThat(policy.policyName()).isEqualTo("track");
              var tracking = policy.targetTrackingScalingPolicyConfiguration();
              assertThat(tracking.targetValue()).isEqualTo(target);
              assertThat(tracking.scaleInCooldown()).isEqualTo(20);
              assertThat(tracking.disableScaleIn()).isTrue();
              assertThat(tracking.scaleOutCooldown()).isNull();
            });
  }

  private static void refused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DynamoDbException.class,
            error -> {
              assertThat(error.awsErrorDetails().errorCode()).isEqualTo("ValidationException");
              assertThat(error.awsErrorDetails().errorMessage()).contains(words);
            });
  }

  private static List<ReplicaAutoScalingDescription> scaled(DynamoDbClient client) {
    return client
        .describeTableReplicaAutoScaling(r -> r.tableName(TABLE))
        .tableAutoScalingDescription()
        .replicas();
  }

  private static ReplicaAutoScalingDescription scaled(DynamoDbClient client, String region) {
    return scaled(client).stream()
        .filter(each -> each.regionName().equals(region))
        .findFirst()
        .orElseThrow();
  }

  private static AutoScalingSettingsDescription reads(DynamoDbClient client, String region) {
    return scaled(client, region).replicaProvisionedReadCapacityAutoScalingSettings();
  }

  private static List<ReplicaSettingsDescription> settings(DynamoDbClient client) {
    return client.describeGlobalTableSettings(r -> r.globalTableName(TABLE)).replicaSettings();
  }

  private static ReplicaSettingsDescription setting(DynamoDbClient client, String region) {
    return settings(client).stream()
        .filter(each -> each.regionName().equals(region))
        .findFirst()
        .orElseThrow();
  }

  private static long indexWrites(DynamoDbClient client, String region) {
    return setting(client, region)
        .replicaGlobalSecondaryIndexSettings()
        .getFirst()
        .provisionedWriteCapacityUnits();
  }

  private static TableDescription table(DynamoDbClient client) {
    return client.describeTable(r -> r.tableName(TABLE)).table();
  }

  private static ReplicaDescription replica(DynamoDbClient client) {
    return table(client).replicas().stream()
        .filter(each -> each.regionName().equals(EAST))
        .findFirst()
        .orElseThrow();
  }

  private void awaitReplica() {
    Await.until(
        "the replica is active",
        () ->
            table(west).replicas().stream()
                    .anyMatch(
                        each ->
                            each.regionName().equals(EAST)
                                && each.replicaStatus() == ReplicaStatus.ACTIVE)
                && table(west).tableStatus() == TableStatus.ACTIVE);
  }

  private void awaitGlobal() {
    Await.until(
        "the global table is active",
        () ->
            west.describeGlobalTable(r -> r.globalTableName(TABLE))
                    .globalTableDescription()
                    .globalTableStatus()
                == GlobalTableStatus.ACTIVE);
  }

  private static void create(DynamoDbClient client, BillingMode mode) {
    ProvisionedThroughput capacity =
        mode == BillingMode.PROVISIONED
            ? ProvisionedThroughput.builder().readCapacityUnits(5L).writeCapacityUnits(5L).build()
            : null;
    client.createTable(
        r ->
            r.tableName(TABLE)
                .billingMode(mode)
                .provisionedThroughput(capacity)
                .attributeDefinitions(
                    d -> d.attributeName("id").attributeType("S"),
                    d -> d.attributeName("team").attributeType("S"))
                .keySchema(k -> k.attributeName("id").keyType(KeyType.HASH))
                .globalSecondaryIndexes(
                    g ->
                        g.indexName(INDEX)
                            .keySchema(k -> k.attributeName("team").keyType(KeyType.HASH))
                            .projection(p -> p.projectionType(ProjectionType.ALL))
                            .provisionedThroughput(capacity))
                .streamSpecification(
                    s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
    Await.until("the table is active", () -> table(client).tableStatus() == TableStatus.ACTIVE);
  }

  private DynamoDbClient client(String region) {
    return DynamoDbClient.builder()
        .endpointOverride(URI.create(regions.region(region).url()))
        .region(Region.of(region))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }
}
