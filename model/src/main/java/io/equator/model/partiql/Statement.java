package io.equator.model.partiql;

import io.equator.model.expression.parse.PathSyntax;
import io.equator.proto.ReturnValues;
import java.util.List;
import java.util.Optional;

/**
 * A statement as written.
 *
 * <pre>
 *   SELECT * | path, …  FROM table[.index] [WHERE condition] [ORDER BY key [ASC | DESC], …]
 *   INSERT INTO table VALUE document
 *   UPDATE table  SET path = value | REMOVE path …  [WHERE condition] [RETURNING …]
 *   DELETE FROM table [WHERE condition] [RETURNING …]
 *   EXISTS ( SELECT … )
 * </pre>
 *
 * <p>Immutable and without the parameters' values: one serves all requests with the same text.
 */
public sealed interface Statement {
  /** How many {@code ?} it has. */
  int parameters();

  /**
   * The statement of a text.
   *
   * @throws io.equator.model.error.ApiException with a {@code ValidationException} when it is none
   */
  static Statement parse(String text) {
    return new StatementParser(text).statement();
  }

  /** One part of ORDER BY. */
  record Order(PathSyntax path, boolean descending) {}

  /**
   * A read.
   *
   * @param columns what to return; empty for everything
   */
  record Select(
      int parameters,
      String table,
      Optional<String> index,
      List<PathSyntax> columns,
      Optional<Expr> where,
      List<Order> orderBy)
      implements Statement {
    /** Copies. */
    public Select {
      columns = List.copyOf(columns);
      orderBy = List.copyOf(orderBy);
    }
  }

  /** Adds an item that must not be there. */
  record Insert(int parameters, String table, Expr document) implements Statement {}

  /** One change of an UPDATE. */
  sealed interface Change {
    /** What changes. */
    PathSyntax path();

    /** {@code SET path = value}. */
    record Set(PathSyntax path, Expr value) implements Change {}

    /** {@code REMOVE path}. */
    record Remove(PathSyntax path) implements Change {}
  }

  /** Changes an item that must be there. */
  record Update(
      int parameters,
      String table,
      List<Change> changes,
      Optional<Expr> where,
      ReturnValues returning)
      implements Statement {
    /** Copies. */
    public Update {
      changes = List.copyOf(changes);
    }
  }

  /** Removes an item. */
  record Delete(int parameters, String table, Optional<Expr> where, ReturnValues returning)
      implements Statement {}

  /** Asks in a transaction whether an item is as a condition says. */
  record Exists(Select select) implements Statement {
    @Override
    public int parameters() {
      return select.parameters();
    }
  }
}
