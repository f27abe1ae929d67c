package io.equator.node.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.util.Environment;

/** Protects the quick start: the library must stand where RocksDB looks first. */
final class NativeCodeTest {

  @Test
  void leavesTheLibraryAndNothingElseInTheFolder(@TempDir Path folder) throws IOException {
    NativeCode.unpackInto(folder.resolve("native"));
    NativeCode.unpackInto(folder.resolve("native"));

    List<String> names;
    try (Stream<Path> files = Files.list(folder.resolve("native"))) {
      names = files.map(file -> file.getFileName().toString()).toList();
    }
    assertThat(names)
        .containsExactly(System.mapLibraryName(Environment.getJniLibraryName("rocksdb")));
    assertThat(Files.size(folder.resolve("native").resolve(names.getFirst())))
        .isGreaterThan(1 << 20);
  }
}
