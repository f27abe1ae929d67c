package io.equator.coordinator.tables;

import static io.equator.coordinator.tables.Rules.invalid;

import io.equator.coordinator.tables.Shapes.OnDemand;
import io.equator.coordinator.tables.Shapes.Warm;
import io.equator.model.error.ApiException;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.OnDemandLimits;
import io.equator.proto.TableDescriptor;
import io.equator.proto.Throughput;
import io.equator.proto.WarmThroughputValues;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Provisioned, on-demand and warm throughput: what may be asked for, and what follows from a
 * change.
 *
 * <p>A table in mode {@value #ON_DEMAND} has provisioned units 0.
 */
final class ThroughputRules {
  static final String ON_DEMAND = "PAY_PER_REQUEST";
  static final String PROVISIONED = "PROVISIONED";

  private static final long UNITS_MAX = 1_000_000_000_000L;

  /** What an on-demand table can take from the start. */
  private static final long WARM_READ_UNITS = 12_000;

  private static final long WARM_WRITE_UNITS = 4_000;

  private static final int FREE_DECREASES_PER_DAY = 4;
  private static final long DECREASE_INTERVAL_MILLIS = 3_600_000;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("EEEE, MMMM d, yyyy h:mm:ss a 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private ThroughputRules() {}

  /** The throughput of CreateTable against its billing mode. */
  static void checkNewTable(Shapes.@Nullable Throughput throughput, boolean onDemand) {
    if (onDemand) {
      if (throughput != null) {
        throw unitsOnDemand();
      }
      return;
    }
    if (throughput == null) {
      throw invalid(
          "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is"
              + " PROVISIONED");
    }
    checkBounds(throughput);
  }

  static ApiException unitsOnDemand() {
    return invalid(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is"
            + " PAY_PER_REQUEST");
  }

  static void checkBounds(Shapes.Throughput throughput) {
    checkBound("ReadCapacityUnits", throughput.readUnits());
    checkBound("WriteCapacityUnits", throughput.writeUnits());
  }

  private static void checkBound(String member, @Nullable Long units) {
    if (units != null && units > UNITS_MAX) {
      throw ApiException.validation(
          "Given value " + units + " for " + member + " is out of bounds");
    }
  }

  /** A new global index, whose descriptor has a throughput when the request had one. */
  static void checkNewIndex(IndexDescriptor index, boolean onDemand) {
    if (onDemand && index.hasThroughput()) {
      throw invalid(
          "ProvisionedThroughput should not be specified for index: "
              + index.getName()
              + " when BillingMode is PAY_PER_REQUEST");
    }
    if (!onDemand && !index.hasThroughput()) {
      throw invalid("ProvisionedThroughput must be specified for index: " + index.getName());
    }
  }

  /** The throughput as it is stored; 0 when none was sent. */
  static Throughput toStored(Shapes.@Nullable Throughput throughput) {
    Throughput.Builder stored = Throughput.newBuilder();
    if (throughput != null && throughput.readUnits() != null && throughput.writeUnits() != null) {
      stored.setReadUnits(throughput.readUnits()).setWriteUnits(throughput.writeUnits());
    }
    return stored.build();
  }

  // ---- changes

  /**
   * The throughput after a change to these units.
   *
   * @param what {@code table} or {@code index <name>}, for the complaint that nothing changes
   */
  static Throughput change(Throughput now, Shapes.Throughput asked, String what, long nowMillis) {
    Throughput next = toStored(asked);
    if (next.getReadUnits() == now.getReadUnits() && next.getWriteUnits() == now.getWriteUnits()) {
      String kind = what.startsWith("index") ? "index" : "table";
      throw ApiException.validation(
          "The provisioned throughput for the "
              + what
              + " will not change. The requested value equals the current value. Current"
              + " ReadCapacityUnits provisioned for the "
              + kind
              + ": "
              + now.getReadUnits()
              + ". Requested ReadCapacityUnits: "
              + next.getReadUnits()
              + ". Current WriteCapacityUnits provisioned for the "
              + kind
              + ": "
              + now.getWriteUnits()
              + ". Requested WriteCapacityUnits: "
              + next.getWriteUnits()
              + ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to"
              + " request higher limits.");
    }
    boolean decrease =
        next.getReadUnits() < now.getReadUnits() || next.getWriteUnits() < now.getWriteUnits();
    boolean increase =
        next.getReadUnits() > now.getReadUnits() || next.getWriteUnits() > now.getWriteUnits();
    Throughput.Builder changed =
        now.toBuilder().setReadUnits(next.getReadUnits()).setWriteUnits(next.getWriteUnits());
    if (increase) {
      changed.setLastIncreaseMillis(nowMillis);
    }
    if (decrease) {
      checkDecrease(now, nowMillis);
      changed
          .setLastDecreaseMillis(nowMillis)
          .setDecreasesToday(decreasesToday(now, nowMillis) + 1);
    }
    return changed.build();
  }

  /** How many decreases there were on the UTC day of {@code nowMillis}. */
  static long decreasesToday(Throughput throughput, long nowMillis) {
    return day(throughput.getLastDecreaseMillis()) == day(nowMillis)
        ? throughput.getDecreasesToday()
        : 0;
  }

  private static long day(long millis) {
    return Math.floorDiv(millis, 86_400_000L);
  }

  private static void checkDecrease(Throughput now, long nowMillis) {
    long today = decreasesToday(now, nowMillis);
    long last = now.getLastDecreaseMillis();
    if (today >= FREE_DECREASES_PER_DAY && nowMillis - last < DECREASE_INTERVAL_MILLIS) {
      throw Rules.limitExceeded(
          "Provisioned throughput decreases are limited within a given UTC day. After the first"
              + " 4 decreases, each subsequent decrease in the same UTC day can be performed at"
              + " most once every 3600 seconds. Number of decreases today: "
              + today
              + ". Last decrease at "
              + TIME.format(Instant.ofEpochMilli(last))
              + ". Next decrease can be made at "
              + TIME.format(Instant.ofEpochMilli(last + DECREASE_INTERVAL_MILLIS)));
    }
  }

  // ---- on-demand limits

  /**
   * The limits after a change; a member that is not sent stays, and -1 takes a limit away.
   *
   * @param what {@code table} or {@code index <name>}
   */
  static OnDemandLimits limits(OnDemandLimits now, OnDemand asked, boolean onDemand, String what) {
    if (!onDemand) {
      throw invalid(
          "OnDemandThroughput cannot be specified for "
              + what
              + " when BillingMode is PROVISIONED");
    }
    if (asked.maxReadUnits() == null && asked.maxWriteUnits() == null) {
      throw invalid(
          "At least one of MaxReadRequestUnits or MaxWriteRequestUnits must be specified in"
              + " OnDemandThroughput for "
              + what);
    }
    OnDemandLimits.Builder limits = now.toBuilder();
    if (asked.maxReadUnits() != null) {
      limits.setMaxReadRequestUnits(limit("MaxReadRequestUnits", asked.maxReadUnits(), what));
    }
    if (asked.maxWriteUnits() != null) {
      limits.setMaxWriteRequestUnits(limit("MaxWriteRequestUnits", asked.maxWriteUnits(), what));
    }
    return limits.build();
  }

  private static long limit(String member, long units, String what) {
    if (units < 1 && units != -1) {
      throw invalid(member + " for " + what + " must be at least 1, or -1 to remove the limit");
    }
    return units;
  }

  // ---- warm throughput

  /** What the table can take at once: what was asked for, but never less than its mode gives. */
  static WarmThroughputValues warm(TableDescriptor table) {
    return warm(table.getThroughput(), table.getWarmThroughput(), isOnDemand(table));
  }

  /** The same of one global index. */
  static WarmThroughputValues warm(TableDescriptor table, IndexDescriptor index) {
    return warm(index.getThroughput(), index.getWarmThroughput(), isOnDemand(table));
  }

  private static WarmThroughputValues warm(
      Throughput throughput, WarmThroughputValues asked, boolean onDemand) {
    long reads = onDemand ? WARM_READ_UNITS : throughput.getReadUnits();
    long writes = onDemand ? WARM_WRITE_UNITS : throughput.getWriteUnits();
    return WarmThroughputValues.newBuilder()
        .setReadUnitsPerSecond(Math.max(reads, asked.getReadUnitsPerSecond()))
        .setWriteUnitsPerSecond(Math.max(writes, asked.getWriteUnitsPerSecond()))
        .setStatus("ACTIVE")
        .build();
  }

  /** The warm throughput after a change; it can only be raised. */
  static WarmThroughputValues raise(WarmThroughputValues now, Warm asked, String what) {
    if (asked.readUnits() == null && asked.writeUnits() == null) {
      throw invalid(
          "At least one of ReadUnitsPerSecond or WriteUnitsPerSecond must be specified in"
              + " WarmThroughput for "
              + what);
    }
    WarmThroughputValues.Builder raised = now.toBuilder();
    if (asked.readUnits() != null) {
      checkRaise("ReadUnitsPerSecond", asked.readUnits(), now.getReadUnitsPerSecond(), what);
      raised.setReadUnitsPerSecond(asked.readUnits());
    }
    if (asked.writeUnits() != null) {
      checkRaise("WriteUnitsPerSecond", asked.writeUnits(), now.getWriteUnitsPerSecond(), what);
      raised.setWriteUnitsPerSecond(asked.writeUnits());
    }
    return raised.build();
  }

  private static void checkRaise(String member, long asked, long now, String what) {
    if (asked < now) {
      throw invalid(
          "Requested "
              + member
              + " for WarmThroughput for "
              + what
              + " is lower than current WarmThroughput, requested: "
              + asked
              + ", current: "
              + now);
    }
    if (asked > UNITS_MAX) {
      throw ApiException.validation(
          "Given value " + asked + " for " + member + " is out of bounds");
    }
  }

  static boolean isOnDemand(TableDescriptor table) {
    return table.getBillingMode().equals(ON_DEMAND);
  }
}
