package io.equator.server.admin;

import com.google.protobuf.ByteString;
import io.equator.coordinator.catalog.OfflineCatalog;
import io.equator.model.item.CorruptItemException;
import io.equator.node.core.StoreException;
import io.equator.replication.log.GroupId;
import io.equator.replication.ratis.RaftLogFiles;
import io.equator.server.HelpOption;
import io.equator.server.OutputFormat;
import io.equator.server.Refusal;
import io.equator.server.dev.OfflineFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all dump commands share: the folder, the node, the form, and how they end. */
final class DumpOptions {

  /** After so many lines it is looked whether anybody reads them. */
  private static final int LOOK_EVERY = 1000;

  @Option(
      names = "--data",
      defaultValue = ".equator",
      paramLabel = "DIR",
      description = "The data folder of a cluster that is not running (default ${DEFAULT-VALUE}).")
  private Path data = Path.of(".equator");

  @Option(
      names = "--node",
      defaultValue = "1",
      paramLabel = "N",
      description = "Whose copy to look at, from 1 (default ${DEFAULT-VALUE}).")
  private int node;

  @Option(
      names = "--output",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "text (default), or json: one object a line.")
  private OutputFormat output = OutputFormat.TEXT;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private final HelpOption help = new HelpOption();

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it before run().
  private CommandSpec spec;

  private long lines;

  /** What one command does with the folder. */
  interface Work {
    void look(OfflineFolder folder) throws IOException;
  }

  /** Opens the folder for a command; what stands in the way becomes one sentence. */
  void look(Work work) {
    try (OfflineFolder folder = OfflineFolder.open(data)) {
      work.look(folder);
    } catch (IOException | UncheckedIOException | StoreException | CorruptItemException e) {
      throw new Refusal(e.getMessage() + ".", e);
    } finally {
      out().flush();
    }
  }

  int node() {
    return node;
  }

  boolean json() {
    return output == OutputFormat.JSON;
  }

  /**
   * Prints one line.
   *
   * @throws Refusal when nobody reads any more, as in {@code … | head}
   */
  void line(String line) {
    out().println(escaped(line));
    if (++lines % LOOK_EVERY == 0 && out().checkError()) {
      throw new Refusal("nobody reads the output any more.");
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** What the terminal's character set may not have is written as JSON escapes it. */
  private static String escaped(String line) {
    Charset charset = System.out.charset();
    if (charset.equals(StandardCharsets.UTF_8) || line.chars().allMatch(c -> c < 0x7f)) {
      return line;
    }
    StringBuilder text = new StringBuilder();
    line.chars()
        .forEach(
            c -> {
              if (c < 0x7f) {
                text.append((char) c);
              } else {
                text.append("\\u%04x".formatted(c));
              }
            });
    return text.toString();
  }

  /** The node's catalog: its image, and what its log holds behind it. */
  OfflineCatalog catalog(OfflineFolder folder) throws IOException {
    OfflineCatalog catalog = OfflineCatalog.read(folder.catalog(node));
    RaftLogFiles log = RaftLogFiles.of(folder.raft(node), GroupId.CATALOG);
    try {
      log.read(
          catalog.logIndex() + 1,
          Long.MAX_VALUE,
          entry -> {
            if (entry.kind() == RaftLogFiles.Kind.DATA) {
              apply(catalog, entry.term(), entry.index(), entry.bytes());
            }
            return true;
          });
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
    return catalog;
  }

  private static void apply(OfflineCatalog catalog, long term, long index, ByteString entry) {
    try {
      catalog.apply(term, index, entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
