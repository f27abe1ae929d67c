package io.equator.model.item;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Bytes as values, and sets of names that are asked with bytes. */
class BytesTest {

  @Test
  void compareAsUnsigned() {
    assertThat(Bytes.wrap(new byte[] {-1})).isGreaterThan(Bytes.wrap(new byte[] {1}));
    assertThat(Bytes.wrap(new byte[] {1})).isGreaterThan(Bytes.EMPTY);
    assertThat(Bytes.ofUtf8("a")).isEqualTo(Bytes.copyOf(new byte[] {'x', 'a', 'y'}, 1, 1));
  }

  @Test
  void beginWithAndContainOthers() {
    Bytes bytes = Bytes.ofUtf8("abcabd");
    assertThat(bytes.startsWith(Bytes.EMPTY)).isTrue();
    assertThat(bytes.startsWith(Bytes.ofUtf8("abc"))).isTrue();
    assertThat(bytes.startsWith(Bytes.ofUtf8("abcabde"))).isFalse();
    assertThat(bytes.contains(Bytes.ofUtf8("abd"))).isTrue();
    assertThat(bytes.contains(Bytes.ofUtf8("abe"))).isFalse();
    assertThat(bytes.contains(Bytes.EMPTY)).isTrue();
    assertThat(Bytes.EMPTY.contains(bytes)).isFalse();
  }

  @Test
  void copiesAreApartFromTheirSource() {
    byte[] array = {1, 2};
    Bytes copy = Bytes.copyOf(array);
    array[0] = 9;
    copy.toArray()[1] = 9;
    assertThat(copy).hasToString("0102");
    assertThat(copy.toBase64()).isEqualTo("AQI=");
    assertThat(copy.at(1)).isEqualTo((byte) 2);
    assertThat(copy.toByteString().toByteArray()).containsExactly(1, 2);
  }

  @Test
  void smallAndLargeSetsOfNamesAnswerAlike() {
    for (int size : new int[] {0, 1, 12, 13, 100}) {
      List<String> names = IntStream.range(0, size).mapToObj(i -> "name" + i).toList();
      NameSet set = NameSet.of(names);
      assertThat(set.size()).isEqualTo(size);
      for (int i = 0; i < 120; i++) {
        byte[] name = Utf8.encode("xname" + i);
        assertThat(set.contains(name, 1, name.length - 1)).isEqualTo(i < size);
        assertThat(set.contains(name, 0, name.length)).isFalse();
      }
    }
  }
}
