/**
 * The control plane of tables: creating, changing, describing and deleting them, their tags and
 * their time to live.
 *
 * <p>An operation reads its request ({@link io.equator.coordinator.tables.Shapes}), checks its
 * members, then its meaning, and decides on the catalog's truth what the table's descriptor
 * becomes. The decision is committed by compare-and-set ({@link
 * io.equator.coordinator.tables.TableCatalog}), so that of two conflicting requests one is decided
 * again on what the other has left. What takes time is not waited for: the descriptor carries a
 * status that says what is under way, and the {@link io.equator.coordinator.tables.TableReconciler}
 * of every coordinator brings it to its end, also after a crash.
 *
 * <pre>
 *              CreateTable            UpdateTable              DeleteTable
 *   (absent) ──────────────▶ CREATING ─▶ ACTIVE ⇄ UPDATING     ACTIVE ──▶ DELETING ─▶ (absent)
 *   global index: CREATING ─▶ CREATING, backfilling ─▶ ACTIVE ─▶ DELETING ─▶ (absent)
 *   time to live: DISABLED ─▶ ENABLING ─▶ ENABLED ─▶ DISABLING ─▶ DISABLED
 * </pre>
 *
 * <p>Operations block, on virtual threads; the edge's threads only parse.
 *
 * <p><b>May import</b> {@code coordinator.api}, {@code coordinator.json}, {@code model}, {@code
 * partitioner}, {@code proto}, {@code replication.catalog}, gRPC's client stubs. <b>Must not</b>
 * import the router or the node.
 *
 * <p><b>Always true:</b> a table's number is never given twice; a descriptor in the catalog has
 * passed every check; deciding and stepping are pure functions of the descriptor, the request and
 * the time.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.tables.TableOperations}, then {@link
 * io.equator.coordinator.tables.TableUpdate} and {@link
 * io.equator.coordinator.tables.TableLifecycle}.
 */
@NullMarked
package io.equator.coordinator.tables;

import org.jspecify.annotations.NullMarked;
