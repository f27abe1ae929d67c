package io.equator.server.identity;

import io.equator.coordinator.auth.CredentialSeal;
import io.equator.server.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The key with which the cluster hides its clients' secrets in the catalog: the file {@code
 * credentials.key} in the folder of every node, 64 hexadecimal digits that only the owner may read.
 * Made with the cluster, given to a node when it joins, never in the catalog.
 */
public final class CredentialsKey {
  private static final String FILE = "credentials.key";

  private CredentialsKey() {}

  /** The key in a folder; empty when there is none. */
  public static Optional<byte[]> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      byte[] key = HexFormat.of().parseHex(Files.readString(file).strip());
      if (key.length != CredentialSeal.KEY_BYTES) {
        throw new Refusal("the file " + file + " is no key: it must have 64 hexadecimal digits.");
      }
      return Optional.of(key);
    } catch (IOException | IllegalArgumentException e) {
      throw new Refusal("the file " + file + " cannot be read as a key.", e);
    }
  }

  /** The seal of the node with this folder. */
  public static CredentialSeal seal(Path folder) {
    return new CredentialSeal(
        read(folder)
            .orElseThrow(
                () ->
                    new Refusal(
                        "there is no "
                            + FILE
                            + " in "
                            + folder
                            + ", which clients' credentials need. Copy it from the folder of the"
                            + " node that founded the cluster, or set api.auth to any.")));
  }

  /** Makes a key if there is none. */
  public static byte[] make(Path folder, SecureRandom random) throws IOException {
    Optional<byte[]> known = read(folder);
    if (known.isPresent()) {
      return known.get();
    }
    byte[] key = new byte[CredentialSeal.KEY_BYTES];
    random.nextBytes(key);
    write(folder, key);
    return key;
  }

  /** Writes a key; half of one is never found. */
  public static void write(Path folder, byte[] key) throws IOException {
    Path next = folder.resolve(FILE + ".new");
    Files.deleteIfExists(next);
    if (next.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(next);
    }
    Files.writeString(next, HexFormat.of().formatHex(key) + "\n");
    Files.move(
        next,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
