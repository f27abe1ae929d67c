package io.equator.coordinator.tables;

import io.equator.proto.RegionTableResponse;
import java.util.List;

/** The federation, as far as requests about tables ask it. Blocking, for a bounded time. */
public interface OtherRegions {
  /** A cluster that belongs to no federation. */
  OtherRegions NONE =
      new OtherRegions() {
        @Override
        public List<String> names() {
          return List.of();
        }

        @Override
        public RegionTableResponse describe(String region, String table) {
          throw new IllegalArgumentException("there is no region " + region);
        }
      };

  /** Every region of the federation, this one among them, in the order of their names. */
  List<String> names();

  /**
   * A table as another region has it now.
   *
   * @throws io.equator.model.error.ApiException when the region does not answer
   */
  RegionTableResponse describe(String region, String table);
}
