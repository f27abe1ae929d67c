package io.equator.model.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import io.equator.model.number.DynamoNumber;
import org.junit.jupiter.api.Test;

/** What is written beside the item codec must be what the item codec writes. */
class EncodedValuesTest {

  @Test
  void countsAreEncodedAsNumbersAre() {
    for (long count : new long[] {0, 1, 9, 10, 99, 100, 65_535, 409_600, Integer.MAX_VALUE}) {
      EncodedValue expected = EncodedValue.of(new AttributeValue.N(DynamoNumber.of(count)));
      assertThat(EncodedValues.count(count).bytes()).isEqualTo(expected.bytes());
    }
  }
}
