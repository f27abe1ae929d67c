package io.equator.model.expression.parse;

import io.equator.model.expression.ExpressionKind;
import io.equator.model.expression.parse.OperandSyntax.Arithmetic;
import io.equator.model.expression.parse.OperandSyntax.Call;
import io.equator.model.expression.parse.OperandSyntax.PathOperand;
import io.equator.model.expression.parse.OperandSyntax.ValueOperand;
import io.equator.model.expression.parse.UpdateSyntax.Action;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Reads UpdateExpressions.
 *
 * <pre>
 *   update  := ( SET set (',' set)* | REMOVE path (',' path)* | ADD path :v (',' path :v)* | DELETE … )+
 *   set     := path '=' operand [ ('+' | '-') operand ]
 *   operand := path | :v | name '(' operand (',' operand)* ')' | '(' operand ')'
 * </pre>
 *
 * <p>Parentheses may also stand around a whole sum: {@code SET a = (b + :c)}.
 */
public final class UpdateParser {
  private final Tokens tokens;
  private final Faults faults;
  private final PathParser paths;
  private final List<Action> actions = new ArrayList<>();
  private int depth;

  /** Whether the operand read last was written in parentheses. */
  private boolean parenthesised;

  private UpdateParser(String text) {
    tokens = Tokens.of(ExpressionKind.UPDATE, text);
    faults = new Faults(ExpressionKind.UPDATE);
    paths = new PathParser(tokens, faults);
  }

  /**
   * Reads a whole update.
   *
   * @throws io.equator.model.error.ApiException when it is none
   */
  public static UpdateSyntax parse(String text) {
    UpdateParser parser = new UpdateParser(text);
    parser.sections();
    parser.faults.check();
    return new UpdateSyntax(parser.actions);
  }

  private void sections() {
    Set<TokenType> seen = EnumSet.noneOf(TokenType.class);
    do {
      TokenType section = tokens.type();
      switch (section) {
        case SET, REMOVE, ADD, DELETE -> {
          tokens.advance();
          if (!seen.add(section)) {
            faults.repeatedSection(section.name());
          }
          do {
            actions.add(action(section));
          } while (tokens.accept(TokenType.COMMA));
        }
        default -> throw tokens.syntaxError();
      }
    } while (tokens.type() != TokenType.END);
  }

  private Action action(TokenType section) {
    PathSyntax path = paths.path();
    return switch (section) {
      case SET -> {
        tokens.expect(TokenType.EQUAL);
        yield new Action.Set(path, sum());
      }
      case ADD -> new Action.Add(path, value());
      case DELETE -> new Action.Delete(path, value());
      default -> new Action.Remove(path);
    };
  }

  private String value() {
    if (tokens.type() != TokenType.VALUE_ALIAS) {
      throw tokens.syntaxError();
    }
    String placeholder = tokens.text();
    tokens.advance();
    return placeholder;
  }

  private OperandSyntax sum() {
    OperandSyntax left = operand(true);
    boolean plus = tokens.type() == TokenType.PLUS;
    if (left instanceof Arithmetic || (!plus && tokens.type() != TokenType.MINUS)) {
      return left;
    }
    tokens.advance();
    faults.countOperator();
    OperandSyntax right = operand(false);
    parenthesised = false;
    return new Arithmetic(plus, left, right);
  }

  /** An operand; in parentheses also a sum, where the whole value may be one. */
  private OperandSyntax operand(boolean sumAllowed) {
    OperandSyntax operand;
    switch (tokens.type()) {
      case VALUE_ALIAS -> operand = new ValueOperand(value());
      case NAME_ALIAS -> operand = new PathOperand(paths.path());
      case NAME ->
          operand = tokens.nextType() == TokenType.OPEN ? call() : new PathOperand(paths.path());
      case OPEN -> {
        return inParentheses(sumAllowed);
      }
      default -> throw tokens.syntaxError();
    }
    parenthesised = false;
    return operand;
  }

  private OperandSyntax inParentheses(boolean sumAllowed) {
    tokens.advance();
    enter();
    OperandSyntax inner = sumAllowed ? sum() : operand(false);
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
    } else if (function.place() != ExpressionFunction.Place.UPDATE) {
      faults.functionOfOtherKind(name, "an update");
    }
    enter();
    List<OperandSyntax> arguments = new ArrayList<>(2);
    do {
      arguments.add(operand(false));
    } while (tokens.accept(TokenType.COMMA));
    depth--;
    tokens.expect(TokenType.CLOSE);
    return new Call(name, arguments);
  }

  /** Bounds the recursion; see {@link ExpressionLimits#NESTING_MAX}. */
  private void enter() {
    if (++depth > ExpressionLimits.NESTING_MAX) {
      faults.redundantParentheses();
      faults.check();
    }
  }
}
