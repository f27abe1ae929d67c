package io.equator.node.indexes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.model.item.StoredValue;
import io.equator.node.core.TestTables;
import io.equator.proto.GlobalIndexRow;
import io.equator.proto.IndexRowVerdict;
import org.junit.jupiter.api.Test;

/** What a row of an index is beside what its item says. */
final class IndexVerdictTest {
  private static final byte[] CORRUPT = {1, 2, 3};

  private static byte[] stored(long rank, long timestamp, int region) {
    return StoredValue.of(TestTables.item("a", 1, "rank", rank), timestamp, region)
        .toByteString()
        .toByteArray();
  }

  private static GlobalIndexRow row(byte[] value) {
    return GlobalIndexRow.newBuilder().setValue(ByteString.copyFrom(value)).build();
  }

  private static final GlobalIndexRow NONE = GlobalIndexRow.getDefaultInstance();

  @Test
  void aRowThatIsNotToBeThereIsUnexpected() {
    assertThat(IndexChecks.verdict(NONE, stored(1, 5, 1)))
        .isEqualTo(IndexRowVerdict.INDEX_ROW_UNEXPECTED);
    assertThat(IndexChecks.verdict(NONE, CORRUPT)).isEqualTo(IndexRowVerdict.INDEX_ROW_UNEXPECTED);
    assertThat(IndexChecks.verdict(NONE, null)).isEqualTo(IndexRowVerdict.INDEX_ROW_AS_EXPECTED);
  }

  @Test
  void aRowThatIsToBeThereIsMissingWithoutAValue() {
    assertThat(IndexChecks.verdict(row(stored(1, 5, 1)), null))
        .isEqualTo(IndexRowVerdict.INDEX_ROW_MISSING);
  }

  @Test
  void anEmptyValueIsAValue() {
    assertThat(IndexChecks.verdict(row(new byte[0]), null))
        .isEqualTo(IndexRowVerdict.INDEX_ROW_MISSING);
  }

  @Test
  void aRowWithOtherAttributesIsDifferent() {
    assertThat(IndexChecks.verdict(row(stored(1, 5, 1)), stored(2, 5, 1)))
        .isEqualTo(IndexRowVerdict.INDEX_ROW_DIFFERENT);
    assertThat(IndexChecks.verdict(row(stored(1, 5, 1)), stored(1, 5, 1)))
        .isEqualTo(IndexRowVerdict.INDEX_ROW_AS_EXPECTED);
  }

  @Test
  void whenAndWhereARowWasWrittenDoesNotCount() {
    assertThat(IndexChecks.verdict(row(stored(1, 5, 1)), stored(1, 6, 2)))
        .isEqualTo(IndexRowVerdict.INDEX_ROW_AS_EXPECTED);
  }

  @Test
  void theOrderOfAttributesDoesNotCount() {
    byte[] one =
        StoredValue.of(TestTables.item("a", 1, "x", 1L, "y", 2L), 5, 1)
            .toByteString()
            .toByteArray();
    byte[] other =
        StoredValue.of(TestTables.item("a", 1, "y", 2L, "x", 1L), 5, 1)
            .toByteString()
            .toByteArray();
    assertThat(IndexChecks.verdict(row(one), other))
        .isEqualTo(IndexRowVerdict.INDEX_ROW_AS_EXPECTED);
  }

  @Test
  void aRowThatCannotBeReadIsDifferent() {
    assertThat(IndexChecks.verdict(row(stored(1, 5, 1)), CORRUPT))
        .isEqualTo(IndexRowVerdict.INDEX_ROW_DIFFERENT);
  }
}
