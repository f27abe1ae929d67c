package io.equator.coordinator.partiql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.model.error.ApiException;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A token comes back as it was made, or is refused; nothing else comes of it. */
class NextTokenTest {
  private static final byte[] FINGERPRINT = new byte[32];
  private static final EncodedItem START =
      EncodedItem.of(
          Map.of("pk", new AttributeValue.S("grüße"), "sk", AttributeValue.N.of("-1.5")));

  @Test
  void aTokenHoldsWhereToGoOn() {
    NextToken read = NextToken.decode(new NextToken(7, START).encode(FINGERPRINT), FINGERPRINT);
    assertThat(read.collection()).isEqualTo(7);
    assertThat(String.valueOf(read.start())).isEqualTo(START.toString());
    assertThat(NextToken.decode(new NextToken(49, null).encode(FINGERPRINT), FINGERPRINT))
        .isEqualTo(new NextToken(49, null));
  }

  @Test
  void aTokenIsForOneStatement() {
    byte[] other = Arrays.copyOf(FINGERPRINT, 32);
    other[15] = 1;
    String token = new NextToken(0, START).encode(FINGERPRINT);
    assertThatThrownBy(() -> NextToken.decode(token, other))
        .hasMessage("NextToken does not match request");
  }

  @Test
  void damagedTokensAreRefusedOrRead() {
    byte[] whole = Base64.getUrlDecoder().decode(new NextToken(1, START).encode(FINGERPRINT));
    for (int seed = 0; seed < 5_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length + 2));
      for (int i = random.nextInt(3); i > 0 && damaged.length > 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        EncodedItem start =
            NextToken.decode(
                    Base64.getUrlEncoder().withoutPadding().encodeToString(damaged), FINGERPRINT)
                .start();
        assertThat(start == null || start.attributeCount() >= 0).isTrue();
      } catch (ApiException e) {
        assertThat(e.error().message()).isEqualTo("NextToken does not match request");
      }
    }
    assertThatThrownBy(() -> NextToken.decode("not base64!", FINGERPRINT))
        .hasMessage("NextToken does not match request");
  }
}
