/**
 * The local copy of the region's catalog that every coordinator and every storage node keeps.
 *
 * <p>A {@link io.equator.replication.catalog.CatalogFollower} watches the catalog group and
 * publishes one immutable {@link io.equator.replication.catalog.CatalogSnapshot} after another;
 * readers take the newest and never lock.
 *
 * <p><b>May import</b> {@code proto}, {@code model}, {@code partitioner}, and gRPC stubs. <b>Must
 * not</b> import Ratis or RocksDB.
 *
 * <p><b>Always true:</b> revisions only grow; a snapshot holds exactly what was committed up to its
 * revision.
 *
 * <p><b>Start at</b> {@link io.equator.replication.catalog.CatalogSnapshot}, then {@link
 * io.equator.replication.catalog.TableView}.
 */
@NullMarked
package io.equator.replication.catalog;

import org.jspecify.annotations.NullMarked;
