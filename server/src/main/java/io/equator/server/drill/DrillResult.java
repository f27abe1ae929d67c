package io.equator.server.drill;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a drill has measured. Times are in milliseconds; series have a value for each bucket.
 *
 * @param region to which it was done
 * @param faultAt from the start of the traffic
 * @param healedAt from the start of the traffic
 * @param rtoMillis the longest time that a writer at home in the region was without an
 *     acknowledgement after the fault
 * @param atRisk writes that the region had acknowledged and nobody else had: when it was lost, or
 *     before it was let back
 * @param atRiskMillis the age of the oldest of them
 * @param lost acknowledged writes that are nowhere in the end
 * @param convergedMillis from the end of the traffic until all regions held the same
 * @param different items on which regions differ in the end
 */
record DrillResult(
    Scenario scenario,
    List<String> regions,
    String region,
    long faultAt,
    long healedAt,
    long rtoMillis,
    long acknowledged,
    long failed,
    long atRisk,
    long atRiskMillis,
    long lost,
    long convergedMillis,
    long different,
    double lagMillisMax,
    int bucketMillis,
    SortedMap<String, double[]> acknowledgedSeries,
    SortedMap<String, double[]> failedSeries,
    SortedMap<String, double[]> lagSeries) {

  /** Nothing that was acknowledged is lost, and all regions are equal. */
  boolean passed() {
    return lost == 0 && different == 0;
  }

  /** The figures by name, in the order in which people read them. */
  Map<String, Number> figures() {
    Map<String, Number> figures = new LinkedHashMap<>();
    figures.put("rtoMillis", rtoMillis);
    figures.put("acknowledged", acknowledged);
    figures.put("failed", failed);
    figures.put("atRisk", atRisk);
    figures.put("atRiskMillis", atRiskMillis);
    figures.put("lost", lost);
    figures.put("convergedMillis", convergedMillis);
    figures.put("different", different);
    figures.put("lagMillisMax", Math.round(lagMillisMax));
    return figures;
  }
}
