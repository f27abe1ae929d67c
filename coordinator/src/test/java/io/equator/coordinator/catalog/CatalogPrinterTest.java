package io.equator.coordinator.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects the text that people read when nothing runs. */
class CatalogPrinterTest {
  @TempDir Path directory;

  @Test
  void printsEveryObject() throws IOException {
    Path path = directory.resolve(CatalogPrinter.FILE_NAME);
    new CatalogImageFile(path, false).write(CatalogImageFileTest.sample());
    assertThat(CatalogPrinter.print(path))
        .isEqualTo(
            """
            catalog image, format version 1
            log position (3, 41), revision 7, 2 objects, 1 remembered commits

            cluster (version 7)
              cluster_id: "00112233445566778899aabbccddeeff"
              region: "us-west-2"
              account_id: "123456789012"
              next_table_id: 2
              next_partition_id: 3
              region_number: 1

            table/Music (version 7)
              table_id: 1
              name: "Music"
              status: "ACTIVE"
              key {
                attribute_name: "Artist"
                key_type: HASH
                attribute_type: S
              }

            remembered commits, oldest first
              30313233343536373839616263646566 COMMITTED at revision 7
            """);
  }

  @Test
  void saysThatThereIsNoImage() {
    assertThatThrownBy(() -> CatalogPrinter.print(directory.resolve("nothing")))
        .isInstanceOf(FileNotFoundException.class);
  }
}
