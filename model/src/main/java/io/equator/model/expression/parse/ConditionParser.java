package io.equator.model.expression.parse;

import io.equator.model.expression.ExpressionKind;
import io.equator.model.expression.parse.OperandSyntax.Call;
import io.equator.model.expression.parse.OperandSyntax.PathOperand;
import io.equator.model.expression.parse.OperandSyntax.ValueOperand;
import io.equator.proto.Comparator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads conditions: ConditionExpression, FilterExpression and KeyConditionExpression share one
 * grammar.
 *
 * <pre>
 *   any     := all (OR all)*
 *   all     := not (AND not)*
 *   not     := NOT* clause
 *   clause  := term [ comparator term | BETWEEN term AND term | IN '(' term (',' term)* ')' ]
 *   term    := path | :value | name '(' term (',' term)* ')' | '(' any ')'
 * </pre>
 *
 * <p>A pair of parentheses may stand around an operand as well as around a condition, and only what
 * follows tells which: so {@code term} returns either, and whoever needs a condition says so when
 * the token after it can no longer make one.
 */
public final class ConditionParser {
  private final ExpressionKind kind;
  private final Tokens tokens;
  private final Faults faults;
  private final PathParser paths;
  private int depth;

  /** Whether the syntax returned last was written in parentheses, with nothing beside them. */
  private boolean parenthesised;

  private ConditionParser(ExpressionKind kind, String text) {
    this.kind = kind;
    tokens = Tokens.of(kind, text);
    faults = new Faults(kind);
    paths = new PathParser(tokens, faults);
  }

  /**
   * Reads a whole condition.
   *
   * @throws io.equator.model.error.ApiException when it is none
   */
  public static ConditionSyntax parse(ExpressionKind kind, String text) {
    ConditionParser parser = new ConditionParser(kind, text);
    ConditionSyntax condition = parser.condition(parser.any());
    if (parser.tokens.type() != TokenType.END) {
      throw parser.tokens.syntaxError();
    }
    parser.faults.check();
    return condition;
  }

  private Syntax any() {
    Syntax first = all();
    if (tokens.type() != TokenType.OR) {
      return first;
    }
    List<ConditionSyntax> parts = new ArrayList<>();
    addAny(parts, condition(first));
    while (tokens.accept(TokenType.OR)) {
      faults.countOperator();
      addAny(parts, condition(all()));
    }
    parenthesised = false;
    return new ConditionSyntax.Any(parts);
  }

  private static void addAny(List<ConditionSyntax> parts, ConditionSyntax part) {
    if (part instanceof ConditionSyntax.Any(List<ConditionSyntax> inner)) {
      parts.addAll(inner);
    } else {
      parts.add(part);
    }
  }

  private Syntax all() {
    Syntax first = not();
    if (tokens.type() != TokenType.AND) {
      return first;
    }
    List<ConditionSyntax> parts = new ArrayList<>();
    addAll(parts, condition(first));
    while (tokens.accept(TokenType.AND)) {
      faults.countOperator();
      addAll(parts, condition(not()));
    }
    parenthesised = false;
    return new ConditionSyntax.All(parts);
  }

  private static void addAll(List<ConditionSyntax> parts, ConditionSyntax part) {
    if (part instanceof ConditionSyntax.All(List<ConditionSyntax> inner)) {
      parts.addAll(inner);
    } else {
      parts.add(part);
    }
  }

  private Syntax not() {
    if (tokens.type() != TokenType.NOT) {
      return clause();
    }
    boolean odd = false;
    while (tokens.accept(TokenType.NOT)) {
      faults.countOperator();
      odd = !odd;
    }
    ConditionSyntax inner = condition(clause());
    parenthesised = false;
    // A key condition may hold no NOT at all, so there a pair must not vanish.
    return odd || kind == ExpressionKind.KEY_CONDITION ? negated(inner) : inner;
  }

  private static ConditionSyntax negated(ConditionSyntax condition) {
    return condition instanceof ConditionSyntax.Not(ConditionSyntax inner)
        ? inner
        : new ConditionSyntax.Not(condition);
  }

  private Syntax clause() {
    Syntax first = term();
    if (!(first instanceof OperandSyntax operand)) {
      return first;
    }
    Comparator comparator = comparator(tokens.type());
    if (comparator != null) {
      takeOperator();
      operandPlace(operand);
      OperandSyntax right = operand();
      parenthesised = false;
      return new ConditionSyntax.Comparison(comparator, operand, right);
    }
    return switch (tokens.type()) {
      case BETWEEN -> {
        takeOperator();
        operandPlace(operand);
        OperandSyntax lower = operand();
        tokens.expect(TokenType.AND);
        OperandSyntax upper = operand();
        parenthesised = false;
        yield new ConditionSyntax.Between(operand, lower, upper);
      }
      case IN -> {
        takeOperator();
        operandPlace(operand);
        tokens.expect(TokenType.OPEN);
        List<OperandSyntax> candidates = operands();
        parenthesised = false;
        yield new ConditionSyntax.In(operand, candidates);
      }
      default -> first;
    };
  }

  private void takeOperator() {
    tokens.advance();
    faults.countOperator();
  }

  private static @Nullable Comparator comparator(TokenType type) {
    return switch (type) {
      case EQUAL -> Comparator.EQUAL;
      case NOT_EQUAL -> Comparator.NOT_EQUAL;
      case LESS -> Comparator.LESS;
      case LESS_OR_EQUAL -> Comparator.LESS_OR_EQUAL;
      case GREATER -> Comparator.GREATER;
      case GREATER_OR_EQUAL -> Comparator.GREATER_OR_EQUAL;
      default -> null;
    };
  }

  private Syntax term() {
    if (tokens.type() == TokenType.OPEN) {
      return inParentheses();
    }
    OperandSyntax operand =
        switch (tokens.type()) {
          case VALUE_ALIAS -> value();
          case NAME -> tokens.nextType() == TokenType.OPEN ? call() : new PathOperand(paths.path());
          case NAME_ALIAS -> new PathOperand(paths.path());
          default -> throw tokens.syntaxError();
        };
    parenthesised = false;
    return operand;
  }

  private ValueOperand value() {
    ValueOperand value = new ValueOperand(tokens.text());
    tokens.advance();
    return value;
  }

  private Syntax inParentheses() {
    tokens.advance();
    enter();
    Syntax inner = any();
    depth--;
    tokens.expect(TokenType.CLOSE);
    if (parenthesised) {
      faults.redundantParentheses();
    }
    parenthesised = true;
    return inner;
  }

  private Call call() {
    String name = tokens.text();
    tokens.advance();
    tokens.advance();
    ExpressionFunction function = ExpressionFunction.of(name);
    if (function == null) {
      faults.unknownFunction(name);
    } else if (function.place() == ExpressionFunction.Place.UPDATE) {
      faults.functionOfOtherKind(name, "a condition");
    }
    enter();
    List<OperandSyntax> arguments = operands();
    depth--;
    return new Call(name, arguments);
  }

  /** Operands up to the closing parenthesis. */
  private List<OperandSyntax> operands() {
    List<OperandSyntax> operands = new ArrayList<>(2);
    do {
      operands.add(operand());
    } while (tokens.accept(TokenType.COMMA));
    tokens.expect(TokenType.CLOSE);
    return operands;
  }

  private OperandSyntax operand() {
    if (!(term() instanceof OperandSyntax operand)) {
      // A condition in parentheses where an operand must be: the token after it is the surprise.
      throw tokens.syntaxError();
    }
    operandPlace(operand);
    return operand;
  }

  private void operandPlace(OperandSyntax operand) {
    if (operand instanceof Call(String name, _)) {
      ExpressionFunction function = ExpressionFunction.of(name);
      if (function != null && function.place() == ExpressionFunction.Place.CONDITION) {
        faults.misusedFunction(name);
      }
    }
  }

  /** What was read, where only a condition will do. */
  private ConditionSyntax condition(Syntax syntax) {
    return switch (syntax) {
      case Call call -> {
        if (ExpressionFunction.of(call.function()) == ExpressionFunction.SIZE) {
          faults.misusedFunction(call.function());
        }
        yield call;
      }
      case ConditionSyntax condition -> condition;
      case OperandSyntax _ -> throw tokens.syntaxError();
    };
  }

  /** Bounds the recursion; see {@link ExpressionLimits#NESTING_MAX}. */
  private void enter() {
    if (++depth > ExpressionLimits.NESTING_MAX) {
      faults.redundantParentheses();
      faults.check();
    }
  }
}
