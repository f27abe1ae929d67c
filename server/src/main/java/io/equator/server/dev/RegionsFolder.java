package io.equator.server.dev;

import io.equator.server.BuildVersion;
import io.equator.server.Refusal;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * The folder of several embedded regions: one data folder for each, and a file that says which.
 *
 * <pre>
 * regions.properties   format, version, and the regions in the order of their numbers
 * us-west-2/ …         each region's {@link DataFolder}, with a lock of its own
 * </pre>
 *
 * <p>Regions may be added behind the last one. None can be taken away or change its number, because
 * the versions of items hold it.
 */
final class RegionsFolder {

  /** The newest layout that this version reads, and the one it writes. */
  static final int FORMAT = 1;

  private static final String PROPERTIES = "regions.properties";
  private static final String ONE_REGION = "cluster.properties";

  private RegionsFolder() {}

  /** The regions that a folder holds; empty when it holds none, or one cluster without a name. */
  static List<String> regions(Path folder) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(folder.resolve(PROPERTIES))));
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      throw new Refusal("the data folder " + folder + " cannot be read: " + e.getMessage(), e);
    }
    if (!Integer.toString(FORMAT).equals(properties.getProperty("format", "").strip())) {
      throw new Refusal(
          folder.resolve(PROPERTIES)
              + " was written by another version of Equator ("
              + properties.getProperty("version", "unknown")
              + "); use that version, or choose another folder with --data.");
    }
    List<String> regions = List.of(properties.getProperty("regions", "").strip().split(","));
    if (regions.size() < 2) {
      throw new Refusal(
          folder.resolve(PROPERTIES)
              + " names no regions; restore it, or choose another folder with --data.");
    }
    return regions;
  }

  /**
   * Makes a folder hold these regions.
   *
   * @throws Refusal when it holds others, or a cluster of one region
   */
  static void hold(Path folder, List<String> regions) {
    List<String> held = regions(folder);
    if (held.equals(regions)) {
      return;
    }
    if (Files.exists(folder.resolve(ONE_REGION))) {
      throw new Refusal(
          "the data folder "
              + folder
              + " holds a cluster of one region; choose another folder with --data for --regions "
              + String.join(",", regions)
              + ".");
    }
    if (held.size() > regions.size() || !regions.subList(0, held.size()).equals(held)) {
      throw new Refusal(
          "the data folder "
              + folder
              + " was made with --regions "
              + String.join(",", held)
              + ", not "
              + String.join(",", regions)
              + "; leave the option out, add regions at the end, or choose another folder with"
              + " --data.");
    }
    write(folder, regions);
  }

  private static void write(Path folder, List<String> regions) {
    List<String> lines = new ArrayList<>();
    lines.add("# The regions of an Equator data folder. Do not edit.");
    lines.add("format=" + FORMAT);
    lines.add("version=" + BuildVersion.text());
    lines.add("regions=" + String.join(",", regions));
    String text = String.join("\n", lines) + "\n";
    Path draft = folder.resolve(PROPERTIES + ".new");
    try {
      Files.createDirectories(folder);
      try (FileChannel out =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        out.force(true);
      }
      Files.move(draft, folder.resolve(PROPERTIES), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new Refusal("the data folder " + folder + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** Where a region's cluster keeps its files. */
  static Optional<Path> region(Optional<Path> folder, String region) {
    return folder.map(path -> path.resolve(region));
  }
}
