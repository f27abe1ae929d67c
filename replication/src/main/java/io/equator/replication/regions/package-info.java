/**
 * Between regions: how one cluster reaches another, and what they send one another.
 *
 * <p>Every region is a complete cluster. What crosses is a join (the greater version wins), so
 * order, repetition and delay cannot hurt; see {@code docs/replication.md}.
 *
 * <p><b>May import</b> {@code proto}, {@code model}, {@code partitioner}, {@code
 * replication.clock}, gRPC's API.
 *
 * <p><b>Always true:</b> nothing here waits for another region before something local is answered.
 */
@NullMarked
package io.equator.replication.regions;

import org.jspecify.annotations.NullMarked;
