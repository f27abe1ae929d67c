package io.equator.model.expression.parse;

/** Anything that parentheses can stand around: an operand or a condition. */
public sealed interface Syntax permits OperandSyntax, ConditionSyntax {}
