/**
 * PartiQL as DynamoDB has it: from the text of a statement to what is to be done.
 *
 * <p>In three steps. The lexer and the parser make of a text a {@link
 * io.equator.model.partiql.Statement}, a tree without values, which may be kept for the next
 * request with the same text. The binder puts the parameters in and makes a {@link
 * io.equator.model.partiql.Command}, whose conditions and updates are those of expressions. Once
 * the table is known, a {@link io.equator.model.partiql.Where} says which part of it is a key.
 *
 * <p><b>May import</b> the JDK, {@code proto} and the other packages of {@code model}. Pure.
 *
 * <p><b>Always true:</b> whatever the text, the outcome is a tree or an {@link
 * io.equator.model.error.ApiException}; the depth of recursion is bounded.
 *
 * <p><b>Start at</b> {@link io.equator.model.partiql.Statement}, then {@code StatementParser}.
 */
@NullMarked
package io.equator.model.partiql;

import org.jspecify.annotations.NullMarked;
