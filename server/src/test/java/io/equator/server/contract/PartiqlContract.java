package io.equator.server.contract;

import static io.equator.server.contract.Contract.item;
import static io.equator.server.contract.Contract.n;
import static io.equator.server.contract.Contract.newKey;
import static io.equator.server.contract.Contract.s;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.equator.server.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchStatementErrorCodeEnum;
import software.amazon.awssdk.services.dynamodb.model.BatchStatementRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchStatementResponse;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DuplicateItemException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.ExecuteStatementRequest;
import software.amazon.awssdk.services.dynamodb.model.ExecuteStatementResponse;
import software.amazon.awssdk.services.dynamodb.model.ExecuteTransactionResponse;
import software.amazon.awssdk.services.dynamodb.model.IdempotentParameterMismatchException;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ParameterizedStatement;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;

/** PartiQL: single statements, batches and transactions of them. */
interface PartiqlContract extends Contract {
  String FROM_PLAIN = " FROM \"" + PLAIN + "\" ";
  String FROM_SORTED = " FROM \"" + SORTED + "\" ";

  private ExecuteStatementResponse run(
      String statement, Consumer<ExecuteStatementRequest.Builder> more, AttributeValue... values) {
    return dynamo()
        .executeStatement(
            request -> {
              request.statement(statement);
              if (values.length > 0) {
                request.parameters(values);
              }
              more.accept(request);
            });
  }

  private List<Map<String, AttributeValue>> rows(String statement, AttributeValue... values) {
    return run(statement, request -> request.consistentRead(true), values).items();
  }

  private List<String> sortKeys(String statement, AttributeValue... values) {
    return rows(statement, values).stream().map(row -> text(row, "sk")).toList();
  }

  private static String text(Map<String, AttributeValue> row, String name) {
    AttributeValue value = row.get(name);
    return value == null ? "" : value.n() == null ? value.s() : value.n();
  }

  private void refused(String statement, String message, AttributeValue... values) {
    assertThatThrownBy(() -> rows(statement, values))
        .isInstanceOfSatisfying(
            DynamoDbException.class,
            failure -> {
              assertThat(failure.awsErrorDetails().errorCode()).isEqualTo("ValidationException");
              assertThat(failure.awsErrorDetails().errorMessage()).isEqualTo(message);
            });
  }

  /** Items 0 to 5 with {@code at} running backwards. */
  private String sortedItems() {
    String key = newKey();
    for (int i = 0; i < 6; i++) {
      put(SORTED, "pk", key, "sk", i, "at", "t" + (9 - i), "even", i % 2 == 0);
    }
    return key;
  }

  @Test
  default void anItemIsInsertedOnceReadChangedAndDeleted() {
    String key = newKey();
    ExecuteStatementResponse inserted =
        run(
            "INSERT INTO \""
                + PLAIN
                + "\" VALUE {'pk': ?, 'n': 1, 'm': {'l': [1, 'x'], 's': <<'a', 'b'>>}, 'gone':"
                + " TRUE}",
            request -> {},
            s(key));
    assertThat(inserted.items()).isEmpty();
    assertThat(inserted.hasItems()).isTrue();
    assertThat(rows("SELECT n, m.l[1], m.s" + FROM_PLAIN + "WHERE pk = ?", s(key)))
        .containsExactly(item("n", 1, "l[1]", "x", "s", AttributeValue.fromSs(List.of("a", "b"))));

    List<Map<String, AttributeValue>> changed =
        rows(
            "UPDATE \""
                + PLAIN
                + "\" SET n = n + 2 SET m.l = list_append(m.l, [?]) SET m.s = set_add(m.s, <<'c'>>)"
                + " REMOVE gone WHERE pk = ? AND n = 1 RETURNING ALL NEW *",
            n(7),
            s(key));
    assertThat(changed)
        .containsExactly(
            item(
                "pk",
                key,
                "n",
                3,
                "m",
                AttributeValue.fromM(
                    Map.of(
                        "l",
                        AttributeValue.fromL(List.of(n(1), s("x"), n(7))),
                        "s",
                        AttributeValue.fromSs(List.of("a", "b", "c"))))));
    assertThat(
            rows(
                "UPDATE \"" + PLAIN + "\" SET n = 4 WHERE pk = ? RETURNING MODIFIED OLD *", s(key)))
        .containsExactly(item("n", 3));
    assertThat(
            text(
                rows("DELETE" + FROM_PLAIN + "WHERE pk = ? RETURNING ALL OLD *", s(key)).getFirst(),
                "n"))
        .isEqualTo("4");
    assertThat(get(PLAIN, "pk", key)).isEmpty();
    assertThat(rows("DELETE" + FROM_PLAIN + "WHERE pk = ?", s(key))).isEmpty();
  }

  @Test
  default void writesKeepTheirConditions() {
    String key = newKey();
    String insert = "INSERT INTO \"" + PLAIN + "\" VALUE {'pk': ?, 'n': 1}";
    rows(insert, s(key));
    assertThatThrownBy(() -> rows(insert, s(key)))
        .isInstanceOfSatisfying(
            DuplicateItemException.class,
            failure ->
                assertThat(failure.awsErrorDetails().errorMessage())
                    .isEqualTo("Duplicate primary key exists in table"));
    assertThatThrownBy(() -> rows("UPDATE \"" + PLAIN + "\" SET n = 1 WHERE pk = ?", s(newKey())))
        .isInstanceOf(ConditionalCheckFailedException.class);
    ConditionalCheckFailedException failure =
        catchThrowableOfType(
            ConditionalCheckFailedException.class,
            () ->
                run(
                    "DELETE" + FROM_PLAIN + "WHERE pk = ? AND n > 1",
                    request ->
                        request.returnValuesOnConditionCheckFailure(
                            ReturnValuesOnConditionCheckFailure.ALL_OLD),
                    s(key)));
    assertThat(failure.awsErrorDetails().errorMessage())
        .isEqualTo("The conditional request failed");
    assertThat(failure.item()).isEqualTo(item("pk", key, "n", 1));
    assertThat(get(PLAIN, "pk", key)).isEqualTo(item("pk", key, "n", 1));
  }

  @Test
  default void keysDecideWhatIsRead() {
    String key = sortedItems();
    String where = FROM_SORTED + "WHERE pk = ? ";
    assertThat(sortKeys("SELECT *" + where, s(key))).containsExactly("0", "1", "2", "3", "4", "5");
    assertThat(sortKeys("SELECT sk" + where + "AND sk > 1 AND sk <= 3", s(key)))
        .containsExactly("2", "3");
    assertThat(sortKeys("SELECT sk" + where + "AND sk BETWEEN 2 AND 3 AND even = TRUE", s(key)))
        .containsExactly("2");
    assertThat(sortKeys("SELECT sk" + where + "AND sk IN (1, 4, 9)", s(key)))
        .containsExactly("1", "4");
    assertThat(sortKeys("SELECT sk" + where + "AND sk > 3 AND sk < 2", s(key))).isEmpty();
    assertThat(sortKeys("SELECT sk" + where + "AND sk >= 4 ORDER BY sk DESC", s(key)))
        .containsExactly("5", "4");
    assertThat(sortKeys("SELECT sk" + where + "AND sk = 2 AND even = FALSE", s(key))).isEmpty();
    assertThat(sortKeys("SELECT sk" + where + "AND sk = 2 AND even = TRUE", s(key)))
        .containsExactly("2");

    String index = " FROM \"" + SORTED + "\".\"ByAt\" WHERE pk = ? ";
    assertThat(sortKeys("SELECT *" + index + "AND begins_with(\"at\", 't')", s(key)))
        .containsExactly("5", "4", "3", "2", "1", "0");
    assertThat(sortKeys("SELECT sk, even" + index.replace("ByAt", "ByAtKeys"), s(key)))
        .containsExactly("5", "4", "3", "2", "1", "0");
    refused(
        "SELECT * FROM \"" + SORTED + "\".\"Nope\" WHERE pk = 'a'",
        "The table does not have the specified index: Nope");
  }

  @Test
  default void severalCollectionsAreReadInOrder() {
    String one = sortedItems();
    String two = sortedItems();
    String where = FROM_SORTED + "WHERE pk IN [?, ?] AND sk < 2 ";
    assertThat(rows("SELECT pk, sk" + where, s(two), s(one)))
        .containsExactly(
            item("pk", two, "sk", 0),
            item("pk", two, "sk", 1),
            item("pk", one, "sk", 0),
            item("pk", one, "sk", 1));
    String low = one.compareTo(two) < 0 ? one : two;
    String high = low.equals(one) ? two : one;
    assertThat(rows("SELECT pk, sk" + where + "ORDER BY pk DESC, sk DESC", s(low), s(high)))
        .containsExactly(
            item("pk", high, "sk", 1),
            item("pk", high, "sk", 0),
            item("pk", low, "sk", 1),
            item("pk", low, "sk", 0));
  }

  @Test
  default void pagesFollowOneAnother() {
    String one = sortedItems();
    String two = sortedItems();
    String statement = "SELECT *" + FROM_SORTED + "WHERE pk IN (?, ?) AND sk <> 3";
    List<String> seen = new ArrayList<>();
    String token = null;
    int pages = 0;
    do {
      String next = token;
      ExecuteStatementResponse page =
          run(
              statement,
              request -> {
                request.limit(4).consistentRead(true);
                if (next != null) {
                  request.nextToken(next);
                }
              },
              s(one),
              s(two));
      page.items().forEach(row -> seen.add(text(row, "sk")));
      token = page.nextToken();
      pages++;
    } while (token != null);
    assertThat(seen).containsExactly("0", "1", "2", "4", "5", "0", "1", "2", "4", "5");
    assertThat(pages).isEqualTo(4);

    String first = run(statement, request -> request.limit(4), s(one), s(two)).nextToken();
    assertThatThrownBy(() -> run(statement, request -> request.nextToken(first), s(two), s(one)))
        .hasMessageContaining("NextToken does not match request");
    assertThatThrownBy(
            () ->
                run("DELETE" + FROM_PLAIN + "WHERE pk = 'a'", request -> request.nextToken(first)))
        .hasMessageContaining("NextToken is only valid on a SELECT statement");
  }

  @Test
  default void withoutAKeyEverythingIsRead() {
    String key = sortedItems();
    List<String> seen = new ArrayList<>();
    String token = null;
    do {
      String next = token;
      ExecuteStatementResponse page =
          run(
              "SELECT sk" + FROM_SORTED + "WHERE contains(pk, ?) AND \"at\" IS NOT MISSING",
              request -> request.limit(5).consistentRead(true).nextToken(next),
              s(key));
      page.items().forEach(row -> seen.add(text(row, "sk")));
      token = page.nextToken();
    } while (token != null);
    assertThat(seen).containsExactly("0", "1", "2", "3", "4", "5");
  }

  @Test
  @SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
  default void aGlobalIndexIsReadByItsOwnKey() {
    String table = "Contract.Partiql." + newKey();
    create(
        Contract.plain(table).toBuilder()
            .attributeDefinitions(definition("pk"), definition("color"))
            .globalSecondaryIndexes(
                index ->
                    index
                        .indexName("ByColor")
                        .keySchema(
                            key -> key.attributeName("color").keyType(KeyType.HASH),
                            key -> key.attributeName("pk").keyType(KeyType.RANGE))
                        .projection(
                            projection -> projection.projectionType(ProjectionType.KEYS_ONLY)))
            .build());
    for (int i = 0; i < 4; i++) {
      put(table, "pk", "k" + i, "color", i % 2 == 0 ? "red" : "blue", "n", i);
    }
    String from = " FROM \"" + table + "\".\"ByColor\" WHERE color = 'red'";
    Await.until(
        "the index has both", () -> run("SELECT *" + from, request -> {}).items().size() == 2);
    assertThat(run("SELECT *" + from + " ORDER BY pk DESC", request -> {}).items())
        .containsExactly(item("color", "red", "pk", "k2"), item("color", "red", "pk", "k0"));
    refused(
        "SELECT *" + from, "Strongly consistent read is not supported on Global Secondary Indexes");
    assertThatThrownBy(() -> run("SELECT n" + from, request -> {}))
        .hasMessageContaining("Global secondary index ByColor does not project [n]");
    dynamo().deleteTable(request -> request.tableName(table));
  }

  private static AttributeDefinition definition(String name) {
    return AttributeDefinition.builder()
        .attributeName(name)
        .attributeType(ScalarAttributeType.S)
        .build();
  }

  @Test
  default void whatCannotBeDoneIsSaid() {
    String noKey = "Where clause does not contain a mandatory equality on all key attributes";
    refused("UPDATE \"" + SORTED + "\" SET a = 1 WHERE pk = 'a'", noKey);
    refused("UPDATE \"" + SORTED + "\" SET a = 1 WHERE pk = 'a' AND sk > 1", noKey);
    refused("DELETE" + FROM_PLAIN, noKey);
    refused(
        "UPDATE \"" + PLAIN + "\" SET pk = 'b' WHERE pk = 'a'",
        "One or more parameter values were invalid: Cannot update attribute pk. This attribute is"
            + " part of the key");
    refused(
        "INSERT INTO \"" + PLAIN + "\" VALUE {'a': 1}",
        "One or more parameter values were invalid: Missing the key pk in the item");
    refused(
        "SELECT *" + FROM_PLAIN + "WHERE pk = 1",
        "The provided key element does not match the schema");
    refused(
        "SELECT *" + FROM_SORTED + "WHERE pk = 1",
        "One or more parameter values were invalid: Condition parameter type does not match schema"
            + " type");
    refused(
        "SELECT *" + FROM_SORTED + "WHERE sk = 1 ORDER BY sk",
        "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY"
            + " clause.");
    refused(
        "SELECT *" + FROM_SORTED + "WHERE pk = 'a' ORDER BY even",
        "Variable reference even in ORDER BY clause must be part of the primary key");
    refused(
        "SELECT *" + FROM_PLAIN + "WHERE pk = ?",
        "Number of parameters in request and statement don't match.",
        s("a"),
        s("b"));
    assertThatThrownBy(() -> rows("SELECT * FROM \"Contract.None\" WHERE pk = 'a'"))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() -> run("x".repeat(8193), request -> {}))
        .hasMessageContaining("Member must have length less than or equal to 8192");
    assertThatThrownBy(() -> run("SELECT *" + FROM_PLAIN, request -> request.limit(0)))
        .hasMessageContaining("Member must have value greater than or equal to 1");
  }

  @Test
  default void capacityIsThatOfTheEquivalentOperation() {
    String key = sortedItems();
    Consumer<ExecuteStatementRequest.Builder> total =
        request -> request.returnConsumedCapacity(ReturnConsumedCapacity.TOTAL);
    assertThat(
            run("SELECT *" + FROM_SORTED + "WHERE pk = ?", total, s(key))
                .consumedCapacity()
                .capacityUnits())
        .isEqualTo(0.5);
    assertThat(
            run("SELECT *" + FROM_SORTED + "WHERE pk = ? AND sk = 1", total, s(key))
                .consumedCapacity()
                .capacityUnits())
        .isEqualTo(0.5);
    assertThat(
            run("UPDATE \"" + SORTED + "\" SET x = 1 WHERE pk = ? AND sk = 1", total, s(key))
                .consumedCapacity()
                .capacityUnits())
        .isEqualTo(2.0);
  }

  // ---- batches

  private static BatchStatementRequest batched(String statement, AttributeValue... values) {
    BatchStatementRequest.Builder request =
        BatchStatementRequest.builder().statement(statement).consistentRead(true);
    return (values.length == 0 ? request : request.parameters(values)).build();
  }

  private List<BatchStatementResponse> batch(BatchStatementRequest... statements) {
    return dynamo().batchExecuteStatement(request -> request.statements(statements)).responses();
  }

  @Test
  default void aBatchAnswersForEachStatement() {
    String one = newKey();
    String two = newKey();
    put(PLAIN, "pk", one, "n", 1);
    List<BatchStatementResponse> writes =
        batch(
            batched("INSERT INTO \"" + PLAIN + "\" VALUE {'pk': ?, 'n': 9}", s(one)),
            batched("INSERT INTO \"" + PLAIN + "\" VALUE {'pk': ?, 'n': 2}", s(two)),
            batched("UPDATE \"" + PLAIN + "\" SET n = 1 WHERE pk = ?", s(newKey())),
            batched("DELETE FROM \"Contract.None\" WHERE pk = 'a'"),
            batched("UPDATE nonsense"));
    assertThat(writes.get(0).error().code()).isEqualTo(BatchStatementErrorCodeEnum.DUPLICATE_ITEM);
    assertThat(writes.get(0).error().message()).isEqualTo("Duplicate primary key exists in table");
    assertThat(writes.get(1).error()).isNull();
    assertThat(writes.get(1).tableName()).isEqualTo(PLAIN);
    assertThat(writes.get(2).error().code())
        .isEqualTo(BatchStatementErrorCodeEnum.CONDITIONAL_CHECK_FAILED);
    assertThat(writes.get(3).error().code())
        .isEqualTo(BatchStatementErrorCodeEnum.RESOURCE_NOT_FOUND);
    assertThat(writes.get(4).error().code())
        .isEqualTo(BatchStatementErrorCodeEnum.VALIDATION_ERROR);

    List<BatchStatementResponse> reads =
        batch(
            batched("SELECT n" + FROM_PLAIN + "WHERE pk = ?", s(two)),
            batched("SELECT n" + FROM_PLAIN + "WHERE pk = ? AND n > 5", s(one)),
            batched("SELECT *" + FROM_SORTED + "WHERE pk = 'a'"));
    assertThat(reads.get(0).item()).isEqualTo(item("n", 2));
    assertThat(reads.get(1).hasItem()).isFalse();
    assertThat(reads.get(1).error()).isNull();
    assertThat(reads.get(2).error().message())
        .isEqualTo(
            "Select statements within BatchExecuteStatement must specify the primary key in the"
                + " where clause.");
  }

  @Test
  default void aBatchIsOfOneKindAndOfDifferentItems() {
    BatchStatementRequest read = batched("SELECT *" + FROM_PLAIN + "WHERE pk = 'a'");
    BatchStatementRequest write = batched("DELETE" + FROM_PLAIN + "WHERE pk = 'b'");
    assertThatThrownBy(() -> batch(read, write))
        .hasMessageContaining(
            "Read and write requests together in the same batch is not supported.");
    assertThatThrownBy(() -> batch(read, read))
        .hasMessageContaining("Provided list of item keys contains duplicates");
    assertThatThrownBy(() -> batch())
        .hasMessageContaining("Member must have length greater than or equal to 1");
    assertThatThrownBy(
            () ->
                batch(
                    IntStream.range(0, 26)
                        .mapToObj(i -> read)
                        .toArray(BatchStatementRequest[]::new)))
        .hasMessageContaining("Member must have length less than or equal to 25");
  }

  // ---- transactions

  private static ParameterizedStatement part(String statement, AttributeValue... values) {
    ParameterizedStatement.Builder request = ParameterizedStatement.builder().statement(statement);
    return (values.length == 0 ? request : request.parameters(values)).build();
  }

  private ExecuteTransactionResponse transaction(ParameterizedStatement... statements) {
    return dynamo().executeTransaction(request -> request.transactStatements(statements));
  }

  @Test
  default void aTransactionIsMadeAsAWhole() {
    String one = newKey();
    String two = newKey();
    put(PLAIN, "pk", one, "n", 1);
    ParameterizedStatement insert =
        part("INSERT INTO \"" + PLAIN + "\" VALUE {'pk': ?, 'n': 2}", s(two));
    ParameterizedStatement update =
        part("UPDATE \"" + PLAIN + "\" SET n = n + 1 WHERE pk = ?", s(one));
    String other = newKey();
    String exists = "EXISTS(SELECT *" + FROM_PLAIN + "WHERE pk = ? AND attribute_not_exists(n))";
    transaction(insert, update, part(exists, s(other)));
    assertThat(get(PLAIN, "pk", one)).isEqualTo(item("pk", one, "n", 2));
    assertThat(get(PLAIN, "pk", two)).isEqualTo(item("pk", two, "n", 2));

    TransactionCanceledException cancelled =
        catchThrowableOfType(TransactionCanceledException.class, () -> transaction(update, insert));
    assertThat(cancelled.cancellationReasons())
        .extracting(CancellationReason::code)
        .containsExactly("None", "DuplicateItem");
    assertThat(cancelled.cancellationReasons().get(1).message())
        .isEqualTo("Duplicate primary key exists in table");
    assertThat(
            catchThrowableOfType(
                    TransactionCanceledException.class,
                    () ->
                        transaction(
                            update,
                            part(
                                "EXISTS(SELECT *" + FROM_PLAIN + "WHERE pk = ? AND n = 9)",
                                s(two))))
                .cancellationReasons())
        .extracting(CancellationReason::code)
        .containsExactly("None", "ConditionalCheckFailed");
    assertThat(get(PLAIN, "pk", one)).isEqualTo(item("pk", one, "n", 2));

    ExecuteTransactionResponse read =
        dynamo()
            .executeTransaction(
                request ->
                    request
                        .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL)
                        .transactStatements(
                            part("SELECT n" + FROM_PLAIN + "WHERE pk = ?", s(one)),
                            part("SELECT *" + FROM_PLAIN + "WHERE pk = ?", s(newKey())),
                            part("SELECT nope" + FROM_PLAIN + "WHERE pk = ?", s(two))));
    assertThat(read.responses().get(0).item()).isEqualTo(item("n", 2));
    assertThat(read.responses().get(1).hasItem()).isFalse();
    assertThat(read.responses().get(2).hasItem()).isTrue();
    assertThat(read.responses().get(2).item()).isEmpty();
    assertThat(read.consumedCapacity().getFirst().capacityUnits()).isEqualTo(6.0);
  }

  @Test
  default void aTransactionsTokenIsGoodOnce() {
    String key = newKey();
    put(PLAIN, "pk", key, "n", 1);
    Consumer<AttributeValue> add =
        value ->
            dynamo()
                .executeTransaction(
                    request ->
                        request
                            .clientRequestToken(key.substring(0, 36))
                            .transactStatements(
                                part(
                                    "UPDATE \"" + PLAIN + "\" SET n = n + ? WHERE pk = ?",
                                    value,
                                    s(key))));
    add.accept(n(1));
    add.accept(n(1));
    assertThat(get(PLAIN, "pk", key)).isEqualTo(item("pk", key, "n", 2));
    assertThatThrownBy(() -> add.accept(n(2)))
        .isInstanceOf(IdempotentParameterMismatchException.class);
  }

  @Test
  default void whatATransactionCannotDoIsSaid() {
    ParameterizedStatement read = part("SELECT *" + FROM_PLAIN + "WHERE pk = 'a'");
    String delete = "DELETE" + FROM_PLAIN + "WHERE pk = 'a'";
    assertThatThrownBy(() -> transaction(read, part(delete)))
        .hasMessageContaining(
            "ExecuteTransaction API does not support both read and write operations in the same"
                + " request.");
    assertThatThrownBy(() -> transaction(read, read))
        .hasMessageContaining("Transaction request cannot include multiple operations on one item");
    String failed = "Validation failed in TransactStatements[0]: ";
    assertThatThrownBy(() -> transaction(part(delete + " RETURNING ALL OLD *")))
        .hasMessageContaining(failed + "RETURNING clause is not supported in ExecuteTransaction.");
    assertThatThrownBy(() -> transaction(part("SELECT *" + FROM_SORTED + "WHERE pk = 'a'")))
        .hasMessageContaining(
            failed
                + "Select statements within ExecuteTransaction must specify the primary key in the"
                + " where clause.");
    assertThatThrownBy(
            () ->
                transaction(
                    part("SELECT * FROM \"" + SORTED + "\".\"ByAt\" WHERE pk = 'a' AND sk = 1")))
        .hasMessageContaining(failed + "Reads on indices are not supported within transactions.");
    assertThatThrownBy(() -> transaction(part("EXISTS(SELECT *" + FROM_PLAIN + "WHERE pk = 'a')")))
        .hasMessageContaining(
            failed + "EXISTS() must contain a single item read with additional condition");
  }
}
