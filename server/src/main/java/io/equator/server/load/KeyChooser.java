package io.equator.server.load;

import java.util.random.RandomGenerator;

/** Draws the number of the record that the next request touches. */
interface KeyChooser {

  /** A number from 0 to the record count, exclusive. */
  long next(RandomGenerator random);

  /** The two distributions of the command line. */
  enum Distribution {
    /** Every record is as likely as every other. */
    UNIFORM,
    /** A few records get most of the requests; which ones is scattered over the key space. */
    ZIPFIAN;

    KeyChooser over(long records) {
      return switch (this) {
        case UNIFORM -> random -> random.nextLong(records);
        case ZIPFIAN -> new Zipfian(records);
      };
    }
  }

  /**
   * Zipf's law with YCSB's constant 0.99, by the method of Gray et al., <i>Quickly Generating
   * Billion-Record Synthetic Databases</i>, SIGMOD 1994. Ranks are scattered by a hash, so that the
   * hot records are not neighbours.
   */
  final class Zipfian implements KeyChooser {

    private static final double THETA = 0.99;

    private final long records;
    private final double zetaN;
    private final double alpha = 1 / (1 - THETA);
    private final double eta;

    Zipfian(long records) {
      this.records = records;
      double sum = 0;
      for (long rank = 1; rank <= records; rank++) {
        sum += 1 / Math.pow((double) rank, THETA);
      }
      this.zetaN = sum;
      double zeta2 = 1 + Math.pow(0.5, THETA);
      this.eta = (1 - Math.pow(2.0 / records, 1 - THETA)) / (1 - zeta2 / zetaN);
    }

    @Override
    public long next(RandomGenerator random) {
      return Math.floorMod(scatter(rank(random.nextDouble())), records);
    }

    /** The rank of a uniform draw; 0 is the hottest. */
    long rank(double draw) {
      double scaled = draw * zetaN;
      if (scaled < 1) {
        return 0;
      }
      if (scaled < 1 + Math.pow(0.5, THETA)) {
        return Math.min(1, records - 1);
      }
      return Math.min(records - 1, (long) (records * Math.pow(eta * draw - eta + 1, alpha)));
    }

    /** The finisher of MurmurHash3: a bijection of 64 bits. */
    private static long scatter(long value) {
      long h = value + 0x9E3779B97F4A7C15L;
      h = (h ^ (h >>> 33)) * 0xFF51AFD7ED558CCDL;
      h = (h ^ (h >>> 33)) * 0xC4CEB9FE1A85EC53L;
      return h ^ (h >>> 33);
    }
  }
}
