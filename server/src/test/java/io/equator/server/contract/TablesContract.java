package io.equator.server.contract;

import static io.equator.server.contract.Contract.plain;
import static io.equator.server.contract.Contract.sorted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.ListTablesResponse;
import software.amazon.awssdk.services.dynamodb.model.LocalSecondaryIndexDescription;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.model.Tag;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;

/** CreateTable, UpdateTable, DeleteTable, DescribeTable, ListTables, tags, time to live. */
interface TablesContract extends Contract {

  private TableDescription describe(String name) {
    return dynamo().describeTable(request -> request.tableName(name)).table();
  }

  @Test
  default void aTableIsDescribedAsItWasCreated() {
    TableDescription table = describe(SORTED);

    assertThat(table.tableStatus()).isEqualTo(TableStatus.ACTIVE);
    assertThat(table.tableArn()).endsWith(":table/" + SORTED);
    assertThat(table.billingModeSummary().billingMode()).isEqualTo(BillingMode.PAY_PER_REQUEST);
    assertThat(table.keySchema()).isEqualTo(sorted(SORTED).keySchema());
    assertThat(table.attributeDefinitions())
        .containsExactlyInAnyOrderElementsOf(sorted(SORTED).attributeDefinitions());
    assertThat(table.localSecondaryIndexes())
        .extracting(LocalSecondaryIndexDescription::indexName)
        .containsExactlyInAnyOrder("ByAt", "ByAtKeys");
  }

  @Test
  default void tablesAreListedInPages() {
    List<String> names = new ArrayList<>();
    String start = null;
    do {
      String from = start;
      ListTablesResponse page =
          dynamo()
              .listTables(
                  request -> {
                    request.limit(1);
                    if (from != null) {
                      request.exclusiveStartTableName(from);
                    }
                  });
      assertThat(page.tableNames()).hasSizeLessThanOrEqualTo(1);
      names.addAll(page.tableNames());
      start = page.lastEvaluatedTableName();
    } while (start != null);

    assertThat(names).contains(PLAIN, SORTED).isSorted();
  }

  @Test
  default void aNameIsTakenOnceAndFreeAfterwards() {
    String name = "Contract.Again";
    create(plain(name));
    put(name, "pk", "old");
    assertThatThrownBy(() -> dynamo().createTable(plain(name)))
        .isInstanceOf(ResourceInUseException.class)
        .hasMessageContaining("Table already exists: " + name);

    dynamo().deleteTable(request -> request.tableName(name));
    dynamo().waiter().waitUntilTableNotExists(request -> request.tableName(name));
    assertThatThrownBy(() -> describe(name))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("Requested resource not found: Table: " + name + " not found");

    create(plain(name));
    assertThat(get(name, "pk", "old")).as("an item of the table that was deleted").isEmpty();
    dynamo().deleteTable(request -> request.tableName(name));
  }

  @Test
  default void deletionProtectionProtects() {
    String name = "Contract.Protected";
    create(plain(name).toBuilder().deletionProtectionEnabled(true).build());
    assertThatThrownBy(() -> dynamo().deleteTable(request -> request.tableName(name)))
        .isInstanceOf(DynamoDbException.class);

    dynamo().updateTable(request -> request.tableName(name).deletionProtectionEnabled(false));
    dynamo().waiter().waitUntilTableExists(request -> request.tableName(name));
    dynamo().deleteTable(request -> request.tableName(name));
  }

  @Test
  default void tagsComeAndGo() {
    String arn = describe(PLAIN).tableArn();
    dynamo()
        .tagResource(
            request ->
                request
                    .resourceArn(arn)
                    .tags(
                        Tag.builder().key("team").value("a").build(),
                        Tag.builder().key("cost").value("").build()));
    dynamo().untagResource(request -> request.resourceArn(arn).tagKeys("team"));

    assertThat(dynamo().listTagsOfResource(request -> request.resourceArn(arn)).tags())
        .containsExactly(Tag.builder().key("cost").value("").build());
  }

  @Test
  default void timeToLiveIsASettingOfTheTable() {
    assertThat(
            dynamo()
                .describeTimeToLive(request -> request.tableName(SORTED))
                .timeToLiveDescription()
                .timeToLiveStatus())
        .isEqualTo(TimeToLiveStatus.DISABLED);
    dynamo()
        .updateTimeToLive(
            request ->
                request
                    .tableName(SORTED)
                    .timeToLiveSpecification(ttl -> ttl.enabled(true).attributeName("expires")));

    assertThat(
            dynamo()
                .describeTimeToLive(request -> request.tableName(SORTED))
                .timeToLiveDescription()
                .attributeName())
        .isEqualTo("expires");
  }

  @Test
  default void aTableIsCheckedBeforeItIsCreated() {
    assertThatThrownBy(() -> dynamo().createTable(plain("ab")))
        .isInstanceOf(DynamoDbException.class)
        .hasMessageContaining("Member must have length greater than or equal to 3");
  }
}
