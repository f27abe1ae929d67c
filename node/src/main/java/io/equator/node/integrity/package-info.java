/**
 * Watches that what was stored is what is there: replicas of a partition are compared with one
 * another, and one that differs from a majority is taken out and made anew.
 *
 * <pre>
 *   leader: an entry asks for a digest ─▶ every replica fixes its state with that entry ─▶ reads all rows of it
 *           ◀──────── digests, or what is damaged ────────┘
 *           a majority equal? ─ yes ─▶ one that is not: closed, its state condemned, fetched from the others
 *                             └ no ──▶ nothing is touched; it is shouted about
 * </pre>
 *
 * <p>Reading all rows also meets bits that have flipped on a disk: RocksDB's checksums of blocks,
 * and the checksum that each item has had since its leader made it.
 *
 * <p><b>May import</b> {@code node.core}, {@code node.service}, {@code node.snapshots} (the
 * throttle), {@code replication}, gRPC.
 *
 * <p><b>Always true:</b> no replica is condemned unless a majority of its group is equal and sound
 * at the same entry of the log.
 */
@NullMarked
package io.equator.node.integrity;

import org.jspecify.annotations.NullMarked;
