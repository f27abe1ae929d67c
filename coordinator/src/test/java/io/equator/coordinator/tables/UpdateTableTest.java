package io.equator.coordinator.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.TableDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protects what UpdateTable refuses and what it makes of a table. */
class UpdateTableTest {
  private static final String KEY =
      "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
          + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]";

  /** Provisioned, 5 and 5. */
  private static final String PROVISIONED =
      "{'TableName':'Old',"
          + KEY
          + ",'ProvisionedThroughput':{'ReadCapacityUnits':5,'WriteCapacityUnits':5}}";

  /** On demand, with a global index {@code gsi} on {@code g}. */
  private static final String ON_DEMAND =
      "{'TableName':'New','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
          + "{'AttributeName':'g','AttributeType':'S'}],"
          + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
          + "'GlobalSecondaryIndexes':[{'IndexName':'gsi',"
          + "'KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],"
          + "'Projection':{'ProjectionType':'ALL'}}],'BillingMode':'PAY_PER_REQUEST'}";

  private static final String INDEX_ON_H =
      "{'Create':{'IndexName':'%s','KeySchema':[{'AttributeName':'h','KeyType':'HASH'}],"
          + "'Projection':{'ProjectionType':'ALL'}}}";
  private static final String H =
      "'AttributeDefinitions':[{'AttributeName':'h','AttributeType':'N'}]";

  @TempDir Path directory;
  private Tables tables;

  @BeforeEach
  void open() {
    tables = new Tables(directory).reconciled();
    tables.create(PROVISIONED);
    tables.create(ON_DEMAND);
  }

  @AfterEach
  void close() {
    tables.close();
  }

  private String update(String table, String members) {
    String answer = tables.call("UpdateTable", "{'TableName':'" + table + "'," + members + "}");
    tables.awaitSettled(table);
    return answer;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Old | 'AttributeDefinitions':[] | At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required
          Old | 'ProvisionedThroughput':{'ReadCapacityUnits':0,'WriteCapacityUnits':5} | 1 validation error detected: Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1
          Old | 'BillingMode':'PAY_PER_REQUEST','ProvisionedThroughput':{'ReadCapacityUnits':5,'WriteCapacityUnits':5} | One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST
          New | 'ProvisionedThroughput':{'ReadCapacityUnits':5,'WriteCapacityUnits':5} | One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST
          Old | 'BillingMode':'PROVISIONED' | One or more parameter values were invalid: ProvisionedThroughput must be specified when BillingMode is PROVISIONED
          New | 'BillingMode':'PROVISIONED','ProvisionedThroughput':{'ReadCapacityUnits':5,'WriteCapacityUnits':5} | One or more parameter values were invalid: ProvisionedThroughput must be specified for index: gsi
          Old | 'ProvisionedThroughput':{'ReadCapacityUnits':5,'WriteCapacityUnits':5} | The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the table: 5. Requested WriteCapacityUnits: 5. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.
          Old | 'ProvisionedThroughput':{'ReadCapacityUnits':1000000000001,'WriteCapacityUnits':5} | Given value 1000000000001 for ReadCapacityUnits is out of bounds
          Old | 'GlobalSecondaryIndexUpdates':[{}] | One or more parameter values were invalid: One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null
          New | 'GlobalSecondaryIndexUpdates':[{'Delete':{'IndexName':'gsi'}},{'Delete':{'IndexName':'gsi'}}] | One or more parameter values were invalid: Only one global secondary index update per index is allowed simultaneously. Index: gsi
          New | 'GlobalSecondaryIndexUpdates':[{'Update':{'IndexName':'gsi','ProvisionedThroughput':{'ReadCapacityUnits':5,'WriteCapacityUnits':5}}}] | One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: gsi when BillingMode is PAY_PER_REQUEST
          New | 'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'gsi','KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}}] | Attempting to create an index which already exists
          New | 'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':[{'AttributeName':'x','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}}] | One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [x], AttributeDefinitions: [pk, g]
          New | 'AttributeDefinitions':[{'AttributeName':'g','AttributeType':'N'}],'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}}] | One or more parameter values were invalid: The type of a defined attribute cannot be changed. Attribute: g
          Old | 'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'new','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}}] | One or more parameter values were invalid: ProvisionedThroughput must be specified for index: new
          Old | 'StreamSpecification':{'StreamEnabled':false} | Table is not an enabled stream: TableName: Old
          Old | 'OnDemandThroughput':{'MaxReadRequestUnits':5} | One or more parameter values were invalid: OnDemandThroughput cannot be specified for table when BillingMode is PROVISIONED
          Old | 'WarmThroughput':{'ReadUnitsPerSecond':4} | One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, requested: 4, current: 5
          Old | 'ReplicaUpdates':[{'Create':{'RegionName':'us-east-1'}}] | Region us-east-1 is not supported. The latest version of global tables are only supported in the following regions: [us-west-2]
          Old | 'MultiRegionConsistency':'STRONG' | One or more parameter values were invalid: MultiRegionConsistency STRONG is not supported: Equator does not have strong multi-Region consistency yet
          """,
      quoteCharacter = '§',
      maxCharsPerColumn = 8192)
  void whatCannotBeMeantIsRefused(String table, String members, String message) {
    TableDescriptor before = tables.descriptor(table);
    assertThat(update(table, members)).isEqualTo("ValidationException: " + message);
    assertThat(tables.descriptor(table)).isEqualTo(before);
  }

  @Test
  void whatIsNotThereIsNotFound() {
    String change = "'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':1}";
    assertThat(update("Nope", change))
        .isEqualTo(
            "ResourceNotFoundException: Requested resource not found: Table: Nope not found");
    assertThat(update("New", "'GlobalSecondaryIndexUpdates':[{'Delete':{'IndexName':'nope'}}]"))
        .isEqualTo("ResourceNotFoundException: Requested resource not found");
  }

  // ---- throughput and billing

  @Test
  void throughputChangesAndIsCounted() {
    String up = "'ProvisionedThroughput':{'ReadCapacityUnits':20,'WriteCapacityUnits':15}";
    assertThat(update("Old", up)).contains("\"TableStatus\":\"UPDATING\"");
    String down = "'ProvisionedThroughput':{'ReadCapacityUnits':19,'WriteCapacityUnits':16}";
    tables.set(Tables.START.plusSeconds(10));
    update("Old", down);
    assertThat(tables.call("DescribeTable", "{'TableName':'Old'}"))
        .contains(
            "\"TableStatus\":\"ACTIVE\"",
            ("'ProvisionedThroughput':{'LastIncreaseDateTime':1767323055.678,"
                    + "'LastDecreaseDateTime':1767323055.678,'NumberOfDecreasesToday':1,"
                    + "'ReadCapacityUnits':19,'WriteCapacityUnits':16}")
                .replace('\'', '"'));
    tables.set(Tables.START.plus(Duration.ofDays(1)));
    assertThat(tables.call("DescribeTable", "{'TableName':'Old'}"))
        .contains("\"NumberOfDecreasesToday\":0");
  }

  @Test
  void decreasesAreLimited() {
    update("Old", "'ProvisionedThroughput':{'ReadCapacityUnits':99,'WriteCapacityUnits':99}");
    for (int i = 1; i <= 4; i++) {
      assertThat(update("Old", units(99 - i))).startsWith("{");
    }
    assertThat(update("Old", units(90)))
        .isEqualTo(
            "LimitExceededException: Subscriber limit exceeded: Provisioned throughput decreases"
                + " are limited within a given UTC day. After the first 4 decreases, each"
                + " subsequent decrease in the same UTC day can be performed at most once every"
                + " 3600 seconds. Number of decreases today: 4. Last decrease at Friday, January"
                + " 2, 2026 3:04:05 AM UTC. Next decrease can be made at Friday, January 2, 2026"
                + " 4:04:05 AM UTC");
    tables.set(Tables.START.plus(Duration.ofHours(1)));
    assertThat(update("Old", units(90))).startsWith("{");
  }

  private static String units(int reads) {
    return "'ProvisionedThroughput':{'ReadCapacityUnits':" + reads + ",'WriteCapacityUnits':99}";
  }

  @Test
  void billingSwitchesThereAndBack() {
    tables.set(Tables.START.plusSeconds(5));
    update("Old", "'BillingMode':'PAY_PER_REQUEST'");
    assertThat(tables.call("DescribeTable", "{'TableName':'Old'}"))
        .contains(
            ("'BillingModeSummary':{'BillingMode':'PAY_PER_REQUEST',"
                    + "'LastUpdateToPayPerRequestDateTime':1767323050.678}")
                .replace('\'', '"'),
            "\"ReadCapacityUnits\":0,\"WriteCapacityUnits\":0",
            "\"WarmThroughput\":{\"ReadUnitsPerSecond\":12000,");
    update(
        "Old",
        "'BillingMode':'PROVISIONED',"
            + "'ProvisionedThroughput':{'ReadCapacityUnits':3,'WriteCapacityUnits':4}");
    assertThat(tables.call("DescribeTable", "{'TableName':'Old'}"))
        .contains("\"BillingMode\":\"PROVISIONED\"")
        .contains("\"ReadCapacityUnits\":3,\"WriteCapacityUnits\":4");
  }

  @Test
  void onDemandToOnDemandChangesNothing() {
    TableDescriptor before = tables.descriptor("New");
    assertThat(update("New", "'BillingMode':'PAY_PER_REQUEST'"))
        .contains("\"TableStatus\":\"ACTIVE\"");
    assertThat(tables.descriptor("New")).isEqualTo(before);
  }

  @Test
  void aTableWithIndexesBecomesProvisionedWithAllOfThem() {
    update(
        "New",
        "'BillingMode':'PROVISIONED',"
            + "'ProvisionedThroughput':{'ReadCapacityUnits':3,'WriteCapacityUnits':4},"
            + "'GlobalSecondaryIndexUpdates':[{'Update':{'IndexName':'gsi',"
            + "'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':2}}}]");
    IndexDescriptor index = tables.descriptor("New").getIndexes(0);
    assertThat(index.getThroughput().getReadUnits()).isEqualTo(1);
    assertThat(index.getThroughput().getWriteUnits()).isEqualTo(2);
    assertThat(index.getStatus()).isEqualTo("ACTIVE");
  }

  // ---- indexes

  @Test
  void anIndexComesAndGoesWithItsDefinitions() {
    long schema = tables.descriptor("New").getSchemaVersion();
    String created =
        update("New", H + ",'GlobalSecondaryIndexUpdates':[" + INDEX_ON_H.formatted("byH") + "]");
    assertThat(created).contains("\"TableStatus\":\"UPDATING\"", "\"IndexStatus\":\"CREATING\"");
    TableDescriptor with = tables.descriptor("New");
    assertThat(with.getIndexesList())
        .extracting(
            IndexDescriptor::getName, IndexDescriptor::getIndexId, IndexDescriptor::getStatus)
        .containsExactly(tuple("gsi", 1, "ACTIVE"), tuple("byH", 2, "ACTIVE"));
    assertThat(with.getAttributeDefinitionsList())
        .extracting(KeyElement::getAttributeName)
        .containsExactly("pk", "g", "h");
    assertThat(with.getSchemaVersion()).isGreaterThan(schema);

    assertThat(update("New", "'GlobalSecondaryIndexUpdates':[{'Delete':{'IndexName':'byH'}}]"))
        .contains("\"IndexStatus\":\"DELETING\"");
    TableDescriptor without = tables.descriptor("New");
    assertThat(without.getIndexesList())
        .extracting(IndexDescriptor::getName)
        .containsExactly("gsi");
    assertThat(without.getAttributeDefinitionsList())
        .extracting(KeyElement::getAttributeName)
        .containsExactly("pk", "g");
    assertThat(without.getSchemaVersion()).isGreaterThan(with.getSchemaVersion());

    update("New", H + ",'GlobalSecondaryIndexUpdates':[" + INDEX_ON_H.formatted("byH") + "]");
    assertThat(tables.descriptor("New").getIndexes(1).getIndexId()).isEqualTo(3);
  }

  @Test
  void onlyOneIndexIsBuiltAtATime() {
    assertThat(
            update(
                "New",
                H
                    + ",'GlobalSecondaryIndexUpdates':["
                    + INDEX_ON_H.formatted("one")
                    + ","
                    + INDEX_ON_H.formatted("two")
                    + "]"))
        .isEqualTo(
            "LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created"
                + " or deleted simultaneously per table");
  }

  // ---- the rest

  @Test
  void aStreamGoesOffAndOnAgainUnderANewLabel() {
    String on = "'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'KEYS_ONLY'}";
    assertThat(update("Old", on)).contains("/stream/2026-01-02T03:04:05.678");
    assertThat(update("Old", on))
        .isEqualTo("ValidationException: Table already has an enabled stream: TableName: Old");
    update("Old", "'StreamSpecification':{'StreamEnabled':false}");
    assertThat(tables.call("DescribeTable", "{'TableName':'Old'}"))
        .doesNotContain("StreamSpecification")
        .contains("\"LatestStreamLabel\":\"2026-01-02T03:04:05.678\"");
    tables.set(Tables.START.plusMillis(1));
    assertThat(update("Old", on)).contains("/stream/2026-01-02T03:04:05.679");
  }

  @Test
  void classEncryptionProtectionAndLimitsChange() {
    assertThat(update("Old", "'TableClass':'STANDARD_INFREQUENT_ACCESS'"))
        .contains("\"TableClassSummary\":{\"TableClass\":\"STANDARD_INFREQUENT_ACCESS\",");
    assertThat(update("Old", "'SSESpecification':{'Enabled':true}"))
        .contains("\"KMSMasterKeyArn\":\"arn:aws:kms:us-west-2:123456789012:alias/aws/dynamodb\"");
    assertThat(update("Old", "'SSESpecification':{'Enabled':false}"))
        .doesNotContain("SSEDescription");
    assertThat(update("Old", "'DeletionProtectionEnabled':true"))
        .contains("\"TableStatus\":\"ACTIVE\"", "\"DeletionProtectionEnabled\":true");
    assertThat(update("New", "'OnDemandThroughput':{'MaxReadRequestUnits':5}"))
        .contains("\"OnDemandThroughput\":{\"MaxReadRequestUnits\":5}");
    assertThat(update("New", "'WarmThroughput':{'WriteUnitsPerSecond':4001}"))
        .contains("\"ReadUnitsPerSecond\":12000,\"WriteUnitsPerSecond\":4001");
  }
}
