package io.equator.coordinator.tables;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.proto.TableDescriptor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protects what CreateTable refuses, in which words and order, and what it answers and stores. */
class CreateTableTest {
  /** Members that make a valid request together with a table's name. */
  private static final String KEY_ONLY =
      "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
          + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]";

  private static final String ON_DEMAND = "'BillingMode':'PAY_PER_REQUEST'";

  private static final String BOTH_KEYS =
      "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
          + "{'AttributeName':'sk','AttributeType':'N'},"
          + "{'AttributeName':'a','AttributeType':'B'}],"
          + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
          + "{'AttributeName':'sk','KeyType':'RANGE'}]";

  @TempDir Path directory;
  private Tables tables;

  @BeforeEach
  void open() {
    tables = new Tables(directory);
  }

  @AfterEach
  void close() {
    tables.close();
  }

  private String create(String members) {
    return tables.call("CreateTable", "{'TableName':'Music'," + members + "}");
  }

  // ---- names

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                        | The parameter 'TableName' is required but was not present in the request
          {'TableName':null}        | The parameter 'TableName' is required but was not present in the request
          {'TableName':''}          | 1 validation error detected: Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3
          {'TableName':'ab'}        | 1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3
          {'TableName':'bad name!'} | 1 validation error detected: Value 'bad name!' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+
          """,
      quoteCharacter = '§')
  void aBadNameIsToldAlone(String request, String message) {
    assertThat(tables.call("CreateTable", request)).isEqualTo("ValidationException: " + message);
  }

  @Test
  void aNameOf256CharactersIsTooLong() {
    String name = "n".repeat(256);
    assertThat(tables.call("CreateTable", "{'TableName':'" + name + "'}"))
        .isEqualTo(
            "ValidationException: 1 validation error detected: Value '"
                + name
                + "' at 'tableName' failed to satisfy constraint: Member must have length less than"
                + " or equal to 255");
  }

  @Test
  void aNameMayBeAnArn() {
    String arn = "arn:aws:dynamodb:us-west-2:123456789012:table/Music";
    assertThat(
            tables.call(
                "CreateTable", "{'TableName':'" + arn + "'," + KEY_ONLY + "," + ON_DEMAND + "}"))
        .contains("\"TableName\":\"Music\"", "\"TableArn\":\"" + arn + "\"");
  }

  // ---- members

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'KeySchema':[] | 2 validation errors detected: Value null at 'attributeDefinitions' failed to satisfy constraint: Member must not be null; Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or equal to 1
          'AttributeDefinitions':[] | 1 validation error detected: Value null at 'keySchema' failed to satisfy constraint: Member must not be null
          'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'INVALID'}],'KeySchema':[{'AttributeName':'pk','KeyType':'INVALID'}],'BillingMode':'X' | 3 validation errors detected: Value 'INVALID' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]; Value 'X' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]; Value 'INVALID' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]
          'AttributeDefinitions':[{}],'KeySchema':[{}],'ProvisionedThroughput':{'ReadCapacityUnits':0} | 6 validation errors detected: Value null at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: Member must not be null; Value null at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must not be null; Value null at 'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member must not be null; Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1; Value null at 'keySchema.1.member.attributeName' failed to satisfy constraint: Member must not be null; Value null at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must not be null
          'AttributeDefinitions':[],'KeySchema':[{'AttributeName':'a','KeyType':'HASH'},{'AttributeName':'b','KeyType':'RANGE'},{'AttributeName':'c','KeyType':'RANGE'}] | 1 validation error detected: Value '[KeySchemaElement(attributeName=a, keyType=HASH), KeySchemaElement(attributeName=b, keyType=RANGE), KeySchemaElement(attributeName=c, keyType=RANGE)]' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2
          'AttributeDefinitions':[],'KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],'GlobalSecondaryIndexes':[{'IndexName':'i!'}] | 4 validation errors detected: Value 'i!' at 'globalSecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'i!' at 'globalSecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member must have length greater than or equal to 3; Value null at 'globalSecondaryIndexes.1.member.keySchema' failed to satisfy constraint: Member must not be null; Value null at 'globalSecondaryIndexes.1.member.projection' failed to satisfy constraint: Member must not be null
          'AttributeDefinitions':[],'KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],'LocalSecondaryIndexes':[{'IndexName':'idx','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],'Projection':{'ProjectionType':'abc','NonKeyAttributes':[]}}] | 2 validation errors detected: Value 'abc' at 'localSecondaryIndexes.1.member.projection.projectionType' failed to satisfy constraint: Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]; Value '[]' at 'localSecondaryIndexes.1.member.projection.nonKeyAttributes' failed to satisfy constraint: Member must have length greater than or equal to 1
          'AttributeDefinitions':[],'KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],'StreamSpecification':{'StreamViewType':'ALL'},'TableClass':'GOLD','Tags':[{'Key':''}] | 5 validation errors detected: Value null at 'streamSpecification.streamEnabled' failed to satisfy constraint: Member must not be null; Value 'ALL' at 'streamSpecification.streamViewType' failed to satisfy constraint: Member must satisfy enum value set: [NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY]; Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null; Value 'GOLD' at 'tableClass' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, STANDARD_INFREQUENT_ACCESS]
          """,
      quoteCharacter = '§',
      maxCharsPerColumn = 8192)
  void membersAreCheckedTogether(String members, String message) {
    assertThat(create(members)).isEqualTo("ValidationException: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'TableName':5 | NUMBER_VALUE cannot be converted to String
          'KeySchema':'x' | Unexpected field type
          'KeySchema':['x'] | Unexpected value type in payload
          'KeySchema':[[]] | Unrecognized collection type class com.amazonaws.dynamodb.v20120810.KeySchemaElement
          'ProvisionedThroughput':{'ReadCapacityUnits':'5'} | STRING_VALUE cannot be converted to Long
          'StreamSpecification':{'StreamEnabled':'perhaps'} | Unexpected token received from parser
          """,
      quoteCharacter = '§')
  void typesComeFirst(String members, String message) {
    assertThat(tables.call("CreateTable", "{" + members + "}"))
        .isEqualTo("SerializationException: " + message);
  }

  // ---- meaning

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          %key,%ppr,'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':1} | One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST
          %key | One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED
          %key,'ProvisionedThroughput':{'ReadCapacityUnits':1000000000001,'WriteCapacityUnits':1000000000002} | Given value 1000000000001 for ReadCapacityUnits is out of bounds
          %key,'ProvisionedThroughput':{'ReadCapacityUnits':1000000000000,'WriteCapacityUnits':1000000000001} | Given value 1000000000001 for WriteCapacityUnits is out of bounds
          'AttributeDefinitions':[],'KeySchema':[{'AttributeName':'a','KeyType':'RANGE'}],%ppr | Invalid KeySchema: Some index key attribute have no definition
          'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'pk','KeyType':'RANGE'}],%ppr | Invalid KeySchema: Some index key attribute have no definition
          'AttributeDefinitions':[{'AttributeName':'c','AttributeType':'S'},{'AttributeName':'d','AttributeType':'S'}],'KeySchema':[{'AttributeName':'a','KeyType':'HASH'},{'AttributeName':'b','KeyType':'RANGE'}],%ppr | One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [a, b], AttributeDefinitions: [c, d]
          'AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'},{'AttributeName':'b','AttributeType':'S'}],'KeySchema':[{'AttributeName':'a','KeyType':'RANGE'},{'AttributeName':'a','KeyType':'HASH'}],%ppr | Both the Hash Key and the Range Key element in the KeySchema have the same name
          'AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'}],'KeySchema':[{'AttributeName':'a','KeyType':'RANGE'}],%ppr | Invalid KeySchema: The first KeySchemaElement is not a HASH key type
          'AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'},{'AttributeName':'b','AttributeType':'S'}],'KeySchema':[{'AttributeName':'a','KeyType':'HASH'},{'AttributeName':'b','KeyType':'HASH'}],%ppr | Invalid KeySchema: The second KeySchemaElement is not a RANGE key type
          %both,%ppr | One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions
          %key,%ppr,'LocalSecondaryIndexes':[] | One or more parameter values were invalid: List of LocalSecondaryIndexes is empty
          %key,%ppr,'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'Projection':{}}] | One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex
          %both,%ppr,'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'x','KeyType':'RANGE'}],'Projection':{}}] | One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [pk, x], AttributeDefinitions: [pk, sk, a]
          %both,%ppr,'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],'Projection':{}}] | One or more parameter values were invalid: Index KeySchema does not have a range key for index: lsi
          %both,%ppr,'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':[{'AttributeName':'a','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'RANGE'}],'Projection':{}}] | One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as table KeySchema for index: lsi. index hash key: a, table hash key: pk
          %both,%ppr,'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'a','KeyType':'RANGE'}],'Projection':{}}] | One or more parameter values were invalid: Unknown ProjectionType: null
          %both,%ppr,'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'a','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL','NonKeyAttributes':['x']}}] | One or more parameter values were invalid: ProjectionType is ALL, but NonKeyAttributes is specified
          %both,%ppr,'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'a','KeyType':'RANGE'}],'Projection':{'ProjectionType':'KEYS_ONLY','NonKeyAttributes':['x']}}] | One or more parameter values were invalid: ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified
          %both,%ppr,'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'a','KeyType':'RANGE'}],'Projection':{'ProjectionType':'INCLUDE'}}] | One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified
          %both,%ppr,'GlobalSecondaryIndexes':[] | One or more parameter values were invalid: List of GlobalSecondaryIndexes is empty
          %both,%ppr,'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':[{'AttributeName':'a','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}}] | Invalid KeySchema: The first KeySchemaElement is not a HASH key type
          %both,%ppr,'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'},'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':1}}] | One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: gsi when BillingMode is PAY_PER_REQUEST
          %both,'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':1},'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}] | One or more parameter values were invalid: ProvisionedThroughput must be specified for index: gsi
          %both,%ppr,'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}},{'IndexName':'gsi','KeySchema':[{'AttributeName':'sk','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}] | One or more parameter values were invalid: Duplicate index name: gsi
          %both,%ppr,'LocalSecondaryIndexes':[{'IndexName':'idx','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'a','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}}],'GlobalSecondaryIndexes':[{'IndexName':'idx','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}] | One or more parameter values were invalid: Duplicate index name: idx
          %both,%ppr,'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':[{'AttributeName':'sk','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}] | One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: [pk, sk, a], keys used: [pk, sk]
          %both,%ppr,'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':[{'AttributeName':'a','KeyType':'HASH'},{'AttributeName':'pk','KeyType':'RANGE'},{'AttributeName':'sk','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}] | Invalid KeySchema: All HASH key elements must precede all RANGE key elements for index: gsi
          %both,%ppr,'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':[{'AttributeName':'a','KeyType':'HASH'},{'AttributeName':'sk','KeyType':'HASH'},{'AttributeName':'a','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}}] | Invalid KeySchema: Some attributes are named more than once for index: gsi
          %key,%ppr,'StreamSpecification':{'StreamEnabled':true} | One or more parameter values were invalid: StreamViewType must be specified when StreamEnabled is true
          %key,%ppr,'SSESpecification':{'Enabled':true,'SSEType':'AES256'} | One or more parameter values were invalid: SSEType AES256 is not supported, only KMS is supported
          %key,%ppr,'Tags':[{'Key':'aws:x','Value':'1'}] | One or more parameter values were invalid: Tag keys that begin with aws: are reserved. Tag key: aws:x
          %key,%ppr,'OnDemandThroughput':{'MaxReadRequestUnits':0} | One or more parameter values were invalid: MaxReadRequestUnits for table must be at least 1, or -1 to remove the limit
          %key,%ppr,'WarmThroughput':{'ReadUnitsPerSecond':11999} | One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, requested: 11999, current: 12000
          %key,%ppr,'ResourcePolicy':'{}' | One or more parameter values were invalid: ResourcePolicy is not supported: Equator does not have resource-based policies yet
          %key,%ppr,'VectorIndexes':[] | One or more parameter values were invalid: VectorIndexes is not supported: Equator does not have vector indexes yet
          %key,%ppr,'GlobalTableSourceArn':'arn' | One or more parameter values were invalid: GlobalTableSourceArn is not supported: Equator does not have global tables of several accounts yet
          """,
      quoteCharacter = '§',
      maxCharsPerColumn = 8192)
  void whatCannotBeMeantIsRefused(String members, String message) {
    String request =
        members.replace("%key", KEY_ONLY).replace("%both", BOTH_KEYS).replace("%ppr", ON_DEMAND);
    assertThat(create(request)).isEqualTo("ValidationException: " + message);
    assertThat(tables.catalog().follower().snapshot().tables()).isEmpty();
  }

  @Test
  void indexesAreLimitedInNumber() {
    String local =
        "{'IndexName':'idx%d','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
            + "{'AttributeName':'a','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}}";
    String global =
        "{'IndexName':'idx%d','KeySchema':[{'AttributeName':'a','KeyType':'HASH'}],"
            + "'Projection':{'ProjectionType':'ALL'}}";
    assertThat(create(BOTH_KEYS + "," + ON_DEMAND + ",'LocalSecondaryIndexes':" + many(local, 6)))
        .endsWith("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
    assertThat(
            create(BOTH_KEYS + "," + ON_DEMAND + ",'GlobalSecondaryIndexes':" + many(global, 21)))
        .endsWith("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }

  private static String many(String element, int count) {
    List<String> elements =
        IntStream.range(0, count).mapToObj(i -> element.replace("%d", String.valueOf(i))).toList();
    return "[" + String.join(",", elements) + "]";
  }

  // ---- answers

  @Test
  void answersCreatingAndStoresTheDescriptor() {
    String answer =
        create(
            KEY_ONLY + ",'ProvisionedThroughput':{'ReadCapacityUnits':5,'WriteCapacityUnits':6}");
    TableDescriptor table = tables.descriptor("Music");
    assertThat(answer)
        .isEqualTo(
            ("{'TableDescription':{'AttributeDefinitions':[{'AttributeName':'pk',"
                    + "'AttributeType':'S'}],'TableName':'Music',"
                    + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
                    + "'TableStatus':'CREATING','CreationDateTime':1767323045.678,"
                    + "'ProvisionedThroughput':{'NumberOfDecreasesToday':0,"
                    + "'ReadCapacityUnits':5,'WriteCapacityUnits':6},"
                    + "'TableSizeBytes':0,'ItemCount':0,"
                    + "'TableArn':'arn:aws:dynamodb:us-west-2:123456789012:table/Music',"
                    + "'TableId':'"
                    + table.getUuid()
                    + "','DeletionProtectionEnabled':false,"
                    + "'WarmThroughput':{'ReadUnitsPerSecond':5,'WriteUnitsPerSecond':6,"
                    + "'Status':'ACTIVE'}}}")
                .replace('\'', '"'));
    assertThat(table.getTableId()).isEqualTo(1);
    assertThat(table.getRingId()).isEqualTo(1);
    assertThat(table.getUuid()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  }

  @Test
  void describesEverythingThatWasAskedFor() {
    tables.reconciled();
    create(
        "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
            + "{'AttributeName':'sk','AttributeType':'S'},{'AttributeName':'a','AttributeType':'N'},"
            + "{'AttributeName':'b','AttributeType':'B'}],"
            + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
            + "{'AttributeName':'sk','KeyType':'RANGE'}],"
            + "'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':["
            + "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'a','KeyType':'RANGE'}],"
            + "'Projection':{'ProjectionType':'KEYS_ONLY'}}],"
            + "'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':["
            + "{'AttributeName':'a','KeyType':'HASH'},{'AttributeName':'b','KeyType':'HASH'},"
            + "{'AttributeName':'sk','KeyType':'RANGE'},{'AttributeName':'pk','KeyType':'RANGE'}],"
            + "'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['x','y']},"
            + "'OnDemandThroughput':{'MaxWriteRequestUnits':7},"
            + "'WarmThroughput':{'WriteUnitsPerSecond':5000}}],"
            + "'BillingMode':'PAY_PER_REQUEST','DeletionProtectionEnabled':true,"
            + "'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'NEW_IMAGE'},"
            + "'SSESpecification':{'Enabled':true,'KMSMasterKeyId':'alias/mine'},"
            + "'TableClass':'STANDARD_INFREQUENT_ACCESS','Tags':[{'Key':'team','Value':'blue'}],"
            + "'OnDemandThroughput':{'MaxReadRequestUnits':9,'MaxWriteRequestUnits':-1},"
            + "'WarmThroughput':{'ReadUnitsPerSecond':13000}");
    tables.awaitSettled("Music");
    assertThat(tables.call("DescribeTable", "{'TableName':'Music'}"))
        .isEqualTo(
            ("{'Table':{'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
                    + "{'AttributeName':'sk','AttributeType':'S'},"
                    + "{'AttributeName':'a','AttributeType':'N'},"
                    + "{'AttributeName':'b','AttributeType':'B'}],'TableName':'Music',"
                    + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
                    + "{'AttributeName':'sk','KeyType':'RANGE'}],'TableStatus':'ACTIVE',"
                    + "'CreationDateTime':1767323045.678,"
                    + "'ProvisionedThroughput':{'NumberOfDecreasesToday':0,"
                    + "'ReadCapacityUnits':0,'WriteCapacityUnits':0},"
                    + "'TableSizeBytes':0,'ItemCount':0,"
                    + "'TableArn':'arn:aws:dynamodb:us-west-2:123456789012:table/Music',"
                    + "'TableId':'"
                    + tables.descriptor("Music").getUuid()
                    + "','BillingModeSummary':{'BillingMode':'PAY_PER_REQUEST',"
                    + "'LastUpdateToPayPerRequestDateTime':1767323045.678},"
                    + "'LocalSecondaryIndexes':[{'IndexName':'lsi','KeySchema':["
                    + "{'AttributeName':'pk','KeyType':'HASH'},"
                    + "{'AttributeName':'a','KeyType':'RANGE'}],"
                    + "'Projection':{'ProjectionType':'KEYS_ONLY'},"
                    + "'IndexSizeBytes':0,'ItemCount':0,"
                    + "'IndexArn':'arn:aws:dynamodb:us-west-2:123456789012:table/Music/index/lsi'}],"
                    + "'GlobalSecondaryIndexes':[{'IndexName':'gsi','KeySchema':["
                    + "{'AttributeName':'a','KeyType':'HASH'},"
                    + "{'AttributeName':'b','KeyType':'HASH'},"
                    + "{'AttributeName':'sk','KeyType':'RANGE'},"
                    + "{'AttributeName':'pk','KeyType':'RANGE'}],"
                    + "'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['x','y']},"
                    + "'IndexSizeBytes':0,'ItemCount':0,"
                    + "'IndexArn':'arn:aws:dynamodb:us-west-2:123456789012:table/Music/index/gsi',"
                    + "'IndexStatus':'ACTIVE','ProvisionedThroughput':{"
                    + "'NumberOfDecreasesToday':0,'ReadCapacityUnits':0,'WriteCapacityUnits':0},"
                    + "'OnDemandThroughput':{'MaxWriteRequestUnits':7},"
                    + "'WarmThroughput':{'ReadUnitsPerSecond':12000,'WriteUnitsPerSecond':5000,"
                    + "'Status':'ACTIVE'}}],"
                    + "'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'NEW_IMAGE'},"
                    + "'LatestStreamLabel':'2026-01-02T03:04:05.678',"
                    + "'LatestStreamArn':'arn:aws:dynamodb:us-west-2:123456789012:table/Music"
                    + "/stream/2026-01-02T03:04:05.678',"
                    + "'SSEDescription':{'Status':'ENABLED','SSEType':'KMS',"
                    + "'KMSMasterKeyArn':'arn:aws:kms:us-west-2:123456789012:alias/mine'},"
                    + "'TableClassSummary':{'TableClass':'STANDARD_INFREQUENT_ACCESS'},"
                    + "'DeletionProtectionEnabled':true,"
                    + "'OnDemandThroughput':{'MaxReadRequestUnits':9,'MaxWriteRequestUnits':-1},"
                    + "'WarmThroughput':{'ReadUnitsPerSecond':13000,'WriteUnitsPerSecond':4000,"
                    + "'Status':'ACTIVE'}}}")
                .replace('\'', '"'));
  }

  // ---- several

  @Test
  void aNameIsTakenOnce() {
    create(KEY_ONLY + "," + ON_DEMAND);
    assertThat(create(KEY_ONLY + "," + ON_DEMAND))
        .isEqualTo("ResourceInUseException: Table already exists: Music");
  }

  @Test
  void ofManyCreationsOfOneNameOneSucceeds() throws Exception {
    tables.reconciled();
    List<Future<String>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        answers.add(threads.submit(() -> create(KEY_ONLY + "," + ON_DEMAND)));
      }
    }
    int made = 0;
    for (Future<String> answer : answers) {
      if (answer.get().startsWith("{")) {
        made++;
      } else {
        assertThat(answer.get()).isEqualTo("ResourceInUseException: Table already exists: Music");
      }
    }
    assertThat(made).isEqualTo(1);
  }

  @Test
  void numbersAreNeverGivenTwice() {
    tables.reconciled();
    for (int i = 1; i <= 3; i++) {
      tables.create("{'TableName':'Music'," + KEY_ONLY + "," + ON_DEMAND + "}");
      assertThat(tables.descriptor("Music").getTableId()).isEqualTo(i);
      tables.call("DeleteTable", "{'TableName':'Music'}");
      tables.awaitSettled("Music");
    }
  }

  @Test
  void aLostAnswerDoesNotMakeTheTableTwice() {
    tables.catalog().loseAnswers(1);
    assertThat(create(KEY_ONLY + "," + ON_DEMAND)).startsWith("{");
    assertThat(tables.descriptor("Music").getTableId()).isEqualTo(1);
  }
}
