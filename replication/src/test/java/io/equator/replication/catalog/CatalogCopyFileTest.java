package io.equator.replication.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.NodeDescriptor;
import io.equator.proto.PartitionDescriptor;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RingDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The copy that a process starts with when the catalog is away. */
class CatalogCopyFileTest {
  /** Written by the first version; stays readable for ever. */
  private static final String GOLDEN =
      "45514343000000013a3ef83900000017" + "080710011a110a07636c75737465721a060a046f757273";

  @TempDir private Path folder;

  private static CatalogEvent catalog(String clusterId) {
    return CatalogEvent.newBuilder()
        .setRevision(7)
        .setFull(true)
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("cluster")
                .setCluster(ClusterDescriptor.newBuilder().setClusterId(clusterId)))
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("node/a")
                .setNode(NodeDescriptor.newBuilder().setNodeId("a")))
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("ring/1")
                .setRing(
                    RingDescriptor.newBuilder()
                        .setRingId(1)
                        .setHashAlgorithm(1)
                        .setHashSeed(com.google.protobuf.ByteString.copyFrom(new byte[16]))
                        .addPartitionIds(3)))
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("partition/3")
                .setPartition(
                    PartitionDescriptor.newBuilder()
                        .setPartitionId(3)
                        .setEpoch(1)
                        .setRingId(1)
                        .setLastToken(-1)
                        .addReplicaNodeIds("a")))
        .addPuts(
            CatalogObject.newBuilder()
                .setKey("region/r")
                .setVersion(5)
                .setRegion(RegionDescriptor.newBuilder().setName("r")))
        .build();
  }

  @Test
  void whatASnapshotSaysMakesTheSameSnapshot() throws IOException {
    CatalogSnapshot before = CatalogSnapshot.empty().with(catalog("ours"));
    CatalogCopyFile file = new CatalogCopyFile(folder.resolve("copy"));
    file.write(before.toEvent());
    CatalogEvent read = file.read("ours").orElseThrow();
    assertThat(read).isEqualTo(before.toEvent());
    CatalogSnapshot after = CatalogSnapshot.empty().with(read);
    assertThat(after.revision()).isEqualTo(7);
    assertThat(after.toEvent()).isEqualTo(before.toEvent());
    assertThat(after.partitions().rings()).hasSize(1);
    assertThat(after.region("r").orElseThrow().getVersion()).isEqualTo(5);
  }

  @Test
  void thereIsNoneInANewFolderAndNoneOfAnotherCluster() throws IOException {
    CatalogCopyFile file = new CatalogCopyFile(folder.resolve("copy"));
    assertThat(file.read("ours")).isEmpty();
    file.write(catalog("theirs"));
    assertThat(file.read("ours")).isEmpty();
    assertThat(file.read("theirs")).isPresent();
  }

  @Test
  void everyFlippedByteIsNoticed() throws IOException {
    Path path = folder.resolve("copy");
    CatalogCopyFile file = new CatalogCopyFile(path);
    file.write(catalog("ours"));
    byte[] good = Files.readAllBytes(path);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 0x10;
      Files.write(path, bad);
      assertThatThrownBy(() -> file.read("ours")).as("byte %s", i).isInstanceOf(IOException.class);
    }
    Files.write(path, java.util.Arrays.copyOf(good, good.length - 1));
    assertThatThrownBy(() -> file.read("ours")).isInstanceOf(IOException.class);
  }

  @Test
  void theFormatIsAsItWas() throws IOException {
    Path path = folder.resolve("copy");
    new CatalogCopyFile(path)
        .write(
            CatalogEvent.newBuilder()
                .setRevision(7)
                .setFull(true)
                .addPuts(
                    CatalogObject.newBuilder()
                        .setKey("cluster")
                        .setCluster(ClusterDescriptor.newBuilder().setClusterId("ours")))
                .build());
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(path))).isEqualTo(GOLDEN);
    Files.write(path, HexFormat.of().parseHex(GOLDEN));
    assertThat(new CatalogCopyFile(path).read("ours")).isPresent();
  }
}
