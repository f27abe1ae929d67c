package io.equator.coordinator.query;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.equator.coordinator.api.AboutTable;
import io.equator.coordinator.api.ApiCall;
import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.Operation;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.items.LegacyConditionsMember;
import io.equator.coordinator.items.PathChecks;
import io.equator.coordinator.items.ValueWording;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.router.Router;
import io.equator.coordinator.router.TableNames;
import io.equator.model.error.ApiException;
import io.equator.model.expression.BoundKeyCondition;
import io.equator.model.expression.KeyChecks;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.expression.ResolvedExpressions;
import io.equator.model.expression.SortBounds;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.partitioner.TokenRange;
import io.equator.proto.KeyRange;
import io.equator.replication.catalog.CatalogSnapshot;
import io.equator.replication.catalog.IndexView;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads a page of one item collection of a table or a local index. */
public final class Query implements Operation {
  private static final ValueWording WORDING = ValueWording.CURRENT;

  private final Router router;
  private final ParseCache cache;

  /** The operation. */
  public Query(Router router, ParseCache cache) {
    this.router = router;
    this.cache = cache;
  }

  @Override
  public String name() {
    return "Query";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    return PageReader.read(router, call.parse(Request::read).check(cache));
  }

  /** A Query as sent. */
  private static final class Request implements AboutTable {
    private final PageMembers members = new PageMembers();
    private @Nullable LegacyConditionsMember keyConditions;
    private @Nullable String keyConditionExpression;
    private boolean backward;

    static Request read(WireReader in) {
      Request request = new Request();
      while (in.nextMember()) {
        switch (in.member()) {
          case "KeyConditions" -> request.keyConditions = LegacyConditionsMember.read(in);
          case "KeyConditionExpression" -> request.keyConditionExpression = in.string();
          case "ScanIndexForward" -> request.backward = !in.bool();
          default -> request.members.read(in);
        }
      }
      return request;
    }

    @Override
    public @Nullable String aboutTable() {
      return members.sentTableName();
    }

    PageRequest check(ParseCache cache) {
      members.checkTableName();
      Constraints constraints = new Constraints();
      members.check(constraints, "queryFilter");
      if (keyConditions != null) {
        keyConditions.check(constraints, "keyConditions");
      }
      Integer limit = members.limit();
      if (limit != null && limit < 1) {
        constraints.failWithoutValue("Limit", "Member must have value greater than or equal to 1");
      }
      constraints.throwIfAny();
      RequestExpressions expressions = members.expressions(RequestKind.QUERY, cache, WORDING);
      expressions.keyCondition(keyConditionExpression);
      if (keyConditions != null) {
        expressions.keyConditions(keyConditions.conditions(WORDING));
      }
      expressions.checkParameters();
      EncodedItem start = members.exclusiveStartKey(WORDING);
      members.checkSelect("Querying");
      ResolvedExpressions resolved = expressions.resolve();
      return new PageRequest(
          members.tableName(),
          members.consistent(),
          backward,
          limit == null ? 0 : limit,
          resolved.filter().orElse(null),
          resolved.projection().orElse(null),
          members.countsOnly(),
          members.capacityReport(),
          snapshot -> bind(snapshot, members, resolved, start));
    }
  }

  private static PageTarget bind(
      CatalogSnapshot snapshot,
      PageMembers members,
      ResolvedExpressions resolved,
      @Nullable EncodedItem start) {
    TableView table = TableNames.serving(snapshot, members.tableName());
    IndexView index = IndexChoice.find(table, members);
    List<KeyAttribute> partitionKey =
        index == null ? List.of(table.keySchema().partition()) : index.partitionKey();
    List<KeyAttribute> sortKey =
        index == null ? table.keySchema().sort().map(List::of).orElse(List.of()) : index.sortKey();
    if (start != null) {
      StartKeys.checkAttributes(table, index, start, StartKeys.INVALID);
    }
    BoundKeyCondition condition = resolved.keyCondition().orElseThrow().bind(partitionKey, sortKey);
    if (start != null) {
      StartKeys.primaryKey(table, start);
      checkBoundaries(condition, partitionKey, sortKey, start);
    }
    resolved.projection().ifPresent(projection -> PathChecks.check(table, projection));
    resolved
        .filter()
        .ifPresent(
            filter ->
                KeyChecks.checkFilter(
                    filter, resolved.filterIsLegacy(), joined(partitionKey, sortKey)));
    IndexChoice.checkProjected(
        index, members.wantsAllAttributes(), resolved.projection().orElse(null));
    resolved.filter().ifPresent(filter -> PathChecks.check(table, filter));
    IndexChoice.checkReadable(index);
    byte[] partition = KeyCodec.encode(condition.partition());
    long token = snapshot.tokenHash(table.ringId()).token(partition);
    SortBounds bounds = condition.sortBounds();
    return new PageTarget(
        table,
        index,
        TokenRange.of(token, token),
        KeyRange.newBuilder()
            .setToken(token)
            .setPartitionKey(UnsafeByteOperations.unsafeWrap(partition))
            .setLowerInclusive(UnsafeByteOperations.unsafeWrap(bounds.lowerInclusive()))
            .setUpperExclusive(UnsafeByteOperations.unsafeWrap(bounds.upperExclusive()))
            .build(),
        start == null
            ? ByteString.EMPTY
            : UnsafeByteOperations.unsafeWrap(
                StartKeys.position(snapshot, table, index, start).bytes()),
        IndexChoice.fetchesItems(
            index, members.wantsAllAttributes(), resolved.projection().orElse(null)));
  }

  /** A starting key lies in the collection and in the range that the query asks for. */
  private static void checkBoundaries(
      BoundKeyCondition condition,
      List<KeyAttribute> partitionKey,
      List<KeyAttribute> sortKey,
      EncodedItem start) {
    boolean samePartition = valuesOf(start, partitionKey).equals(condition.partition());
    if (!condition.narrowsSort()) {
      if (!samePartition) {
        throw ApiException.validation(
            "The provided starting key is outside query boundaries based on provided conditions");
      }
      return;
    }
    if (!condition.matchesSort(valuesOf(start, sortKey))) {
      throw ApiException.validation(
          "The provided starting key does not match the range key predicate");
    }
    if (!samePartition) {
      throw ApiException.validation("The query can return at most one row and cannot be restarted");
    }
  }

  private static List<AttributeValue> valuesOf(EncodedItem key, List<KeyAttribute> attributes) {
    List<AttributeValue> values = new ArrayList<>(attributes.size());
    for (KeyAttribute attribute : attributes) {
      AttributeValue value = key.get(attribute.name());
      if (value == null) {
        throw ApiException.validation(StartKeys.INVALID);
      }
      values.add(value);
    }
    return values;
  }

  private static List<KeyAttribute> joined(List<KeyAttribute> first, List<KeyAttribute> second) {
    List<KeyAttribute> joined = new ArrayList<>(first);
    joined.addAll(second);
    return joined;
  }
}
