package io.equator.server.drill;

import java.io.IOException;
import java.util.List;

/** What a drill is done to: regions that an application reaches, and how one of them is broken. */
interface Ground extends AutoCloseable {
  /** The regions; it is done to the first one. */
  List<RegionEndpoint> endpoints();

  /** Breaks the first region; for faults that take their time it returns when they are over. */
  void inject() throws IOException;

  /** Mends it. */
  void heal() throws IOException;

  @Override
  void close();
}
