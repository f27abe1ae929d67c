package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.AttributeValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeySchema;
import io.equator.proto.Condition;
import io.equator.proto.ScalarType;
import io.equator.proto.Update;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever text comes in, an ApiException comes out or an expression that works. */
class ExpressionFuzzTest {
  private static final int ROUNDS = 20_000;
  private static final long SEED = 7;
  private static final String[] PIECES = {
    "a",
    "b.c",
    "#n",
    ":v",
    ":s",
    ":l",
    "[0]",
    "[",
    "]",
    "(",
    ")",
    ",",
    ".",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    " AND ",
    " OR ",
    " NOT ",
    " BETWEEN ",
    " IN ",
    "SET ",
    " REMOVE ",
    " ADD ",
    " DELETE ",
    "size(",
    "contains(",
    "begins_with(",
    "attribute_exists(",
    "attribute_type(",
    "if_not_exists(",
    "list_append(",
    "foo(",
    "name",
    "!",
    "\"",
    "\u0000",
    "é",
    "😀",
    "99999999999",
    " ",
    "\t"
  };
  private static final KeySchema KEY =
      KeySchema.of(new KeyAttribute("a", ScalarType.S), new KeyAttribute("b", ScalarType.N));

  private int accepted;

  @Test
  void randomPiecesAreReadOrRefused() {
    for (int round = 0; round < ROUNDS; round++) {
      SplittableRandom random = new SplittableRandom(SEED + round);
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(14); i >= 0; i--) {
        text.append(PIECES[random.nextInt(PIECES.length)]);
      }
      tryAll(text.toString(), round);
    }
  }

  @Test
  void damagedExpressionsAreReadOrRefused() {
    for (int round = 0; round < ROUNDS / 2; round++) {
      SplittableRandom random = new SplittableRandom(SEED + round);
      RandomExpressions source = new RandomExpressions(random);
      StringBuilder text =
          new StringBuilder(random.nextBoolean() ? source.condition(3) : source.update());
      for (int i = random.nextInt(4); i >= 0 && !text.isEmpty(); i--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(4)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.setCharAt(at, (char) random.nextInt(1, 256));
          case 2 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
          default -> text.insert(at, text.substring(0, random.nextInt(text.length())));
        }
      }
      tryAll(text.toString(), round);
    }
    assertThat(accepted).isPositive();
  }

  @Test
  void longAndDeepTextsFitOnASmallStack() throws Exception {
    Throwable[] failure = new Throwable[1];
    Thread small =
        new Thread(
            null,
            () -> {
              for (int round = 0; round < 1_000; round++) {
                SplittableRandom random = new SplittableRandom(SEED + round);
                String piece = PIECES[random.nextInt(PIECES.length)];
                String other = PIECES[random.nextInt(PIECES.length)];
                tryAll((piece + other).repeat(4096 / (piece.length() + other.length())), round);
                tryAll("SET a=" + (piece + other).repeat(400), round);
              }
            },
            "small stack",
            512 * 1024);
    small.setUncaughtExceptionHandler((_, e) -> failure[0] = e);
    small.start();
    small.join();
    assertThat(failure[0]).isNull();
  }

  private void tryAll(String text, int round) {
    for (ExpressionKind kind : ExpressionKind.values()) {
      try {
        tryOne(kind, text);
        accepted++;
      } catch (ApiException e) {
        assertThat(e.error().code()).isEqualTo(ErrorCode.VALIDATION);
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("round " + round + ", " + kind + ": " + text, e);
      }
    }
  }

  private static void tryOne(ExpressionKind kind, String text) {
    Map<String, String> names = new HashMap<>();
    Map<String, AttributeValue> values = new HashMap<>();
    names.put("#n", "n");
    values.put(":v", Notation.value("1"));
    values.put(":s", Notation.value("'s'"));
    values.put(":l", Notation.value("[1]"));
    // Without the unused ones, as far as they can be seen.
    names.keySet().removeIf(name -> !text.contains(name));
    values.keySet().removeIf(name -> !text.contains(name));
    RequestKind request =
        switch (kind) {
          case UPDATE -> RequestKind.UPDATE_ITEM;
          case CONDITION -> RequestKind.PUT_ITEM;
          case KEY_CONDITION -> RequestKind.QUERY;
          case FILTER -> RequestKind.SCAN;
          case PROJECTION -> RequestKind.GET_ITEM;
        };
    RequestExpressions expressions =
        RequestExpressions.of(request, ParseCache.none())
            .names(names.isEmpty() ? null : names)
            .values(values.isEmpty() ? null : ExpressionValues.of(values));
    switch (kind) {
      case UPDATE -> expressions.update(text);
      case CONDITION -> expressions.condition(text);
      case KEY_CONDITION -> expressions.keyCondition(text);
      case FILTER -> expressions.filter(text);
      case PROJECTION -> expressions.projection(text);
    }
    expressions.checkParameters();
    ResolvedExpressions resolved = expressions.resolve();
    resolved.condition().ifPresent(ExpressionFuzzTest::evaluate);
    resolved.filter().ifPresent(ExpressionFuzzTest::evaluate);
    resolved.update().ifPresent(ExpressionFuzzTest::apply);
    resolved
        .projection()
        .ifPresent(projection -> CompiledProjection.of(projection).project(Holder.ITEM));
    resolved.keyCondition().ifPresent(condition -> condition.bind(KEY).sortBounds());
  }

  private static void evaluate(Condition condition) {
    try {
      Condition read = Condition.parseFrom(condition.toByteString());
      boolean ignored = CompiledCondition.of(read).test(Holder.ITEM);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void apply(Update update) {
    try {
      Update read = Update.parseFrom(update.toByteString());
      UpdateResult ignored = CompiledUpdate.of(read).apply(Holder.ITEM);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Holder {
    static final io.equator.model.item.EncodedItem ITEM =
        Notation.item("{a: 1, b: {c: [1, 's']}, n: 's', d: <<1, 2>>}");
  }
}
