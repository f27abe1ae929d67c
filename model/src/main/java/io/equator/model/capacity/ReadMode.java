package io.equator.model.capacity;

/** How a read is charged: half units, whole units or double units per 4 KB. */
public enum ReadMode {
  EVENTUAL(0.5),
  CONSISTENT(1),
  TRANSACTIONAL(2);

  private final double factor;

  ReadMode(double factor) {
    this.factor = factor;
  }

  /** {@link #CONSISTENT} or {@link #EVENTUAL}. */
  public static ReadMode of(boolean consistent) {
    return consistent ? CONSISTENT : EVENTUAL;
  }

  /** Units per started 4 KB. */
  double factor() {
    return factor;
  }
}
