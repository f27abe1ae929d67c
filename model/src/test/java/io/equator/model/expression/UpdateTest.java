package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.expression.legacy.LegacyUpdate;
import io.equator.model.item.EncodedItem;
import io.equator.proto.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What updates make of items. */
class UpdateTest {
  private static final String PATH =
      "The document path provided in the update expression is invalid for update";
  private static final String TYPE =
      "An operand in the update expression has an incorrect data type";
  private static final String MISSING =
      "The provided expression refers to an attribute that does not exist in the item";
  private static final String OVERFLOW =
      "Number overflow. Attempting to store a number with magnitude larger than supported range";
  private static final String DIGITS =
      "Attempting to store more than 38 significant digits in a Number";

  static Stream<Arguments> cases() {
    return Table.cases(
        4,
        """
        -- SET
        {a: 1} | SET a = :v | {:v: 'x'} | {a: 'x'}
        {a: 1} | SET b = :v | {:v: 'x'} | {a: 1, b: 'x'}
        {a: 1, b: 2} | SET a = b, b = a | | {a: 2, b: 1}
        {a: 1} | SET a = a + :v, b = a - :v | {:v: 2} | {a: 3, b: -1}
        {a: 0.1} | SET a = a + :v | {:v: 0.2} | {a: 0.3}
        {a: 1} | SET c = if_not_exists(a, :v), d = if_not_exists(b, :v) | {:v: 7} | {a: 1, c: 1, d: 7}
        {} | SET c = if_not_exists(c, :z) + :v | {:v: 7, :z: 0} | {c: 7}
        {a: 1} | SET c = if_not_exists(b, a) | | {a: 1, c: 1}
        {l: [1]} | SET l = list_append(l, :v), k = list_append(:v, l) | {:v: [2]} | {l: [1, 2], k: [2, 1]}
        {} | SET l = list_append(if_not_exists(l, :e), :v) | {:v: [2], :e: []} | {l: [2]}
        {m: {a: 1}} | SET m.b = :v | {:v: 2} | {m: {a: 1, b: 2}}
        {m: {a: {b: 1}}} | SET m.a.b = m.a.b + :v | {:v: 2} | {m: {a: {b: 3}}}
        {l: [1, 2, 3]} | SET l[1] = :v | {:v: 'x'} | {l: [1, 'x', 3]}
        {l: [1, 2, 3]} | SET l[9] = :v, l[5] = :w | {:v: 'x', :w: 'y'} | {l: [1, 2, 3, 'y', 'x']}
        {l: []} | SET l[0] = :v | {:v: 'x'} | {l: ['x']}
        {l: [{a: 1}]} | SET l[0].a = :v | {:v: 2} | {l: [{a: 2}]}
        {#: 1} | SET #x = :v | {:v: 2, #x: 'a.b'} | {#: 1, a.b: 2}
        {a: 1} | SET b = c | | MISSING
        {a: 1} | SET b = c + :v | {:v: 1} | MISSING
        {a: 'x'} | SET b = a + :v | {:v: 1} | TYPE
        {a: 'x'} | SET b = a + c | | TYPE
        {a: 1} | SET b = list_append(a, :v) | {:v: []} | TYPE
        {a: 1} | SET m.b = :v | {:v: 1} | PATH
        {a: 1} | SET a.b = :v | {:v: 1} | PATH
        {a: {}} | SET a[0] = :v | {:v: 1} | PATH
        {a: []} | SET a.b = :v | {:v: 1} | PATH
        {l: [1]} | SET l[3].a = :v | {:v: 1} | PATH
        {a: 9E+125} | SET a = a + :v | {:v: 9E+125} | OVERFLOW
        {a: 1E+40} | SET a = a + :v | {:v: 1} | DIGITS
        -- which fault first
        {a: 'x', b: 1} | SET b = c, d = a + :v | {:v: 1} | TYPE
        {a: 1} | SET x.y = c | | PATH
        {a: 1} | SET b = c, x.y = :v | {:v: 1} | PATH
        -- REMOVE
        {a: 1, b: 2} | REMOVE a | | {b: 2}
        {a: 1} | REMOVE b | | {a: 1}
        {l: [0, 1, 2, 3]} | REMOVE l[1], l[3], l[9] | | {l: [0, 2]}
        {l: [0, 1, 2]} | REMOVE l[0] SET l[1] = :v, l[7] = :v | {:v: 'x'} | {l: ['x', 2, 'x']}
        {m: {a: 1, b: {c: 2}}} | REMOVE m.a, m.b.c | | {m: {b: {}}}
        {m: {a: 1}} | REMOVE m.x | | {m: {a: 1}}
        {a: 1} | REMOVE m.x | | PATH
        {m: {}} | REMOVE m.x.y | | PATH
        {m: {}} | REMOVE m[0] | | PATH
        -- ADD
        {a: 1} | ADD a :v, b :v | {:v: 2} | {a: 3, b: 2}
        {s: <<'b'>>} | ADD s :v, t :v | {:v: <<'a', 'b'>>} | {s: <<'a', 'b'>>, t: <<'a', 'b'>>}
        {s: <<1>>} | ADD s :v | {:v: <<1.0, 2>>} | {s: <<1, 2>>}
        {s: <<b'01'>>} | ADD s :v | {:v: <<b'00'>>} | {s: <<b'00', b'01'>>}
        {m: {a: 1}} | ADD m.a :v, m.b :v | {:v: 2} | {m: {a: 3, b: 2}}
        {l: [1]} | ADD l[0] :v, l[4] :v | {:v: 2} | {l: [3, 2]}
        {a: 'x'} | ADD a :v | {:v: 2} | TYPE
        {a: <<'x'>>} | ADD a :v | {:v: <<1>>} | TYPE
        {a: 1} | ADD m.a :v | {:v: 2} | PATH
        {a: 9E+125} | ADD a :v | {:v: 9E+125} | OVERFLOW
        -- DELETE
        {s: <<'a', 'b', 'c'>>} | DELETE s :v | {:v: <<'b', 'x'>>} | {s: <<'a', 'c'>>}
        {s: <<'a'>>, t: 1} | DELETE s :v | {:v: <<'a'>>} | {t: 1}
        {t: 1} | DELETE s :v | {:v: <<'a'>>} | {t: 1}
        {l: [<<1>>, 2]} | DELETE l[0] :v | {:v: <<1>>} | {l: [2]}
        {s: 'a'} | DELETE s :v | {:v: <<'a'>>} | TYPE
        {s: <<1>>} | DELETE s :v | {:v: <<'a'>>} | TYPE
        -- together
        {a: 1, b: 2, c: <<1, 2>>, d: 4} | SET a = d REMOVE b ADD d :n DELETE c :s | {:n: 1, :s: <<1>>} | {a: 4, c: <<2>>, d: 5}
        """);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void updatesChangeItemsOrAreRefused(
      String before, String text, String placeholders, String expected) {
    Update update = Requests.update(text, placeholders);
    assertThat(outcome(update, Notation.item(before))).isEqualTo(message(expected));
  }

  private static String message(String expected) {
    return switch (expected) {
      case "PATH" -> PATH;
      case "TYPE" -> TYPE;
      case "MISSING" -> MISSING;
      case "OVERFLOW" -> OVERFLOW;
      case "DIGITS" -> DIGITS;
      default -> expected;
    };
  }

  private static String outcome(Update update, EncodedItem before) {
    return switch (CompiledUpdate.of(update).apply(before)) {
      case UpdateResult.Refused(var error) -> String.valueOf(error.message());
      case UpdateResult.Updated updated -> {
        updated.item().verify();
        yield Notation.show(updated.item());
      }
    };
  }

  static Stream<Arguments> touched() {
    return Table.cases(
        5,
        """
        -- before, update, placeholders, UPDATED_OLD, UPDATED_NEW
        {a: 1, b: 2, c: 3} | SET a = :v, d = :v REMOVE b | {:v: 9} | {a: 1, b: 2} | {a: 9, d: 9}
        {m: {a: 1, b: 2}, c: 3} | SET m.a = :v, m.x = :v | {:v: 9} | {m: {a: 1}} | {m: {a: 9, x: 9}}
        {l: [0, 1, 2]} | SET l[2] = :v, l[0] = :v | {:v: 9} | {l: [0, 2]} | {l: [9, 9]}
        {a: 1} | REMOVE b | | {} | {}
        {s: <<1>>} | DELETE s :v | {:v: <<1>>} | {s: <<1>>} | {}
        """);
  }

  @ParameterizedTest
  @MethodSource("touched")
  void whatAnUpdateTouchesCanBeCutOut(
      String before, String text, String placeholders, String old, String fresh) {
    EncodedItem item = Notation.item(before);
    var updated =
        (UpdateResult.Updated) CompiledUpdate.of(Requests.update(text, placeholders)).apply(item);
    assertThat(Notation.show(updated.touched().project(item))).isEqualTo(old);
    assertThat(Notation.show(updated.touched().project(updated.item()))).isEqualTo(fresh);
  }

  @Test
  void anItemCannotBecomeDeeperThanThirtyTwoLevels() {
    String deepest = "{a: ".repeat(31) + "1" + "}".repeat(31);
    EncodedItem item = EncodedItem.of(Notation.map("{a: " + deepest + "}"));
    String path = "a" + ".a".repeat(30);
    Update update = Requests.update("SET " + path + " = :v", "{:v: {b: 1}}");
    assertThat(outcome(update, item)).startsWith("{a: {a: ");
    Update deeper = Requests.update("SET " + path + " = :v", "{:v: {b: {c: 1}}}");
    assertThat(outcome(deeper, item)).startsWith("Nesting Levels have exceeded supported limits");
  }

  @Test
  void deepValuesSurviveTheWire() throws Exception {
    String text = "SET a=" + "list_append(b,".repeat(250) + "b" + ")".repeat(250);
    Update update = Requests.update(text, "");
    Update read = Update.parseFrom(update.toByteArray());
    assertThat(ExpressionPaths.readBy(read)).hasSize(251);
    assertThat(outcome(read, Notation.item("{b: [1]}"))).contains("a: [1, 1, 1");
  }

  static Stream<Arguments> legacy() {
    return Table.cases(
        3,
        """
        -- name ACTION value; the rest as in expressions
        {a: 1} | a PUT 'x' ; b PUT 2 | {a: 'x', b: 2}
        {a: 1} | a ADD 2 ; b ADD 3 | {a: 3, b: 3}
        {a: <<1>>} | a ADD <<2>> ; b ADD <<3>> | {a: <<1, 2>>, b: <<3>>}
        {a: [1]} | a ADD [2] ; b ADD [3] | {a: [1, 2], b: [3]}
        {a: <<1, 2>>, b: 1, c: <<'x'>>} | a DELETE <<2>> ; b DELETE ; c DELETE <<'x'>> | {a: <<1>>}
        {} | a DELETE ; b DELETE <<1>> | {}
        {a: 'x'} | a ADD 1 | Type mismatch for attribute to update
        {a: <<1>>} | a DELETE <<'x'>> | Type mismatch for attribute to update
        {} | a PUT | One or more parameter values were invalid: Only DELETE action is allowed when no attribute value is specified
        {} | a ADD | One or more parameter values were invalid: Only DELETE action is allowed when no attribute value is specified
        {} | a DELETE 'x' | One or more parameter values were invalid: DELETE action with value is not supported for the type S
        {} | a ADD 'x' | One or more parameter values were invalid: ADD action is not supported for the type S
        {} | a ADD {} | One or more parameter values were invalid: ADD action is not supported for the type M
        """);
  }

  @ParameterizedTest
  @MethodSource("legacy")
  void attributeUpdatesChangeItemsOrAreRefused(String before, String updates, String expected) {
    List<LegacyUpdate> parsed = new ArrayList<>();
    for (String part : updates.split(" ; ", -1)) {
      String[] words = part.split(" ", 3);
      parsed.add(
          new LegacyUpdate(
              words[0],
              LegacyUpdate.Action.valueOf(words[1]),
              words.length == 3 ? Notation.value(words[2]) : null));
    }
    RequestExpressions request = Requests.of(RequestKind.UPDATE_ITEM, "").attributeUpdates(parsed);
    String refusal = Requests.outcome(() -> Requests.resolve(request));
    assertThat(
            refusal.equals("ok")
                ? outcome(request.resolve().update().orElseThrow(), Notation.item(before))
                : refusal)
        .isEqualTo(expected);
  }
}
