package io.equator.model.partiql;

import io.equator.model.error.ApiException;
import io.equator.model.expression.parse.PathSyntax;
import io.equator.model.partiql.Statement.Change;
import io.equator.model.partiql.Token.Kind;
import io.equator.proto.ReturnValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads one statement: its clauses, in their order. Used once. */
final class StatementParser {
  private final TokenStream tokens;
  private final ExprParser expressions;

  StatementParser(String text) {
    tokens = new TokenStream(Lexer.tokens(text));
    expressions = new ExprParser(tokens);
  }

  /** What a table is named by. */
  private record Source(String table, Optional<String> index) {}

  Statement statement() {
    Statement statement;
    if (tokens.takeWord("select")) {
      statement = select();
    } else if (tokens.takeWord("insert")) {
      statement = insert();
    } else if (tokens.takeWord("update")) {
      statement = update();
    } else if (tokens.takeWord("delete")) {
      statement = delete();
    } else if (tokens.takeWord("exists")) {
      tokens.expectSign("(");
      tokens.expectWord("select");
      statement = new Statement.Exists(select());
      tokens.expectSign(")");
    } else {
      // As an expression it can at best be followed by what does not belong to it.
      expressions.expression();
      throw StatementErrors.notWellFormed(StatementErrors.AFTER_EXPRESSION);
    }
    tokens.takeSign(";");
    if (tokens.peek().kind() != Kind.END) {
      throw StatementErrors.notWellFormed(StatementErrors.AFTER_EXPRESSION);
    }
    return statement;
  }

  // ---- SELECT

  private Statement.Select select() {
    List<PathSyntax> columns = columns();
    tokens.expectWord("from");
    Source source = source();
    Optional<Expr> where = where();
    List<Statement.Order> order = new ArrayList<>();
    if (tokens.takeWord("order")) {
      tokens.expectWord("by");
      do {
        PathSyntax key = expressions.path();
        boolean descending = tokens.takeWord("desc");
        if (!descending) {
          tokens.takeWord("asc");
        }
        order.add(new Statement.Order(key, descending));
      } while (tokens.takeSign(","));
    }
    refuseUnsupportedClause();
    return new Statement.Select(
        expressions.parameters(), source.table(), source.index(), columns, where, order);
  }

  private List<PathSyntax> columns() {
    if (tokens.takeSign("*")) {
      return List.of();
    }
    List<PathSyntax> columns = new ArrayList<>();
    do {
      Token first = tokens.peek();
      if (first.kind() == Kind.WORD && tokens.peek(1).isSign("(")) {
        throw ApiException.validation("Unexpected path component " + first.at());
      }
      columns.add(expressions.path());
      if (tokens.peek().isWord("as") || isName(tokens.peek())) {
        throw StatementErrors.aliasing();
      }
    } while (tokens.takeSign(","));
    return columns;
  }

  private void refuseUnsupportedClause() {
    Token next = tokens.peek();
    for (String clause : List.of("limit", "offset", "group", "having", "union", "intersect")) {
      if (next.isWord(clause)) {
        throw ApiException.validation(
            "Unsupported clause: " + clause.toUpperCase(java.util.Locale.ROOT) + " " + next.at());
      }
    }
  }

  // ---- INSERT

  private Statement insert() {
    tokens.expectWord("into");
    Source source = writable();
    tokens.expectWord("value");
    Expr document = expressions.term();
    return new Statement.Insert(expressions.parameters(), source.table(), document);
  }

  // ---- UPDATE

  private Statement update() {
    Source source = writable();
    List<Change> changes = new ArrayList<>();
    while (true) {
      if (tokens.takeWord("set")) {
        do {
          PathSyntax path = expressions.path();
          tokens.expectSign("=");
          changes.add(new Change.Set(path, expressions.sum()));
        } while (tokens.takeSign(","));
      } else if (tokens.takeWord("remove")) {
        do {
          changes.add(new Change.Remove(expressions.path()));
        } while (tokens.takeSign(","));
      } else {
        break;
      }
    }
    if (changes.isEmpty()) {
      throw tokens.unexpected();
    }
    Optional<Expr> where = where();
    ReturnValues returning = returning(false);
    return new Statement.Update(
        expressions.parameters(), source.table(), changes, where, returning);
  }

  // ---- DELETE

  private Statement delete() {
    tokens.expectWord("from");
    Source source = writable();
    Optional<Expr> where = where();
    ReturnValues returning = returning(true);
    return new Statement.Delete(expressions.parameters(), source.table(), where, returning);
  }

  // ---- what they share

  private Source writable() {
    Source source = source();
    if (source.index().isPresent()) {
      throw ApiException.validation("This operation is not supported on an index");
    }
    return source;
  }

  private Source source() {
    String table = name();
    Optional<String> index = Optional.empty();
    if (tokens.takeSign(".")) {
      index = Optional.of(name());
      if (tokens.peek().isSign(".")) {
        throw ApiException.validation("A path may contain at most 2 components in the FROM clause");
      }
    }
    if (tokens.peek().isWord("as") || isName(tokens.peek())) {
      throw StatementErrors.aliasing();
    }
    return new Source(table, index);
  }

  private String name() {
    Token token = tokens.peek();
    if (!isName(token)) {
      throw tokens.unexpected();
    }
    tokens.next();
    return token.text();
  }

  private static boolean isName(Token token) {
    return token.kind() == Kind.QUOTED || (token.kind() == Kind.WORD && !isKeyword(token));
  }

  /** RETURNING is no reserved word of SQL-92. */
  private static boolean isKeyword(Token token) {
    return token.isReserved() || token.isWord("returning");
  }

  private Optional<Expr> where() {
    return tokens.takeWord("where") ? Optional.of(expressions.expression()) : Optional.empty();
  }

  private ReturnValues returning(boolean ofDelete) {
    if (!tokens.takeWord("returning")) {
      return ReturnValues.NONE;
    }
    boolean all = either("all", "modified");
    boolean old = either("old", "new");
    tokens.expectSign("*");
    if (ofDelete && !(all && old)) {
      throw ApiException.validation(
          "Invalid returning clause: RETURNING "
              + (all ? "ALL " : "MODIFIED ")
              + (old ? "OLD" : "NEW")
              + " *. Only RETURNING ALL OLD * is allowed in DELETE statements.");
    }
    if (all) {
      return old ? ReturnValues.ALL_OLD : ReturnValues.ALL_NEW;
    }
    return old ? ReturnValues.UPDATED_OLD : ReturnValues.UPDATED_NEW;
  }

  private boolean either(String one, String other) {
    if (tokens.takeWord(one)) {
      return true;
    }
    tokens.expectWord(other);
    return false;
  }
}
