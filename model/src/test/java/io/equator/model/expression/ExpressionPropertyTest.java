package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.error.ApiException;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.proto.Condition;
import io.equator.proto.Path;
import io.equator.proto.Projection;
import io.equator.proto.Update;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random expressions over random items, beside evaluators that are slow and obvious. */
class ExpressionPropertyTest {
  private static final int ROUNDS = 8_000;
  private static final long SEED = 20261125;

  @Test
  void conditionsHoldWhenTheNaiveEvaluatorSaysSo() {
    int held = 0;
    int resolved = 0;
    for (int round = 0; round < ROUNDS; round++) {
      RandomExpressions random = new RandomExpressions(new SplittableRandom(SEED + round));
      Map<String, AttributeValue> item = random.item();
      String text = random.condition(3);
      Condition condition;
      try {
        condition =
            request(RequestKind.PUT_ITEM, random)
                .condition(text)
                .resolve()
                .condition()
                .orElseThrow();
      } catch (ApiException e) {
        continue;
      }
      boolean expected = new NaiveEvaluator(item).holds(condition);
      assertThat(CompiledCondition.of(condition).test(EncodedItem.of(item)))
          .as("round %s: %s with %s on %s", round, text, random.values, item)
          .isEqualTo(expected);
      resolved++;
      held += expected ? 1 : 0;
    }
    assertThat(resolved).isGreaterThan(ROUNDS / 3);
    assertThat(held).isBetween(resolved / 5, resolved * 4 / 5);
  }

  @Test
  void updatesMakeWhatTheNaiveUpdaterMakes() {
    int updated = 0;
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      RandomExpressions random = new RandomExpressions(new SplittableRandom(SEED + round));
      Map<String, AttributeValue> item = random.item();
      String text = random.update();
      Update update;
      try {
        update =
            request(RequestKind.UPDATE_ITEM, random).update(text).resolve().update().orElseThrow();
      } catch (ApiException e) {
        continue;
      }
      Optional<Map<String, AttributeValue>> expected = NaiveUpdater.apply(item, update);
      UpdateResult result = CompiledUpdate.of(update).apply(EncodedItem.of(item));
      String description =
          "round " + round + ": " + text + " with " + random.values + " on " + item;
      if (result instanceof UpdateResult.Updated made) {
        made.item().verify();
        assertThat(Optional.of(made.item().toMap())).as(description).isEqualTo(expected);
        updated++;
      } else {
        assertThat(expected).as(description).isEmpty();
        refused++;
      }
    }
    assertThat(updated).isGreaterThan(ROUNDS / 20);
    assertThat(refused).isGreaterThan(ROUNDS / 20);
  }

  @Test
  void projectionsKeepExactlyWhatStandsAtTheirPaths() {
    int resolved = 0;
    for (int round = 0; round < ROUNDS; round++) {
      RandomExpressions random = new RandomExpressions(new SplittableRandom(SEED + round));
      Map<String, AttributeValue> item = random.item();
      String text = random.projection();
      Projection projection;
      try {
        projection =
            request(RequestKind.GET_ITEM, random)
                .projection(text)
                .resolve()
                .projection()
                .orElseThrow();
      } catch (ApiException e) {
        continue;
      }
      EncodedItem projected = CompiledProjection.of(projection).project(EncodedItem.of(item));
      projected.verify();
      String description = "round " + round + ": " + text + " on " + item;
      for (Path path : projection.getPathsList()) {
        if (path.getElementsList().stream().allMatch(element -> element.hasField())) {
          assertThat(NaiveEvaluator.at(projected.toMap(), path))
              .as(description)
              .isEqualTo(NaiveEvaluator.at(item, path));
        }
      }
      int leaves = 0;
      for (Path path : projection.getPathsList()) {
        leaves += NaiveEvaluator.at(item, path).map(ExpressionPropertyTest::leaves).orElse(0);
      }
      assertThat(leaves(new AttributeValue.M(projected.toMap())) - (leaves == 0 ? 1 : 0))
          .as(description)
          .isEqualTo(leaves);
      resolved++;
    }
    assertThat(resolved).isGreaterThan(ROUNDS / 3);
  }

  /** How many values that hold no other there are, empty containers included. */
  private static int leaves(AttributeValue value) {
    return switch (value) {
      case AttributeValue.M(var map) when !map.isEmpty() ->
          map.values().stream().mapToInt(ExpressionPropertyTest::leaves).sum();
      case AttributeValue.L(var list) when !list.isEmpty() ->
          list.stream().mapToInt(ExpressionPropertyTest::leaves).sum();
      default -> 1;
    };
  }

  private static RequestExpressions request(RequestKind kind, RandomExpressions random) {
    return RequestExpressions.of(kind, ParseCache.none())
        .values(random.values.isEmpty() ? null : ExpressionValues.of(random.values));
  }
}
