/**
 * Global tables: the operations of version 2017.11.29, and what makes a region follow the documents
 * of both versions.
 *
 * <pre>
 * document (all regions hold it) ──▶ {@link io.equator.coordinator.globaltables.ReplicaReconciler} ──▶ table, TableReplication
 *        ▲                                        │ asks nodes how far they have sent
 *        └──── member states, who has filled ─────┘
 * </pre>
 *
 * <p><b>Always true:</b> each region changes its own table and its own part of the document, apart
 * from what a client asks for and from the list of those that have filled a new member. Each step
 * is one compare-and-set, decided on the state that it changes, so it may be tried by several
 * coordinators and cut off anywhere.
 */
@NullMarked
package io.equator.coordinator.globaltables;

import org.jspecify.annotations.NullMarked;
