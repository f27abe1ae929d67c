package io.equator.node.regions;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.proto.StoredVersion;
import io.equator.proto.StoredVersion.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which answers of another region are differences. */
final class DivergenceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // here (kind timestamp/region checksum) | there | forgotten there | is
        "ITEM 10/1 a      | ITEM 10/1 a      |  0 | NONE",
        "ITEM 10/1 a      | ITEM 11/1 b      |  0 | NONE",
        "ITEM 10/1 a      | ITEM 10/2 b      |  0 | NONE",
        "ITEM 10/1 a      | TOMBSTONE 11/0 b |  0 | NONE",
        "ITEM 10/2 a      | ITEM 10/1 b      |  0 | BEHIND",
        "ITEM 10/1 a      | ITEM 9/3 b       |  0 | BEHIND",
        "ITEM -1/1 a      | ITEM 9/3 b       |  0 | BEHIND",
        "TOMBSTONE 10/1 a | ITEM 9/1 b       |  0 | BEHIND",
        "ITEM 10/1 a      | TOMBSTONE 9/1 b  |  0 | BEHIND",
        "ITEM 10/1 a      | ITEM 10/1 b      |  0 | CORRUPT",
        "ITEM 10/1 a      | TOMBSTONE 10/1 a |  0 | CORRUPT",
        "ITEM 10/1 a      | NOTHING 0/0 0    |  0 | MISSING",
        "ITEM 10/1 a      | NOTHING 0/0 0    | 20 | MISSING",
        "TOMBSTONE 10/1 a | NOTHING 0/0 0    |  9 | MISSING",
        "TOMBSTONE 10/1 a | NOTHING 0/0 0    | 10 | NONE",
        "TOMBSTONE 10/1 a | NOTHING 0/0 0    | 20 | NONE",
      })
  void isFoundByVersionsAndChecksums(
      String here, String there, long forgotten, Divergence divergence) {
    assertThat(Divergence.of(version(here, 0), version(there, forgotten))).isEqualTo(divergence);
  }

  private static StoredVersion version(String text, long forgotten) {
    String[] parts = text.split("[ /]", -1);
    return StoredVersion.newBuilder()
        .setKind(Kind.valueOf(parts[0]))
        .setTimestamp(Long.parseLong(parts[1]))
        .setRegion(Integer.parseInt(parts[2]))
        .setChecksum(Integer.parseInt(parts[3], 16))
        .setForgotten(forgotten)
        .build();
  }
}
