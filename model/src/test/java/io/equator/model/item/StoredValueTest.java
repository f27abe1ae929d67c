package io.equator.model.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.model.Golden;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The header before stored items. */
class StoredValueTest {
  private static final EncodedItem ITEM = EncodedItem.of(Map.of("pk", new AttributeValue.S("a")));

  @Test
  void whatIsWrittenIsRead() {
    StoredValue value = StoredValue.read(StoredValue.of(ITEM, -5L, 65_535).bytes());
    assertThat(value.isTombstone()).isFalse();
    assertThat(value.timestamp()).isEqualTo(-5);
    assertThat(value.originRegion()).isEqualTo(65_535);
    assertThat(value.item().contentEquals(ITEM)).isTrue();

    StoredValue tombstone = StoredValue.read(StoredValue.tombstone(7, 2).toByteString());
    assertThat(tombstone.isTombstone()).isTrue();
    assertThat(tombstone.timestamp()).isEqualTo(7);
    assertThat(tombstone.originRegion()).isEqualTo(2);
    assertThatThrownBy(tombstone::item).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aSliceIsReadInPlace() {
    byte[] stored = StoredValue.of(ITEM, 1, 1).bytes();
    byte[] around = new byte[stored.length + 9];
    System.arraycopy(stored, 0, around, 4, stored.length);
    StoredValue value = StoredValue.read(around, 4, stored.length);
    assertThat(value.item().array()).isSameAs(around);
    assertThat(value.item().toMap()).isEqualTo(ITEM.toMap());
    assertThat(value.bytes()).isEqualTo(stored);
  }

  @Test
  void everyDamagedByteIsSeen() {
    byte[] stored = StoredValue.of(ITEM, 0x0123456789ABCDEFL, 3).bytes();
    for (int i = 0; i < stored.length * 8; i++) {
      byte[] damaged = stored.clone();
      damaged[i / 8] ^= (byte) (1 << i % 8);
      assertThatThrownBy(() -> StoredValue.read(damaged)).isInstanceOf(CorruptItemException.class);
    }
    for (int length = 0; length < stored.length; length++) {
      byte[] cut = Arrays.copyOf(stored, length);
      assertThatThrownBy(() -> StoredValue.read(cut)).isInstanceOf(CorruptItemException.class);
    }
  }

  @Test
  void theStoredFormStaysAsItIs() {
    HexFormat hex = HexFormat.of();
    Map<String, String> written = new LinkedHashMap<>();
    written.put("item", hex.formatHex(StoredValue.of(ITEM, 0x0123456789ABCDEFL, 513).bytes()));
    written.put("tombstone", hex.formatHex(StoredValue.tombstone(1, 0).bytes()));
    Map<String, String> golden = Golden.check("stored-value-v1.txt", written);

    StoredValue item = StoredValue.read(hex.parseHex(golden.getOrDefault("item", "")));
    assertThat(item.item().toMap()).isEqualTo(ITEM.toMap());
    assertThat(item.originRegion()).isEqualTo(513);
    assertThat(StoredValue.read(hex.parseHex(golden.getOrDefault("tombstone", ""))).isTombstone())
        .isTrue();
  }
}
