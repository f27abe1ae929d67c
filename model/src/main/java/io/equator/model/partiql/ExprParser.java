package io.equator.model.partiql;

import io.equator.model.error.ApiException;
import io.equator.model.expression.parse.ExpressionLimits;
import io.equator.model.expression.parse.PathSyntax;
import io.equator.model.expression.parse.PathSyntax.Step;
import io.equator.model.partiql.Token.Kind;
import io.equator.proto.Comparator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads expressions. From loose to tight: OR, AND, NOT, comparisons (with BETWEEN, IN and IS),
 * sums, terms.
 */
final class ExprParser {
  /**
   * How deep parentheses, calls and documents may nest; a document may have 32 levels. A level
   * takes up to 4 KB of the stack.
   */
  static final int NESTING_MAX = 64;

  /** Comparisons, BETWEEN, IN, IS, AND, OR, NOT, + and -, as many as an expression may have. */
  static final int OPERATORS_MAX = ExpressionLimits.OPERATORS_MAX;

  private final TokenStream tokens;
  private int operators;
  private int depth;
  private int parameters;

  ExprParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** How many parameters there were so far. */
  int parameters() {
    return parameters;
  }

  /** Reads a condition or a value. */
  Expr expression() {
    enter();
    List<Expr> parts = new ArrayList<>();
    do {
      addFlat(parts, and(), false);
    } while (takeOperator("or"));
    leave();
    return parts.size() == 1 ? parts.getFirst() : new Expr.Or(parts);
  }

  private Expr and() {
    List<Expr> parts = new ArrayList<>();
    do {
      addFlat(parts, not(), true);
    } while (takeOperator("and"));
    return parts.size() == 1 ? parts.getFirst() : new Expr.And(parts);
  }

  private static void addFlat(List<Expr> parts, Expr part, boolean and) {
    switch (part) {
      case Expr.And(var inner) when and -> parts.addAll(inner);
      case Expr.Or(var inner) when !and -> parts.addAll(inner);
      default -> parts.add(part);
    }
  }

  private Expr not() {
    boolean negated = false;
    while (takeOperator("not")) {
      negated = !negated;
    }
    Expr inner = comparison();
    return negated ? Expr.Not.of(inner) : inner;
  }

  private Expr comparison() {
    Expr left = sum();
    while (true) {
      Comparator comparator = comparator(tokens.peek());
      if (comparator != null) {
        tokens.next();
        countOperator();
        left = new Expr.Compare(comparator, left, sum());
        continue;
      }
      boolean negated =
          tokens.peek().isWord("not")
              && (tokens.peek(1).isWord("in") || tokens.peek(1).isWord("between"));
      if (negated) {
        tokens.next();
      }
      if (takeOperator("between")) {
        Expr lower = sum();
        tokens.expectWord("and");
        left = new Expr.Between(left, lower, sum());
      } else if (takeOperator("in")) {
        left = new Expr.In(left, candidates());
      } else if (takeOperator("is")) {
        negated = tokens.takeWord("not");
        boolean missing = tokens.takeWord("missing");
        if (!missing) {
          tokens.expectWord("null");
        }
        left = new Expr.Is(left, missing);
      } else {
        return left;
      }
      if (negated) {
        left = Expr.Not.of(left);
      }
    }
  }

  private static @Nullable Comparator comparator(Token token) {
    if (token.kind() != Kind.SIGN) {
      return null;
    }
    return switch (token.text()) {
      case "=" -> Comparator.EQUAL;
      case "<>", "!=" -> Comparator.NOT_EQUAL;
      case "<" -> Comparator.LESS;
      case "<=" -> Comparator.LESS_OR_EQUAL;
      case ">" -> Comparator.GREATER;
      case ">=" -> Comparator.GREATER_OR_EQUAL;
      default -> null;
    };
  }

  private Expr candidates() {
    if (tokens.takeSign("(")) {
      enter();
      List<Expr> elements = list(")");
      leave();
      return new Expr.ListOf(elements);
    }
    return sum();
  }

  /** Reads a value. */
  Expr sum() {
    Expr left = term();
    while (tokens.peek().isSign("+") || tokens.peek().isSign("-")) {
      boolean plus = tokens.next().text().equals("+");
      countOperator();
      left = new Expr.Arithmetic(plus, left, term());
    }
    return left;
  }

  /** Reads a value without signs between. */
  Expr term() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case STRING -> {
        tokens.next();
        yield new Expr.Text(token.text());
      }
      case NUMBER -> {
        tokens.next();
        yield new Expr.Numeral(token.text());
      }
      case QUOTED -> attribute();
      case WORD -> word(token);
      case SIGN -> sign(token);
      case END -> throw tokens.unexpected();
    };
  }

  private Expr word(Token token) {
    if (tokens.peek(1).isSign("(") && !token.isWord("not") && !token.isWord("in")) {
      return call(token);
    }
    if (!token.isReserved()) {
      return attribute();
    }
    Expr literal =
        switch (token.lowerCase()) {
          case "true" -> new Expr.Bool(true);
          case "false" -> new Expr.Bool(false);
          case "null" -> new Expr.Null();
          case "missing" -> new Expr.Missing(token.at());
          default -> throw tokens.unexpected();
        };
    tokens.next();
    return literal;
  }

  private Expr call(Token name) {
    tokens.next();
    tokens.next();
    if (name.isWord("exists") && tokens.peek().isWord("select")) {
      throw StatementErrors.unrecognized(name.lowerCase(), name.at());
    }
    enter();
    List<Expr> arguments = list(")");
    leave();
    return new Expr.Call(name.lowerCase(), arguments, name.at());
  }

  private Expr sign(Token token) {
    return switch (token.text()) {
      case "?" -> {
        tokens.next();
        yield new Expr.Parameter(parameters++);
      }
      case "-", "+" -> {
        tokens.next();
        Token number = tokens.next();
        if (number.kind() != Kind.NUMBER) {
          throw StatementErrors.notWellFormed(StatementErrors.TERM);
        }
        yield new Expr.Numeral(token.text().equals("-") ? "-" + number.text() : number.text());
      }
      case "(" -> {
        tokens.next();
        Expr inner = expression();
        tokens.expectSign(")");
        yield inner;
      }
      case "[" -> {
        tokens.next();
        enter();
        Expr list = new Expr.ListOf(list("]"));
        leave();
        yield list;
      }
      case "<<" -> {
        tokens.next();
        enter();
        Expr set = new Expr.SetOf(list(">>"));
        leave();
        yield set;
      }
      case "{" -> {
        tokens.next();
        enter();
        Expr map = map();
        leave();
        yield map;
      }
      default -> throw tokens.unexpected();
    };
  }

  /** Values up to a closing sign, which is taken. */
  private List<Expr> list(String close) {
    List<Expr> elements = new ArrayList<>();
    if (tokens.takeSign(close)) {
      return elements;
    }
    do {
      elements.add(sum());
    } while (tokens.takeSign(","));
    tokens.expectSign(close);
    return elements;
  }

  private Expr map() {
    List<Expr.Entry> entries = new ArrayList<>();
    if (tokens.takeSign("}")) {
      return new Expr.MapOf(entries);
    }
    do {
      Token name = tokens.peek();
      if (name.kind() != Kind.STRING) {
        throw tokens.unexpected();
      }
      tokens.next();
      tokens.expectSign(":");
      entries.add(new Expr.Entry(name.text(), sum()));
    } while (tokens.takeSign(","));
    tokens.expectSign("}");
    return new Expr.MapOf(entries);
  }

  private Expr attribute() {
    Position at = tokens.peek().at();
    return new Expr.Attribute(path(), at);
  }

  /** Reads a document path. */
  PathSyntax path() {
    Token head = tokens.peek();
    if (head.kind() != Kind.QUOTED && (head.kind() != Kind.WORD || head.isReserved())) {
      throw tokens.unexpected();
    }
    List<Step> steps = new ArrayList<>();
    steps.add(new Step.Name(tokens.next().text()));
    while (true) {
      if (tokens.takeSign(".")) {
        Token name = tokens.next();
        if (name.kind() != Kind.QUOTED && (name.kind() != Kind.WORD || name.isReserved())) {
          throw StatementErrors.notWellFormed(StatementErrors.DOT_COMPONENT);
        }
        steps.add(new Step.Name(name.text()));
      } else if (tokens.takeSign("[")) {
        Token place = tokens.next();
        steps.add(
            switch (place.kind()) {
              case STRING -> new Step.Name(place.text());
              case NUMBER -> new Step.Index(index(place.text()));
              default -> throw StatementErrors.notWellFormed(StatementErrors.TERM);
            });
        tokens.expectSign("]");
      } else {
        return PathSyntax.of(steps);
      }
    }
  }

  private static int index(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      throw StatementErrors.notWellFormed("Invalid path component");
    }
  }

  private boolean takeOperator(String word) {
    boolean taken = tokens.takeWord(word);
    if (taken) {
      countOperator();
    }
    return taken;
  }

  private void countOperator() {
    if (++operators > OPERATORS_MAX) {
      throw ApiException.validation(
          "The expression contains too many operators; operator count: " + operators);
    }
  }

  private void enter() {
    if (++depth > NESTING_MAX) {
      throw StatementErrors.notWellFormed("Too many levels of nesting");
    }
  }

  private void leave() {
    depth--;
  }
}
