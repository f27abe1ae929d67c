package io.equator.node.regions;

/**
 * What a lane carries to where.
 *
 * @param table the table's number
 * @param region the target
 * @param generation of the pair of regions; another one is another lane
 */
public record LaneName(int table, String region, long generation) {
  @Override
  public String toString() {
    return "table " + Integer.toUnsignedString(table) + " to " + region + "/" + generation;
  }
}
