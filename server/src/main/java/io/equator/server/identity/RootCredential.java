package io.equator.server.identity;

import io.equator.proto.CatalogObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The first credential of a cluster, between the command that prints it and the first start, which
 * writes it into the catalog: the file {@code root-credential}, a CatalogObject whose secret is
 * hidden as in the catalog.
 */
public final class RootCredential {
  private static final String FILE = "root-credential";

  private RootCredential() {}

  /** Keeps it for the first start. */
  public static void keep(Path folder, NewCredential credential) throws IOException {
    Files.write(folder.resolve(FILE), credential.object().toByteArray());
  }

  /** What the founder is to write into the catalog with the cluster. */
  public static List<CatalogObject> kept(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    return Files.exists(file)
        ? List.of(CatalogObject.parseFrom(Files.readAllBytes(file)))
        : List.of();
  }

  /** The catalog has it. */
  public static void forget(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(FILE));
  }
}
