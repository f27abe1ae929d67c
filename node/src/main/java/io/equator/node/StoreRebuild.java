package io.equator.node;

import com.google.protobuf.InvalidProtocolBufferException;
import io.equator.node.core.MetaRows;
import io.equator.node.core.MetaRows.Applied;
import io.equator.node.core.MetaRows.Descriptor;
import io.equator.node.core.SplitRows;
import io.equator.node.core.StateReplacement;
import io.equator.node.core.Store;
import io.equator.node.core.StoreException;
import io.equator.proto.SealedPartition;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a store anew whose files cannot be read any more, with the states that other nodes have.
 *
 * <p>A damaged file holds rows of several partitions, and rows that cannot be read cannot be
 * deleted, so nothing less than the whole store goes. The Raft logs stay: this node forgets no
 * promise.
 *
 * <pre>
 *   order    the file REBUILD names every partition and how far it was applied; durable
 *   start    rocksdb/ becomes rocksdb.damaged/; a new store gets the partitions, each with the mark of a
 *            replacement that has lost its files (see StateReplacement); durable; REBUILD goes
 *   then     every partition's state is fetched, at least as new as it was here, before it is opened
 *   forget   when no mark is left rocksdb.damaged/ goes
 * </pre>
 *
 * <p>A crash anywhere leaves REBUILD, and the steps are made again. What was there is kept until
 * every partition is whole: if nobody else has one of them, a person can still look for it.
 *
 * <pre>
 *   equator-rebuild 1
 *   partition &lt;id&gt; &lt;epoch&gt; &lt;ring&gt; &lt;first token&gt; &lt;last token&gt; &lt;term&gt; &lt;index&gt; &lt;decided term&gt; &lt;sequence&gt;
 * </pre>
 */
final class StoreRebuild {
  private static final Logger LOG = LoggerFactory.getLogger(StoreRebuild.class);
  private static final String HEAD = "equator-rebuild 1";

  private final Path directory;
  private final Path order;
  private final Path damaged;

  StoreRebuild(Path directory) {
    this.directory = directory;
    this.order = directory.resolve("REBUILD");
    this.damaged = directory.resolve("rocksdb.damaged");
  }

  /**
   * @param seal of a partition that has been split: the rows under its tokens are not its own
   */
  private record Named(
      long partition, Descriptor descriptor, Applied applied, @Nullable SealedPartition seal) {
    private static final int WORDS = 10;

    String line() {
      return "partition %d %d %d %d %d %d %d %d %d"
              .formatted(
                  partition,
                  descriptor.epoch(),
                  descriptor.ringId(),
                  descriptor.firstToken(),
                  descriptor.lastToken(),
                  applied.term(),
                  applied.index(),
                  applied.decidedTerm(),
                  applied.sequence())
          + (seal == null ? "" : " " + HexFormat.of().formatHex(seal.toByteArray()));
    }

    static Named of(String line) {
      String[] words = line.split(" ", -1);
      if (words.length < WORDS || words.length > WORDS + 1 || !words[0].equals("partition")) {
        throw new StoreException("a line of REBUILD cannot be understood: " + line);
      }
      long[] numbers = new long[WORDS - 1];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = Long.parseLong(words[i + 1]);
      }
      return new Named(
          numbers[0],
          new Descriptor(numbers[1], (int) numbers[2], numbers[3], numbers[4]),
          new Applied(numbers[5], numbers[6], numbers[7], numbers[8]),
          words.length == WORDS ? null : seal(words[WORDS]));
    }

    private static SealedPartition seal(String hex) {
      try {
        return SealedPartition.parseFrom(HexFormat.of().parseHex(hex));
      } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
        throw new StoreException("a seal in REBUILD cannot be understood: " + hex, e);
      }
    }
  }

  /**
   * Orders the rebuild at the next start.
   *
   * @throws StoreException when even the list of partitions cannot be read, or written
   */
  void order(Store store) {
    List<String> lines = new ArrayList<>(List.of(HEAD));
    for (long partition : MetaRows.partitions(store)) {
      lines.add(
          new Named(
                  partition,
                  MetaRows.descriptor(store, partition),
                  MetaRows.applied(store, partition),
                  SplitRows.sealed(store, partition))
              .line());
    }
    Path fresh = directory.resolve("REBUILD.new");
    try {
      Files.write(fresh, lines);
      force(fresh);
      Files.move(fresh, order, StandardCopyOption.ATOMIC_MOVE);
      force(directory);
    } catch (IOException e) {
      throw new StoreException("the rebuild of " + directory + " cannot be ordered", e);
    }
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Whether a rebuild is ordered and has not begun, or was broken off. */
  boolean isOrdered() {
    return Files.exists(order);
  }

  /** Puts the damaged store aside, before a store is opened. */
  void putAside() {
    Path store = directory.resolve("rocksdb");
    try {
      if (!Files.exists(damaged)) {
        Files.move(store, damaged, StandardCopyOption.ATOMIC_MOVE);
      } else {
        // A rebuild that was broken off: what is there was never whole.
        delete(store);
      }
      force(directory);
    } catch (IOException e) {
      throw new StoreException("the damaged store in " + directory + " cannot be put aside", e);
    }
  }

  /** Gives a fresh store its partitions, each to be fetched. */
  void begin(Store fresh, String node) {
    try {
      List<String> lines = Files.readAllLines(order);
      if (lines.isEmpty() || !lines.getFirst().equals(HEAD)) {
        throw new StoreException("the file " + order + " cannot be understood");
      }
      for (String line : lines.subList(1, lines.size())) {
        Named named = Named.of(line);
        MetaRows.settle(fresh, named.partition, named.descriptor, node);
        StateReplacement.awaited(fresh, named.partition, named.applied);
        if (named.seal != null) {
          StateReplacement.awaitSealed(fresh, named.partition, named.descriptor, node, named.seal);
        }
      }
      fresh.flush();
      Files.delete(order);
      force(directory);
      LOG.warn(
          "the store of {} is made anew: {} partitions are fetched from other nodes",
          node,
          lines.size() - 1);
    } catch (IOException e) {
      throw new StoreException("the store in " + directory + " cannot be made anew", e);
    }
  }

  /** Removes what was put aside, when every partition is whole again. */
  void forget(Store store) {
    if (!Files.exists(damaged) || isOrdered()) {
      return;
    }
    for (long partition : MetaRows.partitions(store)) {
      if (StateReplacement.unfinished(store, partition).isPresent()) {
        return;
      }
    }
    try {
      delete(damaged);
      LOG.warn("the store in {} is whole again", directory);
    } catch (IOException e) {
      LOG.error("the damaged store {} cannot be removed", damaged, e);
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
