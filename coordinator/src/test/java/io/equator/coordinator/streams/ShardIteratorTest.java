package io.equator.coordinator.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.ChangePlace;
import io.equator.replication.catalog.CatalogSnapshot;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Protects readers from iterators that nobody has given them, and from those that are too old. */
class ShardIteratorTest {
  private static final byte[] KEY = {1, 2, 3};
  private static final long ISSUED = 1_700_000_000_000L;
  private static final ShardIterator ITERATOR =
      new ShardIterator(
          7, 5, 12, ChangePlace.newBuilder().setLogIndex(99).setPosition(3).build(), ISSUED);

  @Test
  void whatIsHandedOutIsUnderstood() {
    assertThat(ShardIterator.decode(ITERATOR.encode(KEY), KEY)).contains(ITERATOR);
  }

  @Test
  void nobodyElseCanMakeOne() {
    String text = ITERATOR.encode(KEY);
    assertThat(ShardIterator.decode(text, new byte[] {1, 2, 4})).as("another key").isEmpty();
    assertThat(ShardIterator.decode("not base64!", KEY)).isEmpty();
    assertThat(ShardIterator.decode(text.substring(4), KEY)).as("too short").isEmpty();
    byte[] whole = Base64.getUrlDecoder().decode(text);
    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 1;
      assertThat(ShardIterator.decode(Base64.getUrlEncoder().encodeToString(changed), KEY))
          .as("byte %s is another one", i)
          .isEmpty();
    }
  }

  @Test
  void itIsGoodForFifteenMinutes() {
    assertThatThrownBy(() -> read(ISSUED + 15 * 60 * 1_000))
        .as("good, and its stream is gone")
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> assertThat(e.error().code()).isEqualTo(ErrorCode.RESOURCE_NOT_FOUND));
    long later = ISSUED + 15 * 60 * 1_000 + 1;
    assertThatThrownBy(() -> read(later))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.error().code()).isEqualTo(ErrorCode.EXPIRED_ITERATOR);
              assertThat(e.error().message())
                  .isEqualTo(
                      "Iterator expired. The iterator was created at time "
                          + Instant.ofEpochMilli(ISSUED)
                          + " while right now it is "
                          + Instant.ofEpochMilli(later)
                          + " which is further in the future than the tolerated delay of 900000"
                          + " milliseconds");
            });
  }

  private static void read(long millis) {
    InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(millis));
    StreamReads reads =
        new StreamReads(
            CatalogSnapshot::empty,
            (_, _, _, _, _) -> {
              throw new AssertionError("no log is read");
            },
            clock,
            KEY);
    var _ =
        reads.records(
            new StreamRequest(
                null, null, null, null, null, null, null, null, ITERATOR.encode(KEY), null, null));
  }
}
