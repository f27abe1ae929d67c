package io.equator.server.dev;

import io.equator.proto.RegionDescriptor;
import io.equator.replication.regions.RegionChannels;
import java.time.InstantSource;
import java.util.List;

/**
 * An embedded cluster's place among the regions of its process.
 *
 * @param number of its region, fixed when the cluster is founded
 * @param federation every region of the process, this one among them; empty when it is alone
 * @param channels to the other regions
 * @param serverName under which its services for other regions stand in this process; empty: none
 * @param clock the wall's time there
 */
record RegionSeat(
    int number,
    List<RegionDescriptor> federation,
    RegionChannels channels,
    String serverName,
    InstantSource clock) {

  /** The only region. */
  static final RegionSeat ALONE =
      new RegionSeat(1, List.of(), RegionChannels.NONE, "", InstantSource.system());

  RegionSeat {
    federation = List.copyOf(federation);
  }
}
