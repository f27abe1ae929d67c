package io.equator.model.expression;

import io.equator.model.expression.parse.ConditionSyntax;
import io.equator.model.expression.parse.OperandSyntax.Call;
import io.equator.model.expression.wire.Nesting;
import io.equator.proto.AttributeType;
import io.equator.proto.Between;
import io.equator.proto.Comparator;
import io.equator.proto.Comparison;
import io.equator.proto.Condition;
import io.equator.proto.Conditions;
import io.equator.proto.In;
import io.equator.proto.OperandPair;
import io.equator.proto.Path;
import java.util.List;

/** Puts names and values into a condition and builds the message that travels. */
final class ConditionResolver {
  private final ClauseResolver clauses;

  ConditionResolver(ExpressionContext context, ExpressionKind kind) {
    clauses = new ClauseResolver(context, kind);
  }

  Condition resolve(ConditionSyntax syntax) {
    return resolve(syntax, 0);
  }

  private Condition resolve(ConditionSyntax syntax, int level) {
    Condition condition =
        switch (syntax) {
          case ConditionSyntax.All(List<ConditionSyntax> parts) ->
              Condition.newBuilder().setAll(resolve(parts, level + 1)).build();
          case ConditionSyntax.Any(List<ConditionSyntax> parts) ->
              Condition.newBuilder().setAny(resolve(parts, level + 1)).build();
          case ConditionSyntax.Not(ConditionSyntax inner) ->
              Condition.newBuilder().setNot(resolve(inner, level + 1)).build();
          case ConditionSyntax.Comparison _,
              ConditionSyntax.Between _,
              ConditionSyntax.In _,
              Call _ ->
              toProto(clauses.resolve(syntax));
        };
    return Nesting.seal(condition, level);
  }

  private Conditions resolve(List<ConditionSyntax> parts, int level) {
    Conditions.Builder conditions = Conditions.newBuilder();
    for (ConditionSyntax part : parts) {
      conditions.addConditions(resolve(part, level));
    }
    return conditions.build();
  }

  private static Condition toProto(ClauseResolver.Clause clause) {
    Condition.Builder condition = Condition.newBuilder();
    List<ResolvedOperand> operands = clause.operands();
    switch (clause.syntax()) {
      case ConditionSyntax.Comparison(Comparator comparator, _, _) ->
          condition.setComparison(
              Comparison.newBuilder()
                  .setComparator(comparator)
                  .setLeft(operands.get(0).toProto())
                  .setRight(operands.get(1).toProto()));
      case ConditionSyntax.Between _ ->
          condition.setBetween(
              Between.newBuilder()
                  .setValue(operands.get(0).toProto())
                  .setLower(operands.get(1).toProto())
                  .setUpper(operands.get(2).toProto()));
      case ConditionSyntax.In _ -> {
        In.Builder in = In.newBuilder().setValue(operands.getFirst().toProto());
        for (ResolvedOperand candidate : operands.subList(1, operands.size())) {
          in.addCandidates(candidate.toProto());
        }
        condition.setIn(in);
      }
      case Call(String function, _) -> setCall(condition, function, operands);
      case ConditionSyntax.All _, ConditionSyntax.Any _, ConditionSyntax.Not _ ->
          throw new IllegalArgumentException("not a clause: " + clause);
    }
    return condition.build();
  }

  private static void setCall(
      Condition.Builder condition, String function, List<ResolvedOperand> operands) {
    switch (function) {
      case "attribute_exists" -> condition.setAttributeExists(path(operands));
      case "attribute_not_exists" -> condition.setAttributeNotExists(path(operands));
      case "begins_with" -> condition.setBeginsWith(pair(operands));
      case "contains" -> condition.setContains(pair(operands));
      case "attribute_type" -> {
        if (!(operands.get(1) instanceof ResolvedOperand.Literal(var type))) {
          throw new IllegalArgumentException("a type that is not a value");
        }
        condition.setAttributeType(
            AttributeType.newBuilder()
                .setValue(operands.getFirst().toProto())
                .setType(type.string()));
      }
      default -> throw new IllegalArgumentException("not a condition: " + function);
    }
  }

  private static Path path(List<ResolvedOperand> operands) {
    if (operands.getFirst() instanceof ResolvedOperand.At(Path path)) {
      return path;
    }
    throw new IllegalArgumentException("not a path: " + operands);
  }

  private static OperandPair pair(List<ResolvedOperand> operands) {
    return OperandPair.newBuilder()
        .setFirst(operands.get(0).toProto())
        .setSecond(operands.get(1).toProto())
        .build();
  }
}
