package io.equator.coordinator.streams;

import io.equator.partitioner.Partition;
import io.equator.proto.ChangePlace;
import io.equator.proto.StreamPage;

/**
 * The change logs of partitions, as those who serve streams read them. What is made of a page is
 * decided without any other look at the world.
 */
@FunctionalInterface
interface ShardPages {
  /**
   * Records of a stream from a place on.
   *
   * @param recordsMax 0 to learn only where the log stands
   * @throws io.equator.model.error.ApiException when nobody leads the partition for too long
   */
  StreamPage read(
      Partition partition, StreamView stream, ChangePlace from, int recordsMax, int bytesMax);
}
