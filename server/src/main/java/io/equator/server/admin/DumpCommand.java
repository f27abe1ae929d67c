package io.equator.server.admin;

import com.google.protobuf.ByteString;
import io.equator.coordinator.catalog.CatalogPrinter;
import io.equator.node.core.StoreException;
import io.equator.node.dump.EntryDump;
import io.equator.node.dump.StoreDump;
import io.equator.replication.log.GroupId;
import io.equator.replication.ratis.LogFiles;
import io.equator.server.HelpOption;
import io.equator.server.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * {@code equator admin dump}: prints the files of a node, one JSON object a line, while no process
 * uses them. It changes nothing.
 */
@Command(
    name = "dump",
    description = {
      "Print a data folder's files, one JSON object a line, while no process uses it.",
      "A store is shown as it was at its last flush; what came later stands in the logs."
    })
public final class DumpCommand implements Runnable {
  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Option(
      names = "--data",
      scope = ScopeType.INHERIT,
      paramLabel = "DIR",
      defaultValue = ".equator",
      description = "The data folder (default: ${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private Path data;

  @Option(
      names = "--node",
      scope = ScopeType.INHERIT,
      paramLabel = "N",
      defaultValue = "1",
      description = "Which node of the folder (default: ${DEFAULT-VALUE}).")
  private int node;

  @Option(
      names = "--limit",
      scope = ScopeType.INHERIT,
      paramLabel = "N",
      defaultValue = "9223372036854775807",
      description = "At most so many lines of items or entries.")
  private long limit;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before run().
  private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  @Command(
      name = "store",
      description = "The partitions of a node: range, position, tables with their sizes.")
  void store() {
    inFolder(
        (folder, out) -> {
          try (StoreDump dump = StoreDump.open(folder.resolve("store"))) {
            dump.partitions(out::println);
          }
        });
  }

  @Command(name = "table", description = "The items of a table on a node.")
  void table(
      @Parameters(paramLabel = "NUMBER", description = "The table's number, see `dump catalog`.")
          int table,
      @Option(names = "--index", description = "A local index's number instead of the table.")
          @Nullable Integer index) {
    inFolder(
        (folder, out) -> {
          try (StoreDump dump = StoreDump.open(folder.resolve("store"))) {
            if (index == null) {
              dump.items(table, limit, out::println);
            } else {
              dump.indexRows(table, index, limit, out::println);
            }
          }
        });
  }

  @Command(name = "log", description = "The entries of a partition's log on a node.")
  void log(
      @Option(names = "--partition", required = true, description = "The partition's number.")
          long partition,
      @Option(names = "--from", defaultValue = "0", description = "The first log index.") long from,
      @Option(
              names = "--to",
              defaultValue = "9223372036854775807",
              description = "The last log index.")
          long to) {
    inFolder(
        (folder, out) -> {
          long[] left = {limit};
          LogFiles.entries(
              folder.resolve("raft"),
              GroupId.ofPartition(partition),
              from,
              to,
              (term, index, entry) -> {
                if (left[0]-- > 0) {
                  out.println(line(term, index, entry));
                }
              });
        });
  }

  private static String line(long term, long index, ByteString entry) {
    String place = "{\"term\":" + term + ",\"index\":" + index + ",\"entry\":";
    return place + (entry.isEmpty() ? "null" : EntryDump.line(entry)) + "}";
  }

  @Command(
      name = "catalog",
      description = "The catalog as its last image has it: cluster, nodes, partitions, tables.")
  void catalog() {
    inFolder(
        (folder, out) -> {
          Path image = folder.resolve("catalog").resolve(CatalogPrinter.FILE_NAME);
          if (!Files.exists(image)) {
            throw new Refusal(
                "there is no image of the catalog in "
                    + folder
                    + "; it is written a minute after the first change, and at an orderly stop.");
          }
          out.println(CatalogPrinter.print(image));
        });
  }

  private interface Dump {
    void print(Path folder, PrintWriter out) throws IOException;
  }

  /** With the folder locked, as a process that uses it has it. */
  private void inFolder(Dump dump) {
    Path folder = data.resolve("node-" + node);
    Path lock = data.resolve("lock");
    if (!Files.isDirectory(folder) || !Files.exists(lock)) {
      throw new Refusal("there is no node " + node + " in the data folder " + data + ".");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
      if (!isFree(channel)) {
        throw new Refusal("the data folder " + data + " is in use; stop the process first.");
      }
      dump.print(folder, out);
    } catch (StoreException | IOException e) {
      throw new Refusal(e.getMessage() + ".", e);
    } finally {
      out.flush();
    }
  }

  /** Takes the lock, which goes with the channel. */
  private static boolean isFree(FileChannel channel) throws IOException {
    try {
      FileLock taken = channel.tryLock();
      return taken != null;
    } catch (OverlappingFileLockException _) {
      return false;
    }
  }
}
