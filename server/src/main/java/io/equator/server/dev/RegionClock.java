package io.equator.server.dev;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The wall's time of an embedded region, which can be wrong on purpose. */
final class RegionClock implements InstantSource {
  private final InstantSource wall;
  private volatile Duration ahead = Duration.ZERO;

  RegionClock(InstantSource wall) {
    this.wall = wall;
  }

  /** Sets it apart from the wall's time; negative: behind. */
  void setAhead(Duration offset) {
    ahead = offset;
  }

  @Override
  public Instant instant() {
    return wall.instant().plus(ahead);
  }

  @Override
  public long millis() {
    return wall.millis() + ahead.toMillis();
  }
}
