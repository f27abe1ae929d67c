/**
 * The operations on one item: PutItem, GetItem, UpdateItem, DeleteItem; and what all item
 * operations share: reading the common members, checking them in DynamoDB's order, counting what
 * was consumed.
 *
 * <p>An operation has three parts: a request that reads itself from the body (types), checks itself
 * (constraints, combinations, expressions, values) and can bind itself to a table (existence,
 * keys); one node call through the router; an answer that writes itself. The checks stand in the
 * order of the real service, because clients see the first that fails:
 *
 * <ol>
 *   <li>JSON types of the whole body (while reading);
 *   <li>member constraints, the table's name alone and first;
 *   <li>legacy parameters beside expressions, names and values without an expression;
 *   <li>the values of item or key, then operation rules, then expressions with their names and
 *       values;
 *   <li>the table, the key's schema, the keys of indexes;
 *   <li>condition, update and sizes, at the partition's leader.
 * </ol>
 *
 * <p><b>May import</b> {@code coordinator.api}, {@code coordinator.json}, {@code
 * coordinator.router}, {@code model}, {@code proto}, {@code replication.catalog}. <b>Must not</b>
 * block: it runs on the connections' threads.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.items.GetItem}, then {@link
 * io.equator.coordinator.items.PutItem}.
 */
@NullMarked
package io.equator.coordinator.items;

import org.jspecify.annotations.NullMarked;
