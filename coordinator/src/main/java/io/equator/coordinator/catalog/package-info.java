/**
 * The catalog group: all metadata of the region as one versioned key-value store behind a Raft log.
 *
 * <p>{@link io.equator.coordinator.catalog.CatalogState} is pure: a commit is a list of comparisons
 * and changes, evaluated in log order, so every member ends with the same objects. {@link
 * io.equator.coordinator.catalog.CatalogMachine} drives it from the replicated log and keeps an
 * image on disk; {@link io.equator.coordinator.catalog.CatalogEndpoint} is its gRPC face.
 *
 * <p><b>May import</b> {@code proto}, {@code replication}, gRPC. <b>Must not</b> import Ratis,
 * RocksDB, or {@code node}.
 *
 * <p><b>Always true:</b> the revision grows by one with each commit that changes something; an
 * object's version is the revision of its last change.
 */
@NullMarked
package io.equator.coordinator.catalog;

import org.jspecify.annotations.NullMarked;
