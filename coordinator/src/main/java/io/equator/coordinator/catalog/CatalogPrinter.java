package io.equator.coordinator.catalog;

import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TextFormat;
import io.equator.proto.CatalogImage;
import io.equator.proto.CatalogObject;
import io.equator.proto.RememberedCommit;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;

/** Prints a catalog image as text for people, without a running catalog. */
public final class CatalogPrinter {
  /** The image's name in a catalog member's directory. */
  public static final String FILE_NAME = CatalogMachine.IMAGE_NAME;

  private CatalogPrinter() {}

  /**
   * The text of an image file, checked as at a start.
   *
   * @throws IOException when the file is not there, is damaged, or is of a newer version
   */
  public static String print(Path file) throws IOException {
    return print(
        new CatalogImageFile(file, false)
            .read()
            .orElseThrow(() -> new FileNotFoundException(file + ": no such catalog image")));
  }

  static String print(CatalogImage image) {
    StringBuilder text = new StringBuilder();
    text.append("catalog image, format version ").append(CatalogImageFile.VERSION);
    text.append("\nlog position (").append(image.getTerm()).append(", ");
    text.append(image.getLogIndex()).append("), revision ").append(image.getRevision());
    text.append(", ").append(image.getObjectsCount()).append(" objects, ");
    text.append(image.getRememberedCount()).append(" remembered commits\n");
    for (CatalogObject object : image.getObjectsList()) {
      text.append('\n').append(object.getKey());
      text.append(" (version ").append(object.getVersion()).append(")\n");
      append(text, kind(object));
    }
    if (image.getRememberedCount() > 0) {
      text.append("\nremembered commits, oldest first\n");
    }
    for (RememberedCommit commit : image.getRememberedList()) {
      text.append("  ").append(HexFormat.of().formatHex(commit.getCommitId().toByteArray()));
      text.append(' ').append(commit.getOutcome());
      text.append(" at revision ").append(commit.getRevision()).append('\n');
    }
    return text.toString();
  }

  private static void append(StringBuilder text, MessageOrBuilder kind) {
    TextFormat.printer()
        .printToString(kind)
        .lines()
        .forEach(line -> text.append("  ").append(line).append('\n'));
  }

  private static MessageOrBuilder kind(CatalogObject object) {
    return switch (object.getKindCase()) {
      case CLUSTER -> object.getCluster();
      case NODE -> object.getNode();
      case RING -> object.getRing();
      case PARTITION -> object.getPartition();
      case TABLE -> object.getTable();
      case JOIN_TOKEN -> object.getJoinToken();
      case DROPPED_TABLE -> object.getDroppedTable();
      case FUNCTION -> object.getFunction();
      case EVENT_SOURCE_MAPPING -> object.getEventSourceMapping();
      case REGION -> object.getRegion();
      case GLOBAL_TABLE -> object.getGlobalTable();
      case REGION_INVITATION -> object.getRegionInvitation();
      case REGION_SILENCE -> object.getRegionSilence();
      case CREDENTIAL -> object.getCredential();
      case KIND_NOT_SET -> object;
    };
  }
}
