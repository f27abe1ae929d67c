package io.equator.model.partiql;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import io.equator.model.key.KeyAttribute;
import io.equator.model.key.KeySchema;
import io.equator.proto.ScalarType;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Whatever the text: a command, or a complaint in the API's words. Seeded, so it can be repeated.
 */
class StatementFuzzTest {
  private static final int ROUNDS = 30_000;
  private static final long SEED = 11;
  private static final List<String> PIECES =
      List.of(
          "SELECT ",
          "INSERT INTO ",
          "UPDATE ",
          "DELETE ",
          "EXISTS(",
          " FROM ",
          " WHERE ",
          " VALUE ",
          " SET ",
          " REMOVE ",
          " RETURNING ALL OLD *",
          " ORDER BY ",
          " DESC ",
          "t",
          "\"t\".\"i\"",
          "p",
          "s",
          "a.b",
          "a[0]",
          "\"value\"",
          "value",
          "*",
          ",",
          ".",
          "=",
          "<>",
          "!=",
          "<",
          "<=",
          ">",
          ">=",
          "+",
          "-",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          "<<",
          ">>",
          ":",
          "?",
          ";",
          "'x'",
          "1",
          "1e5",
          "1e999",
          "-2",
          " TRUE ",
          " NULL ",
          " MISSING ",
          " AND ",
          " OR ",
          " NOT ",
          " IN ",
          " IS ",
          " BETWEEN ",
          "size(",
          "contains(",
          "begins_with(",
          "attribute_type(",
          "set_add(",
          "list_append(",
          "foo(",
          "--",
          "/*",
          "*/",
          "'",
          "\"",
          "`",
          "\n",
          "\u0000",
          "é",
          "😀",
          " ");
  private static final List<String> STATEMENTS =
      List.of(
          "SELECT a, b.c FROM t WHERE p = 'x' AND s BETWEEN 1 AND ? ORDER BY s DESC",
          "SELECT * FROM t WHERE p IN ('x', 'y') AND (contains(a, ?) OR a IS NOT MISSING)",
          "INSERT INTO t VALUE {'p': 'x', 's': 1, 'l': [1, {'m': <<'a', 'b'>>}], 'n': NULL}",
          "UPDATE t SET a = a + 1 SET s2 = set_add(s2, <<1>>) REMOVE b[0] WHERE p = 'x' AND s = 1",
          "DELETE FROM t WHERE p = 'x' AND s = 1 AND size(a) > 2 RETURNING ALL OLD *",
          "EXISTS(SELECT * FROM t WHERE p = 'x' AND s = 1 AND begins_with(a, 'b'))");
  private static final KeyAttribute P = new KeyAttribute("p", ScalarType.S);
  private static final KeyAttribute S = new KeyAttribute("s", ScalarType.N);

  private int accepted;

  @Test
  void randomPiecesAreReadOrRefused() {
    for (int round = 0; round < ROUNDS; round++) {
      SplittableRandom random = new SplittableRandom(SEED + round);
      StringBuilder text = new StringBuilder(PIECES.get(random.nextInt(5)));
      for (int i = random.nextInt(16); i >= 0; i--) {
        text.append(piece(random));
      }
      attempt(text.toString(), round);
    }
  }

  @Test
  void damagedStatementsAreReadOrRefused() {
    for (int round = 0; round < ROUNDS; round++) {
      SplittableRandom random = new SplittableRandom(SEED + round);
      StringBuilder text = new StringBuilder(STATEMENTS.get(random.nextInt(STATEMENTS.size())));
      for (int i = random.nextInt(4); i > 0; i--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(4)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.setCharAt(at, (char) random.nextInt(1, 256));
          case 2 -> text.insert(at, piece(random));
          default -> text.insert(at, text.substring(random.nextInt(at + 1), at));
        }
      }
      attempt(text.toString(), round);
    }
    assertThat(accepted).isGreaterThan(ROUNDS / 10);
  }

  @Test
  void longAndDeepStatementsFitOnASmallStack() throws InterruptedException {
    Throwable[] failure = new Throwable[1];
    Thread small =
        new Thread(
            null,
            () -> {
              for (String piece : PIECES) {
                for (String head :
                    List.of(
                        "SELECT * FROM t WHERE ", "UPDATE t SET a = ", "INSERT INTO t VALUE ")) {
                  attempt(head + piece.repeat(8000 / piece.length()), 0);
                  attempt(head + ("a" + piece).repeat(8000 / (piece.length() + 1)), 0);
                  attempt(head + (piece + "1").repeat(8000 / (piece.length() + 1)), 0);
                }
              }
            },
            "small stack",
            512 * 1024);
    small.setUncaughtExceptionHandler((_, e) -> failure[0] = e);
    small.start();
    small.join();
    assertThat(failure[0]).isNull();
  }

  private static String piece(SplittableRandom random) {
    return PIECES.get(random.nextInt(PIECES.size()));
  }

  private void attempt(String text, int round) {
    try {
      Statement statement = Statement.parse(text);
      List<EncodedValue> parameters =
          IntStream.range(0, statement.parameters())
              .mapToObj(
                  i ->
                      EncodedValue.of(
                          i % 2 == 0 ? AttributeValue.N.of("3") : new AttributeValue.S("z")))
              .toList();
      switch (Command.of(statement, parameters)) {
        case Command.Select select -> use(select.where());
        case Command.Exists(Command.Select select) -> use(select.where());
        case Command.Change change -> use(change.where());
        case Command.Delete delete -> use(delete.where());
        case Command.Insert insert -> insert.item().verify();
      }
      accepted++;
    } catch (ApiException e) {
      assertThat(e.error().code()).isEqualTo(ErrorCode.VALIDATION);
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError("round " + round + ": " + text, e);
    }
  }

  private static void use(Where where) {
    var _ = where.item(KeySchema.of(P, S));
    var _ = where.reading(List.of(P), List.of(S));
  }
}
