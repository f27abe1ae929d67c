package io.equator.coordinator.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogImage;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.RememberedCommit;
import io.equator.proto.ScalarType;
import io.equator.proto.TableDescriptor;
import io.equator.replication.catalog.CatalogKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects the catalog's image: what an older version wrote stays readable, damage is noticed. */
class CatalogImageFileTest {
  @TempDir Path directory;

  static CatalogImage sample() {
    return CatalogImage.newBuilder()
        .setTerm(3)
        .setLogIndex(41)
        .setRevision(7)
        .addObjects(
            CatalogObject.newBuilder()
                .setKey(CatalogKeys.CLUSTER)
                .setVersion(7)
                .setCluster(
                    ClusterDescriptor.newBuilder()
                        .setClusterId("00112233445566778899aabbccddeeff")
                        .setRegion("us-west-2")
                        .setAccountId("123456789012")
                        .setNextTableId(2)
                        .setNextPartitionId(3)
                        .setRegionNumber(1)))
        .addObjects(
            CatalogObject.newBuilder()
                .setKey(CatalogKeys.table("Music"))
                .setVersion(7)
                .setTable(
                    TableDescriptor.newBuilder()
                        .setTableId(1)
                        .setName("Music")
                        .setStatus("ACTIVE")
                        .addKey(
                            KeyElement.newBuilder()
                                .setAttributeName("Artist")
                                .setKeyType(KeyType.HASH)
                                .setAttributeType(ScalarType.S))))
        .addRemembered(
            RememberedCommit.newBuilder()
                .setCommitId(ByteString.copyFromUtf8("0123456789abcdef"))
                .setOutcome(Outcome.COMMITTED)
                .setRevision(7))
        .build();
  }

  @Test
  void readsTheGoldenFileOfVersion1AndStillWritesIt() throws IOException {
    byte[] golden = golden();
    Path path = directory.resolve("catalog.image");
    Files.write(path, golden);
    assertThat(file(path).read()).contains(sample());

    Path written = directory.resolve("written.image");
    file(written).write(sample());
    assertThat(Files.readAllBytes(written)).isEqualTo(golden);
  }

  @Test
  void noFileIsAnEmptyCatalog() throws IOException {
    assertThat(file(directory.resolve("catalog.image")).read()).isEmpty();
  }

  @Test
  void everyFlippedByteAndEveryCutIsNoticed() throws IOException {
    byte[] golden = golden();
    Path path = directory.resolve("catalog.image");
    for (int i = 0; i < golden.length; i++) {
      byte[] damaged = golden.clone();
      damaged[i] ^= 0x10;
      Files.write(path, damaged);
      assertThatThrownBy(() -> file(path).read()).isInstanceOf(IOException.class);
      Files.write(path, Arrays.copyOf(golden, i));
      assertThatThrownBy(() -> file(path).read()).isInstanceOf(IOException.class);
    }
  }

  /**
   * A crash while the new image is being written leaves some beginning of it beside the old one.
   */
  @Test
  void aCrashBeforeTheRenameLeavesTheOldImage() throws IOException {
    Path path = directory.resolve("catalog.image");
    file(path).write(sample());
    CatalogImage newer = sample().toBuilder().setRevision(8).build();
    Path other = directory.resolve("other.image");
    file(other).write(newer);
    byte[] bytes = Files.readAllBytes(other);
    for (int length = 0; length <= bytes.length; length++) {
      Files.write(directory.resolve("catalog.image.next"), Arrays.copyOf(bytes, length));
      assertThat(file(path).read()).contains(sample());
    }
    file(path).write(newer);
    assertThat(file(path).read()).contains(newer);
    assertThat(directory.resolve("catalog.image.next")).doesNotExist();
  }

  private static CatalogImageFile file(Path path) {
    return new CatalogImageFile(path, true);
  }

  private static byte[] golden() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            CatalogImageFileTest.class.getResourceAsStream("/golden/catalog-image-v1.bin"))) {
      return in.readAllBytes();
    }
  }
}
