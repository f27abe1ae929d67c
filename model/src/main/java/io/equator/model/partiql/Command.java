package io.equator.model.partiql;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.EncodedValue;
import io.equator.proto.Path;
import io.equator.proto.ReturnValues;
import io.equator.proto.Update;
import java.util.List;
import java.util.Optional;

/** A statement with its parameters in: what is to be done with which table. */
public sealed interface Command {
  /** The table's name or ARN, as the statement says it. */
  String table();

  /**
   * Puts the parameters into a statement.
   *
   * @throws io.equator.model.error.ApiException when their number or a value is wrong
   */
  static Command of(Statement statement, List<EncodedValue> parameters) {
    return new Binder(parameters).bind(statement);
  }

  /** One part of ORDER BY: an attribute, which must be of the key. */
  record Order(String attribute, boolean descending) {}

  /**
   * A read.
   *
   * @param columns what to return; empty for everything
   */
  record Select(
      String table, Optional<String> index, List<Path> columns, Where where, List<Order> orderBy)
      implements Command {
    /** Copies. */
    public Select {
      columns = List.copyOf(columns);
      orderBy = List.copyOf(orderBy);
    }
  }

  /** A check in a transaction. */
  record Exists(Select select) implements Command {
    @Override
    public String table() {
      return select.table();
    }
  }

  /** A change of one item. */
  sealed interface Write extends Command {
    /** What to answer with. */
    ReturnValues returning();
  }

  /** Adds an item that must not be there. */
  record Insert(String table, EncodedItem item) implements Write {
    @Override
    public ReturnValues returning() {
      return ReturnValues.NONE;
    }
  }

  /** Changes an item that must be there. */
  record Change(String table, Update update, Where where, ReturnValues returning)
      implements Write {}

  /** Removes an item. */
  record Delete(String table, Where where, ReturnValues returning) implements Write {}
}
