/**
 * Federation: regions, each a complete cluster, that know one another and hold the same documents
 * about regions and global tables.
 *
 * <p>There is no global master. A document is a join of versioned parts: whoever trades copies
 * takes the greater version of each part, so any order, repetition and delay of exchanges ends
 * equal in every region. {@link io.equator.coordinator.federation.Documents} is that join; {@link
 * io.equator.coordinator.federation.Federation} trades at each region's coordinators.
 *
 * <p><b>Always true:</b> a document in the catalog only ever grows in that order. What it asks for
 * is brought about by {@code coordinator.globaltables}, never here.
 */
@NullMarked
package io.equator.coordinator.federation;

import org.jspecify.annotations.NullMarked;
