/**
 * PartiQL: ExecuteStatement, BatchExecuteStatement, ExecuteTransaction.
 *
 * <p>A statement becomes a {@link io.equator.model.partiql.Command} and then what the other
 * operations send, too: a point read, pages of a table or index, a conditional write, or actions of
 * a transaction. Nodes know nothing of PartiQL.
 *
 * <table>
 *   <caption>What a statement becomes</caption>
 *   <tr><td>SELECT with the whole key of a table by equality</td><td>a point read</td></tr>
 *   <tr><td>SELECT with the partition key by equality or IN</td><td>pages of those item collections, one after the other</td></tr>
 *   <tr><td>any other SELECT</td><td>pages of everything</td></tr>
 *   <tr><td>INSERT</td><td>a put on the condition that there is no item</td></tr>
 *   <tr><td>UPDATE</td><td>an update on the condition that there is one</td></tr>
 *   <tr><td>DELETE</td><td>a delete, on the rest of its condition</td></tr>
 * </table>
 *
 * <p><b>May import</b> what {@code coordinator.items} may, that package, {@code coordinator.query}
 * and {@code coordinator.transactions}. <b>Must not</b> block.
 *
 * <p><b>Always true:</b> a page reads at most 1 MB of rows, whatever the number of collections; a
 * NextToken holds all that is needed to go on, so no coordinator remembers anything between pages.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.partiql.ExecuteStatement}, then {@code
 * SelectRun}.
 */
@NullMarked
package io.equator.coordinator.partiql;

import org.jspecify.annotations.NullMarked;
