package io.equator.model.partiql;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.error.ApiException;
import io.equator.model.expression.CompiledCondition;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeyCodec;
import io.equator.model.key.KeySchema;
import io.equator.proto.Condition;
import io.equator.proto.ScalarType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a condition says of the key {@code p} (a string), {@code s} (a number). */
class WhereTest {
  private static final KeyAttribute P = new KeyAttribute("p", ScalarType.S);
  private static final KeyAttribute S = new KeyAttribute("s", ScalarType.N);

  /** The collections to read, {@code =} when each is one item at most, {@code +} with a filter. */
  static Stream<Arguments> readings() {
    return """
    s = 1 | everything +
    p > 'a' | everything +
    p = 'a' OR s = 1 | everything +
    p = 'a' OR p > 'b' | everything +
    NOT p = 'a' | everything +
    p = p2 | everything +
    p.q = 'a' | everything +
    p = 'a' | a
    'a' = p | a
    (p = 'a') AND x = 1 | a +
    p = 'a' AND s = 1 | a =
    p = 'a' AND s = 1 AND x = 1 | a = +
    p = 'a' AND p = 'b' | a +
    p = 'a' AND s > 1 AND s < 5 | a
    p = 'a' AND 1 < s | a
    p = 'a' AND s BETWEEN 1 AND 2 | a
    p = 'a' AND s IN (1, 2) | a +
    p = 'a' AND s <> 1 | a +
    p IN ('b', 'a', 'b') | b a
    p IN ['b', 'a'] AND s = 2 | b a =
    p = 'a' OR p = 'b' | a b
    (p = 'a' OR p = 'b') AND s = 1 AND x = 1 | a b = +
    p = 1 | One or more parameter values were invalid: Condition parameter type does not match schema type
    p = 'a' AND s = 'x' | One or more parameter values were invalid: Condition parameter type does not match schema type
    p = '' | One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: p
    """
        .lines()
        .map(line -> line.split(" \\| ", -1))
        .map(parts -> Arguments.of(parts[0], parts[1]));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("readings")
  void theKeyIsTakenOutOfTheCondition(String where, String expected) {
    assertThat(show(where)).isEqualTo(expected);
  }

  private static String show(String where) {
    Where.Reading reading;
    try {
      reading = where(where).reading(List.of(P), List.of(S));
    } catch (ApiException e) {
      return String.valueOf(e.error().message());
    }
    StringBuilder shown = new StringBuilder();
    switch (reading) {
      case Where.Everything _ -> shown.append("everything");
      case Where.Collections(var ranges, boolean one, _) -> {
        for (Where.Range range : ranges) {
          shown
              .append(shown.isEmpty() ? "" : " ")
              .append(((AttributeValue.S) range.partition().getFirst()).value());
        }
        shown.append(one ? " =" : "");
      }
    }
    return shown.append(reading.filter().isPresent() ? " +" : "").toString();
  }

  private static Where where(String text) {
    return ((Command.Select)
            Command.of(Statement.parse("SELECT * FROM t WHERE " + text), List.of()))
        .where();
  }

  @Test
  void aWholeKeyNamesAnItem() {
    KeySchema schema = KeySchema.of(P, S);
    Optional<Where.Item> item = where("s = 2 AND x = 1 AND p = 'a'").item(schema);
    assertThat(item).isPresent();
    assertThat(item.get().key().toMap())
        .isEqualTo(Map.of("p", new AttributeValue.S("a"), "s", AttributeValue.N.of("2")));
    assertThat(item.get().condition()).isPresent();
    assertThat(where("p = 'a' AND s = 2").item(schema).orElseThrow().condition()).isEmpty();
    assertThat(where("p = 'a' AND s > 2").item(schema)).isEmpty();
    assertThat(where("p = 'a' AND s IN (2)").item(schema)).isEmpty();
    assertThat(where("p = 'a' OR s = 2").item(schema)).isEmpty();
    assertThat(Where.NONE.item(schema)).isEmpty();
  }

  @Test
  void collectionsAreCountedFromBothSides() {
    assertThat(show("p IN ('x'" + ", 'x'".repeat(49) + ")")).isEqualTo("x");
    assertThat(show("p IN ('x'" + ", 'x'".repeat(50) + ")"))
        .isEqualTo("The IN operator is provided with too many operands; number of operands: 51");
    assertThat(show("x IN (1" + ", 1".repeat(99) + ")")).isEqualTo("everything +");
  }

  /** Reading by the key and filtering finds exactly what the whole condition finds. */
  @Test
  void nothingIsLostOrGainedByTheKey() {
    List<EncodedItem> items = new ArrayList<>();
    for (String p : List.of("a", "b", "c")) {
      for (int s = 0; s < 6; s++) {
        for (int x = 0; x < 2; x++) {
          Map<String, AttributeValue> item = new LinkedHashMap<>();
          item.put("p", new AttributeValue.S(p));
          item.put("s", AttributeValue.N.of(String.valueOf(s)));
          item.put("x", AttributeValue.N.of(String.valueOf(x)));
          items.add(EncodedItem.of(item));
        }
      }
    }
    int narrowed = 0;
    for (int seed = 0; seed < 3_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<String> clauses = new ArrayList<>();
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        clauses.add(clause(random));
      }
      String text = String.join(" AND ", clauses);
      Where where = where(text);
      Where.Reading reading = where.reading(List.of(P), List.of(S));
      narrowed += reading instanceof Where.Collections ? 1 : 0;
      TreeSet<String> expected = new TreeSet<>();
      TreeSet<String> found = new TreeSet<>();
      for (EncodedItem item : items) {
        if (holds(where.condition(), item)) {
          expected.add(item.toString());
        }
        if (isRead(reading, item) && holds(reading.filter(), item)) {
          found.add(item.toString());
        }
      }
      assertThat(found).as("seed %d: %s", seed, text).isEqualTo(expected);
    }
    assertThat(narrowed).isGreaterThan(1_000);
  }

  private static String clause(SplittableRandom random) {
    char p = (char) ('a' + random.nextInt(3));
    int n = random.nextInt(6);
    String comparator = List.of("=", "<>", "<", "<=", ">", ">=").get(random.nextInt(6));
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> "p = '" + p + "'";
      case 3 -> "p IN ('" + p + "', 'b')";
      case 4 -> "(p = '" + p + "' OR 'c' = p)";
      case 5, 6 -> "s " + comparator + " " + n;
      case 7 -> n + " " + comparator + " s";
      case 8 -> "s BETWEEN " + n / 2 + " AND " + n;
      default -> "NOT x = " + n % 2;
    };
  }

  private static boolean holds(Optional<Condition> condition, EncodedItem item) {
    return condition.isEmpty() || CompiledCondition.of(condition.get()).test(item);
  }

  private static boolean isRead(Where.Reading reading, EncodedItem item) {
    return switch (reading) {
      case Where.Everything _ -> true;
      case Where.Collections(var ranges, _, _) ->
          ranges.stream()
              .anyMatch(
                  range ->
                      range.partition().getFirst().equals(item.get("p"))
                          && isWithin(range, item.get("s")));
    };
  }

  private static boolean isWithin(Where.Range range, AttributeValue sort) {
    byte[] key = KeyCodec.encode(sort);
    byte[] upper = range.bounds().upperExclusive();
    return Arrays.compareUnsigned(range.bounds().lowerInclusive(), key) <= 0
        && (upper.length == 0 || Arrays.compareUnsigned(key, upper) < 0);
  }
}
