package io.equator.node.regions;

import com.google.protobuf.ByteString;
import io.equator.model.item.CorruptItemException;
import io.equator.model.item.StoredValue;
import io.equator.node.core.ItemVersion;
import io.equator.node.core.PartitionReader;
import io.equator.node.core.PartitionReader.StoredItem;
import io.equator.node.core.StoreException;
import io.equator.node.core.Tombstones;
import io.equator.node.regions.RegionLink.RegionAwayException;
import io.equator.node.service.HostedPartition;
import io.equator.proto.RegionComparisonReport;
import io.equator.proto.RegionKey;
import io.equator.proto.RegionVersionsRequest;
import io.equator.proto.RegionVersionsResponse;
import io.equator.proto.ReplicateRequest;
import io.equator.proto.ReplicateResponse;
import io.equator.proto.ReplicateResponse.Outcome;
import io.equator.proto.ReplicatedItem;
import io.equator.proto.ReplicationSource;
import io.equator.proto.StoredVersion;
import io.equator.replication.catalog.TableView;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One comparison of what a partition has of a table with what another region has: everything here
 * up to the cut must be there, or something greater. What is not is sent there once more.
 *
 * <p><b>The cut</b> is a timestamp that all regions have passed, in every direction. So whatever
 * stands here with a version up to it, whoever wrote it, was applied there before this began.
 *
 * <p><b>A difference</b> is one that was seen twice, some seconds apart, while the row here stayed
 * what it was, as a confirmed leader reads it. That excludes what changes meanwhile: a key that is
 * deleted there and forgotten between the two reads has been deleted here by then, because nothing
 * is forgotten before every region has the deletion.
 *
 * <p><b>Merging</b> is the way of everything that crosses regions: the greater version stays. Only
 * of an item that has vanished there more must be said, because its version may be from before what
 * is forgotten there, and would be taken for a late message: the item was not deleted up to then
 * (see {@link ReplicatedItem#getNotDeletedUntil}).
 *
 * <p><b>Why rows and not digests of ranges:</b> each ring hashes keys under a secret of its own, so
 * no range of tokens is the same set of keys in two regions. Digests over another hash would cost
 * each side a pass over everything, at the same moment, and one more to find the rows; a key, its
 * version and its checksum are a few dozen bytes, once a week, and need nothing from the other
 * region but point reads.
 *
 * <p>One side only: what is missing here is found by the other region's own comparison.
 *
 * <p>Threads: one runs it.
 */
final class RegionComparison {
  private static final Logger LOG = LoggerFactory.getLogger(RegionComparison.class);
  private static final int ROWS_MAX = 500;
  private static final long BYTES_MAX = 1 << 20;

  /** A row is a lookup in the other region, however short it is. */
  private static final int ROW_COSTS = 1_024;

  private static final int NAMED_MAX = 10;
  private static final long CONFIRM_SECONDS = 10;
  private static final int TRIES_MAX = 5;

  /** How the comparison waits; throws when it is to end. */
  interface Pace {
    /** So many bytes are read. */
    void pass(int bytes) throws InterruptedException;

    /** Before a difference is looked at again, or a call that failed is tried again. */
    void rest() throws InterruptedException;
  }

  private final HostedPartition partition;
  private final TableView table;
  private final LaneName pair;
  private final ReplicationSource source;
  private final long cut;
  private final RegionLink link;
  private final Pace pace;
  private final ComparisonFigures figures;
  private final RegionComparisonReport.Builder report = RegionComparisonReport.newBuilder();

  /**
   * @param pair the table and the other region
   * @param source this region and partition, as the other region is told
   * @param cut unsigned
   */
  RegionComparison(
      HostedPartition partition,
      TableView table,
      LaneName pair,
      ReplicationSource source,
      long cut,
      RegionLink link,
      Pace pace,
      ComparisonFigures figures) {
    this.partition = partition;
    this.table = table;
    this.pair = pair;
    this.source = source;
    this.cut = cut;
    this.link = link;
    this.pace = pace;
    this.figures = figures;
  }

  /** A row here. */
  private record Row(ByteString suffix, StoredVersion version) {}

  /** A row that is not there as it must be. */
  private record Doubt(Row row, StoredVersion there, Divergence divergence) {}

  /** It cannot go on. */
  private static final class EndedException extends Exception {
    private static final long serialVersionUID = 1;

    EndedException(String message) {
      super(message);
    }
  }

  /**
   * Compares everything.
   *
   * @throws CorruptItemException when a row here does not match its checksum
   * @throws StoreException when a row here cannot be read
   */
  RegionComparisonReport run() throws InterruptedException {
    report.setPartitionId(partition.machine().partition()).setRegion(pair.region()).setCut(cut);
    try {
      walk(false);
      walk(true);
    } catch (EndedException e) {
      report.setTrouble(String.valueOf(e.getMessage()));
    }
    return report.build();
  }

  private void walk(boolean tombstones) throws InterruptedException, EndedException {
    ByteString after = ByteString.EMPTY;
    while (true) {
      if (!partition.leadsOwner()) {
        throw new EndedException("the partition is led elsewhere by now, or was split");
      }
      List<StoredItem> page =
          tombstones
              ? partition.reader().tombstones(table.id(), after, ROWS_MAX)
              : partition.reader().items(table.id(), after, ROWS_MAX, BYTES_MAX);
      if (page.isEmpty()) {
        return;
      }
      after = page.getLast().suffix();
      List<Row> rows = new ArrayList<>(page.size());
      int bytes = 0;
      for (StoredItem item : page) {
        StoredValue value =
            tombstones ? Tombstones.value(item.value()) : StoredValue.read(item.value());
        long since = tombstones ? Tombstones.deletedAt(item.value()) : value.timestamp();
        if (Long.compareUnsigned(since, cut) <= 0) {
          rows.add(new Row(item.suffix(), PartitionReader.version(value).build()));
        } else {
          report.setYoung(report.getYoung() + 1);
        }
        bytes += Math.max(ROW_COSTS, item.value().length);
      }
      compare(rows);
      pace.pass(bytes);
    }
  }

  private void compare(List<Row> rows) throws InterruptedException, EndedException {
    List<Doubt> doubts = doubts(rows);
    if (!doubts.isEmpty()) {
      pace.rest();
      doubts = doubts(doubts.stream().map(Doubt::row).toList());
    }
    if (!doubts.isEmpty()) {
      confirmLeadership();
      settle(doubts);
    }
    report.setCompared(report.getCompared() + rows.size());
    figures.compared(rows.size());
  }

  private List<Doubt> doubts(List<Row> rows) throws InterruptedException, EndedException {
    List<StoredVersion> there = ask(rows);
    List<Doubt> doubts = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Divergence divergence = Divergence.of(rows.get(i).version(), there.get(i));
      if (divergence != Divergence.NONE) {
        doubts.add(new Doubt(rows.get(i), there.get(i), divergence));
      }
    }
    return doubts;
  }

  private List<StoredVersion> ask(List<Row> rows) throws InterruptedException, EndedException {
    if (rows.isEmpty()) {
      return List.of();
    }
    RegionVersionsRequest.Builder request = RegionVersionsRequest.newBuilder().setSource(source);
    for (Row row : rows) {
      ReplicatedItem key = RegionLane.item(table, row.suffix(), ByteString.EMPTY);
      request.addKeys(
          RegionKey.newBuilder()
              .setPartitionKey(key.getPartitionKey())
              .setSortKey(key.getSortKey()));
    }
    String trouble = "";
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      if (tries > 0) {
        pace.rest();
      }
      try {
        RegionVersionsResponse response = link.versions(pair.region(), request.build());
        if (response.getRefused() == Outcome.OUTCOME_UNSPECIFIED
            && response.getVersionsCount() == rows.size()) {
          return response.getVersionsList();
        }
        trouble = response.getRefused() + " " + response.getDetail();
      } catch (RegionAwayException e) {
        trouble = String.valueOf(e.getMessage());
      }
    }
    throw new EndedException("the other region does not say what it has: " + trouble);
  }

  /** After this, what is read here is what every region must have. */
  private void confirmLeadership() throws InterruptedException, EndedException {
    try {
      if (partition.log().confirmLeadership().get(CONFIRM_SECONDS, TimeUnit.SECONDS)
          && partition.machine().sealed() == null) {
        return;
      }
    } catch (ExecutionException | TimeoutException _) {
      // Not confirmed.
    }
    throw new EndedException("this node could not confirm that it leads the partition");
  }

  private void settle(List<Doubt> doubts) throws InterruptedException, EndedException {
    List<ReplicatedItem> missing = new ArrayList<>();
    List<Doubt> different = new ArrayList<>();
    List<Doubt> corrupt = new ArrayList<>();
    for (Doubt doubt : doubts) {
      StoredValue value = partition.reader().stored(table.id(), doubt.row().suffix());
      if (value == null || !isStill(doubt.row(), value)) {
        continue;
      }
      if (doubt.divergence() == Divergence.CORRUPT) {
        corrupt.add(doubt);
      } else {
        different.add(doubt);
        missing.add(
            RegionLane.item(table, doubt.row().suffix(), value.toByteString()).toBuilder()
                .setNotDeletedUntil(
                    doubt.divergence() == Divergence.MISSING ? doubt.there().getForgotten() : 0)
                .build());
      }
    }
    if (!corrupt.isEmpty()) {
      report.setCorrupt(report.getCorrupt() + corrupt.size());
      figures.corrupt(corrupt.size());
      shout("has other values under equal versions, of which nothing is changed", corrupt);
    }
    if (!different.isEmpty()) {
      report.setDifferent(report.getDifferent() + different.size());
      figures.different(different.size());
      shout("does not have what it must have, and gets it now", different);
      merge(missing);
    }
  }

  private static boolean isStill(Row row, StoredValue value) {
    return ItemVersion.of(value)
        .equals(new ItemVersion(row.version().getTimestamp(), row.version().getRegion()));
  }

  private void merge(List<ReplicatedItem> items) throws InterruptedException, EndedException {
    ReplicateRequest request =
        ReplicateRequest.newBuilder().setSource(source).addAllItems(items).build();
    String trouble = "";
    int taken = 0;
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      if (tries > 0) {
        pace.rest();
      }
      try {
        ReplicateResponse response = link.apply(pair.region(), request);
        taken += response.getTaken();
        if (response.getOutcome() == Outcome.APPLIED) {
          report.setMerged(report.getMerged() + taken);
          figures.merged(taken);
          return;
        }
        trouble = response.getOutcome() + " " + response.getDetail();
      } catch (RegionAwayException e) {
        trouble = String.valueOf(e.getMessage());
      }
    }
    throw new EndedException("the other region does not take what it misses: " + trouble);
  }

  private void shout(String what, List<Doubt> doubts) {
    LOG.error(
        "partition {}: {} {}: {} keys of table {} ({}), the first of them {}",
        partition.machine().partition(),
        pair.region(),
        what,
        doubts.size(),
        table.name(),
        pair,
        doubts.stream().limit(NAMED_MAX).map(RegionComparison::inWords).toList());
  }

  private static String inWords(Doubt doubt) {
    StoredVersion here = doubt.row().version();
    StoredVersion there = doubt.there();
    return HexFormat.of().formatHex(doubt.row().suffix().toByteArray())
        + " here "
        + inWords(here)
        + " there "
        + inWords(there);
  }

  private static String inWords(StoredVersion version) {
    return version.getKind()
        + (version.getKind() == StoredVersion.Kind.NOTHING
            ? " forgotten to " + Long.toUnsignedString(version.getForgotten())
            : " "
                + Long.toUnsignedString(version.getTimestamp())
                + "/"
                + version.getRegion()
                + " checksum "
                + Integer.toHexString(version.getChecksum()));
  }
}
