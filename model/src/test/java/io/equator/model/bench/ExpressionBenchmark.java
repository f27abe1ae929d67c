package io.equator.model.bench;

import io.equator.model.expression.CompiledCondition;
import io.equator.model.expression.CompiledProjection;
import io.equator.model.expression.CompiledUpdate;
import io.equator.model.expression.ExpressionKind;
import io.equator.model.expression.ExpressionValues;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.ParsedExpression;
import io.equator.model.expression.RequestExpressions;
import io.equator.model.expression.RequestKind;
import io.equator.model.expression.ResolvedExpressions;
import io.equator.model.expression.UpdateResult;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.proto.Condition;
import io.equator.proto.Projection;
import io.equator.proto.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The way of expressions through a request, each part alone: read the text, put names and values in
 * (with a cache of what was read), compile on the storage node, evaluate on an item of 1 KB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ExpressionBenchmark {
  private static final String CONDITION =
      "attribute_exists(#k) AND (field3 = :old OR size(field4) > :n) AND NOT begins_with(m.a, :s)";
  private static final String UPDATE = "SET field3 = :new, counter1 = counter1 + :n REMOVE field8";
  private static final String PROJECTION = "#k, field3, m.a";
  private static final String KEY_CONDITION = "#k = :k AND sk BETWEEN :from AND :to";

  private static final EncodedValue TEXT = EncodedValue.of(new AttributeValue.S("x".repeat(96)));
  private static final EncodedValue ONE = EncodedValue.of(AttributeValue.N.of("1"));
  private static final Map<String, String> NAMES = Map.of("#k", "field0");

  private final ParseCache cache = cacheOf(CONDITION, UPDATE, PROJECTION, KEY_CONDITION);
  private final EncodedItem item;
  private final Condition condition;
  private final Update update;
  private final Projection projection;
  private final CompiledCondition compiledCondition;
  private final CompiledUpdate compiledUpdate;
  private final CompiledProjection compiledProjection;

  /** Prepares the inputs. */
  public ExpressionBenchmark() {
    Map<String, AttributeValue> attributes = new LinkedHashMap<>();
    for (int i = 0; i < 10; i++) {
      attributes.put("field" + i, new AttributeValue.S("x".repeat(96)));
    }
    attributes.put("counter1", AttributeValue.N.of("41"));
    attributes.put("m", new AttributeValue.M(Map.of("a", new AttributeValue.S("y"))));
    item = EncodedItem.of(attributes);
    condition = resolveCondition(cache).condition().orElseThrow();
    update = resolveUpdate(cache).update().orElseThrow();
    projection = resolveProjection(cache).projection().orElseThrow();
    compiledCondition = CompiledCondition.of(condition);
    compiledUpdate = CompiledUpdate.of(update);
    compiledProjection = CompiledProjection.of(projection);
  }

  private static ParseCache cacheOf(
      String condition, String update, String projection, String keyCondition) {
    Map<String, ParsedExpression> parsed =
        Map.of(
            condition, ParsedExpression.parse(ExpressionKind.CONDITION, condition),
            update, ParsedExpression.parse(ExpressionKind.UPDATE, update),
            projection, ParsedExpression.parse(ExpressionKind.PROJECTION, projection),
            keyCondition, ParsedExpression.parse(ExpressionKind.KEY_CONDITION, keyCondition));
    return (kind, text) -> {
      ParsedExpression found = parsed.get(text);
      return found == null ? ParsedExpression.parse(kind, text) : found;
    };
  }

  /** Six clauses, without a cache. */
  @Benchmark
  public ParsedExpression parseCondition() {
    return ParsedExpression.parse(ExpressionKind.CONDITION, CONDITION);
  }

  /** Three actions, without a cache. */
  @Benchmark
  public ParsedExpression parseUpdate() {
    return ParsedExpression.parse(ExpressionKind.UPDATE, UPDATE);
  }

  /** From the cached text to the message. */
  @Benchmark
  public ResolvedExpressions resolveCondition() {
    return resolveCondition(cache);
  }

  private static ResolvedExpressions resolveCondition(ParseCache cache) {
    ExpressionValues values = new ExpressionValues();
    values.put(":old", TEXT);
    values.put(":n", ONE);
    values.put(":s", TEXT);
    return resolve(
        RequestExpressions.of(RequestKind.PUT_ITEM, cache)
            .names(NAMES)
            .values(values)
            .condition(CONDITION));
  }

  /** From the cached text to the message. */
  @Benchmark
  public ResolvedExpressions resolveUpdate() {
    return resolveUpdate(cache);
  }

  private static ResolvedExpressions resolveUpdate(ParseCache cache) {
    ExpressionValues values = new ExpressionValues();
    values.put(":new", TEXT);
    values.put(":n", ONE);
    return resolve(
        RequestExpressions.of(RequestKind.UPDATE_ITEM, cache).values(values).update(UPDATE));
  }

  /** From the cached text to the message. */
  @Benchmark
  public ResolvedExpressions resolveProjection() {
    return resolveProjection(cache);
  }

  private static ResolvedExpressions resolveProjection(ParseCache cache) {
    return resolve(
        RequestExpressions.of(RequestKind.GET_ITEM, cache).names(NAMES).projection(PROJECTION));
  }

  /** From the cached text to the clauses. */
  @Benchmark
  public ResolvedExpressions resolveKeyCondition() {
    ExpressionValues values = new ExpressionValues();
    values.put(":k", TEXT);
    values.put(":from", ONE);
    values.put(":to", ONE);
    return resolve(
        RequestExpressions.of(RequestKind.QUERY, cache)
            .names(NAMES)
            .values(values)
            .keyCondition(KEY_CONDITION));
  }

  private static ResolvedExpressions resolve(RequestExpressions request) {
    request.checkParameters();
    return request.resolve();
  }

  /** What a storage node does once per request. */
  @Benchmark
  public List<Object> compile() {
    return List.of(
        CompiledCondition.of(condition),
        CompiledUpdate.of(update),
        CompiledProjection.of(projection));
  }

  /** What a filter costs per item. */
  @Benchmark
  public boolean testCondition() {
    return compiledCondition.test(item);
  }

  /** Three actions on an item of twelve attributes. */
  @Benchmark
  public UpdateResult applyUpdate() {
    return compiledUpdate.apply(item);
  }

  /** Two whole attributes and one inside a map. */
  @Benchmark
  public EncodedItem project() {
    return compiledProjection.project(item);
  }
}
