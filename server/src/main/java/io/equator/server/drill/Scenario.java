package io.equator.server.drill;

import java.util.Locale;

/** What is done to the cluster. */
enum Scenario {
  /** Every process of a region dies at once, and is started again later. */
  REGION_LOSS("all processes of the region die; the application goes on in the next one"),
  /** A region serves its clients, but neither reaches the others nor is reached. */
  REGION_ISOLATION("the region is cut off from the others; its clients still reach it"),
  /** As a loss, but away three times as long: how long does it take to catch up? */
  REGION_RETURN("the region was away for a while, and comes back"),
  /** One of the nodes of a region dies, and is started again later. */
  NODE_LOSS("one of three nodes of the region dies"),
  /** The nodes of a region are started anew, one after the other. */
  ROLLING_RESTART("the nodes of the region are started anew, one after the other"),
  /** The clock of a region runs ahead. */
  CLOCK_SKEW("the clock of the region is ahead of the others");

  private final String words;

  Scenario(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }

  /** As it is given on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether nodes die, of which a region then has three. */
  boolean needsNodes() {
    return this == NODE_LOSS || this == ROLLING_RESTART;
  }
}
