package io.equator.model.partiql;

import io.equator.model.expression.parse.PathSyntax;
import io.equator.proto.Comparator;
import java.util.List;

/**
 * An expression of a statement as written: values, paths, functions and conditions alike, because
 * parentheses can stand around all of them. What may stand where is the binder's matter.
 */
public sealed interface Expr {

  /** A document path. */
  record Attribute(PathSyntax path, Position at) implements Expr {}

  /** A {@code ?}, counted from 0. */
  record Parameter(int index) implements Expr {}

  /** A string. */
  record Text(String value) implements Expr {}

  /** A number as written, with its sign. */
  record Numeral(String text) implements Expr {}

  /** {@code TRUE} or {@code FALSE}. */
  record Bool(boolean value) implements Expr {}

  /** {@code NULL}. */
  record Null() implements Expr {}

  /** {@code MISSING}. */
  record Missing(Position at) implements Expr {}

  /** {@code [a, b]}, or {@code (a, b)} behind IN. */
  record ListOf(List<Expr> elements) implements Expr {
    /** Copies. */
    public ListOf {
      elements = List.copyOf(elements);
    }
  }

  /** One entry of a map. */
  record Entry(String name, Expr value) {}

  /** {@code {'a': 1}}. */
  record MapOf(List<Entry> entries) implements Expr {
    /** Copies. */
    public MapOf {
      entries = List.copyOf(entries);
    }
  }

  /** {@code <<a, b>>}: a set. */
  record SetOf(List<Expr> members) implements Expr {
    /** Copies. */
    public SetOf {
      members = List.copyOf(members);
    }
  }

  /** A function; its name in lower case. */
  record Call(String function, List<Expr> arguments, Position at) implements Expr {
    /** Copies. */
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  /** {@code left + right} or {@code left - right}. */
  record Arithmetic(boolean plus, Expr left, Expr right) implements Expr {}

  /** Two or more joined by AND. */
  record And(List<Expr> parts) implements Expr {
    /** Copies. */
    public And {
      parts = List.copyOf(parts);
    }
  }

  /** Two or more joined by OR. */
  record Or(List<Expr> parts) implements Expr {
    /** Copies. */
    public Or {
      parts = List.copyOf(parts);
    }
  }

  /** Never around another {@code Not} directly. */
  record Not(Expr inner) implements Expr {
    /** The opposite. */
    static Expr of(Expr inner) {
      return inner instanceof Not(Expr twice) ? twice : new Not(inner);
    }
  }

  /** One of the six comparisons. */
  record Compare(Comparator comparator, Expr left, Expr right) implements Expr {}

  /** {@code value BETWEEN lower AND upper}. */
  record Between(Expr value, Expr lower, Expr upper) implements Expr {}

  /** {@code value IN candidates}. */
  record In(Expr value, Expr candidates) implements Expr {}

  /** {@code value IS MISSING}, or {@code IS NULL}. */
  record Is(Expr value, boolean missing) implements Expr {}
}
