/**
 * DynamoDB's expressions: from the text of a request to a decision about an item.
 *
 * <p>Two halves that meet at the messages of {@code expression.proto}:
 *
 * <pre>
 *   coordinator   text ─ParsedExpression─▶ syntax ─RequestExpressions─▶ proto (names and values in)
 *   storage node  proto ─CompiledCondition / CompiledUpdate / CompiledProjection─▶ evaluated on an item
 * </pre>
 *
 * <p>The syntactic form holds placeholders, not values, so it can be cached by text. Legacy
 * parameters ({@link io.equator.model.expression.legacy}) enter beside the text and leave as the
 * same messages.
 *
 * <p><b>May import</b> the JDK, {@code io.equator.proto} and the other packages of this module.
 *
 * <p><b>Always true:</b> whatever text a client sends, parsing ends in bounded time and stack with
 * a result or an {@link io.equator.model.error.ApiException} whose message is DynamoDB's;
 * evaluation never fails for a resolved condition, and an update answers with a value, not an
 * exception.
 *
 * <p><b>Start at</b> {@link io.equator.model.expression.RequestExpressions}, then {@link
 * io.equator.model.expression.CompiledCondition}.
 */
@NullMarked
package io.equator.model.expression;

import org.jspecify.annotations.NullMarked;
