package io.equator.coordinator.tables;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.replication.catalog.CatalogFollower;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects deleting, describing and listing, what lies between the states, and restarts. */
class TableCommandsTest {
  private static final String MEMBERS =
      "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
          + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
          + "'BillingMode':'PAY_PER_REQUEST'";
  private static final String CREATE = "{'TableName':'Music'," + MEMBERS + "}";
  private static final String MUSIC = "{'TableName':'Music'}";

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

  @Test
  void anUnknownTableIsNotFound() {
    for (String operation : List.of("DescribeTable", "DeleteTable", "DescribeTimeToLive")) {
      assertThat(tables.call(operation, MUSIC))
          .isEqualTo(
              "ResourceNotFoundException: Requested resource not found: Table: Music not found");
    }
    assertThat(
            tables.call(
                "DescribeTable",
                "{'TableName':'arn:aws:dynamodb:us-west-2:999999999999:table/Music'}"))
        .startsWith("ResourceNotFoundException");
    assertThat(tables.call("DescribeTable", "{'TableName':'arn:aws:s3:::bucket'}"))
        .startsWith("ValidationException");
  }

  @Test
  void aTableThatIsBeingCreatedCannotBeChanged() {
    tables.call("CreateTable", CREATE);
    String being =
        "ResourceInUseException: Attempt to change a resource which is still in use: Table is being"
            + " created: Music";
    assertThat(tables.call("DeleteTable", MUSIC)).isEqualTo(being);
    assertThat(tables.call("UpdateTable", "{'TableName':'Music','DeletionProtectionEnabled':true}"))
        .isEqualTo(being);
    assertThat(tables.call("DescribeTable", MUSIC)).contains("\"TableStatus\":\"CREATING\"");
    assertThat(tables.call("ListTables", "{}")).isEqualTo("{\"TableNames\":[\"Music\"]}");
  }

  @Test
  void aTableThatIsBeingDeletedMayBeDeletedAgain() {
    makeActiveWithoutReconciler();
    assertThat(tables.call("DeleteTable", MUSIC)).contains("\"TableStatus\":\"DELETING\"");
    assertThat(tables.call("DeleteTable", MUSIC)).contains("\"TableStatus\":\"DELETING\"");
    assertThat(tables.call("UpdateTable", "{'TableName':'Music','DeletionProtectionEnabled':true}"))
        .endsWith("Table is being deleted: Music");
    assertThat(tables.call("CreateTable", CREATE))
        .isEqualTo("ResourceInUseException: Table already exists: Music");
  }

  @Test
  void aTableThatIsBeingUpdatedCannotBeDeleted() {
    makeActiveWithoutReconciler();
    tables.call("UpdateTable", "{'TableName':'Music','SSESpecification':{'Enabled':true}}");
    String being =
        "ResourceInUseException: Attempt to change a resource which is still in use: Table is being"
            + " updated: Music";
    assertThat(tables.call("DeleteTable", MUSIC)).isEqualTo(being);
    assertThat(tables.call("UpdateTable", "{'TableName':'Music','DeletionProtectionEnabled':true}"))
        .isEqualTo(being);
  }

  private void makeActiveWithoutReconciler() {
    tables.call("CreateTable", CREATE);
    try (TableReconciler once =
        new TableReconciler(
            tables.catalog().client(),
            tables.catalog().follower(),
            _ -> true,
            InstantSource.system())) {
      once.start();
      tables.awaitSettled("Music");
    }
  }

  @Test
  void aProtectedTableIsNotDeleted() {
    tables.reconciled();
    tables.create(CREATE);
    tables.call("UpdateTable", "{'TableName':'Music','DeletionProtectionEnabled':true}");
    assertThat(tables.call("DeleteTable", MUSIC))
        .isEqualTo(
            "ValidationException: Resource cannot be deleted as it is currently protected against"
                + " deletion. Disable deletion protection first.");
    tables.call("UpdateTable", "{'TableName':'Music','DeletionProtectionEnabled':false}");
    assertThat(tables.call("DeleteTable", MUSIC)).contains("\"TableName\":\"Music\"");
    tables.await(snapshot -> snapshot.table("Music").isEmpty());
    assertThat(tables.call("DescribeTable", MUSIC)).startsWith("ResourceNotFoundException");
    assertThat(tables.call("ListTables", "{}")).isEqualTo("{\"TableNames\":[]}");
  }

  @Test
  void whatADeletedTablesStreamNeedsIsKeptForADay() {
    tables.reconciled();
    tables.create(
        CREATE.replace(
            "{'TableName'",
            "{'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'KEYS_ONLY'},'TableName'"));
    long version = tables.descriptor("Music").getSchemaVersion();
    int id = tables.descriptor("Music").getTableId();
    tables.call("DeleteTable", MUSIC);
    tables.await(snapshot -> snapshot.table("Music").isEmpty());
    tables.await(snapshot -> snapshot.droppedTable(id).isPresent());
    assertThat(tables.catalog().follower().snapshot().droppedTable(id).orElseThrow().descriptor())
        .satisfies(
            left -> {
              assertThat(left.getStreamEnabled()).isFalse();
              assertThat(left.getPastStreams(0).getEndedSchemaVersion()).isGreaterThan(version);
            });
    tables.set(Tables.START.plus(Duration.ofHours(25)));
    // Any change of the catalog makes the reconciler look.
    tables.create(CREATE.replace("Music", "Other"));
    tables.await(snapshot -> snapshot.droppedTables().isEmpty());
  }

  @Test
  void nothingIsKeptOfATableThatNeverHadAStream() {
    tables.reconciled();
    tables.create(CREATE);
    tables.call("DeleteTable", MUSIC);
    tables.await(snapshot -> snapshot.table("Music").isEmpty());
    assertThat(tables.catalog().follower().snapshot().droppedTables()).isEmpty();
  }

  // ---- ListTables

  @Test
  void tablesAreListedInOrderAndInPages() {
    List<String> names = new ArrayList<>(IntStream.range(0, 7).mapToObj(i -> "tab" + i).toList());
    names.add("Zoo");
    names.forEach(
        name -> tables.call("CreateTable", "{'TableName':'" + name + "'," + MEMBERS + "}"));
    assertThat(tables.call("ListTables", "{'Limit':3}"))
        .isEqualTo(
            "{\"TableNames\":[\"Zoo\",\"tab0\",\"tab1\"],\"LastEvaluatedTableName\":\"tab1\"}");
    assertThat(tables.call("ListTables", "{'Limit':5,'ExclusiveStartTableName':'tab1'}"))
        .isEqualTo("{\"TableNames\":[\"tab2\",\"tab3\",\"tab4\",\"tab5\",\"tab6\"]}");
    assertThat(tables.call("ListTables", "{'Limit':1,'ExclusiveStartTableName':'tab3x'}"))
        .isEqualTo("{\"TableNames\":[\"tab4\"],\"LastEvaluatedTableName\":\"tab4\"}");
    assertThat(tables.call("ListTables", "{'ExclusiveStartTableName':'tab6'}"))
        .isEqualTo("{\"TableNames\":[]}");
  }

  @Test
  void listsAreCheckedForTheirMembers() {
    assertThat(tables.call("ListTables", "{'Limit':0,'ExclusiveStartTableName':'a;'}"))
        .isEqualTo(
            "ValidationException: 3 validation errors detected: Value 'a;' at"
                + " 'exclusiveStartTableName' failed to satisfy constraint: Member must satisfy"
                + " regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a;' at"
                + " 'exclusiveStartTableName' failed to satisfy constraint: Member must have length"
                + " greater than or equal to 3; Value '0' at 'limit' failed to satisfy constraint:"
                + " Member must have value greater than or equal to 1");
    assertThat(tables.call("ListTables", "{'Limit':101}"))
        .endsWith("Member must have value less than or equal to 100");
  }

  // ---- crashes

  /** What a coordinator leaves behind at any step is brought to its end by the next one. */
  @Test
  void aNewStartGoesOnWhereTheOldOneStopped() {
    makeActiveWithoutReconciler();
    tables.call("CreateTable", "{'TableName':'Half'," + MEMBERS + "}");
    tables.call("UpdateTable", "{'TableName':'Music','SSESpecification':{'Enabled':true}}");
    tables.catalog().flush();
    tables.close();

    tables = new Tables(directory);
    assertThat(tables.descriptor("Half").getStatus()).isEqualTo("CREATING");
    assertThat(tables.descriptor("Music").getStatus()).isEqualTo("UPDATING");
    tables.reconciled();
    tables.awaitSettled("Half");
    tables.awaitSettled("Music");
    assertThat(tables.descriptor("Half").getStatus()).isEqualTo("ACTIVE");
    assertThat(tables.descriptor("Music").getSseEnabled()).isTrue();
  }

  @Test
  void aCatalogWithoutLeaderHoldsTheStepUpAndNoMore() {
    tables.call("CreateTable", CREATE);
    tables.catalog().lead(false);
    tables.reconciled();
    tables.catalog().loseAnswers(1);
    tables.catalog().lead(true);
    tables.awaitSettled("Music");
    assertThat(tables.descriptor("Music").getStatus()).isEqualTo("ACTIVE");
  }

  /** Three coordinators reconcile the same catalog; steps are made once. */
  @Test
  void severalReconcilersDoNotDisturbOneAnother() {
    try (CatalogFollower second = tables.catalog().newFollower();
        CatalogFollower third = tables.catalog().newFollower();
        TableReconciler a =
            new TableReconciler(
                tables.catalog().client(), second, _ -> true, InstantSource.system());
        TableReconciler b =
            new TableReconciler(
                tables.catalog().client(), third, _ -> true, InstantSource.system())) {
      a.start();
      b.start();
      tables.reconciled();
      for (int i = 0; i < 20; i++) {
        tables.call("CreateTable", "{'TableName':'tab" + i + "'," + MEMBERS + "}");
      }
      long made = tables.catalog().follower().snapshot().revision();
      IntStream.range(0, 20).forEach(i -> tables.awaitSettled("tab" + i));
      assertThat(tables.catalog().follower().snapshot().tables()).hasSize(20);
      assertThat(tables.catalog().follower().snapshot().revision()).isLessThanOrEqualTo(made + 20);
    }
  }
}
