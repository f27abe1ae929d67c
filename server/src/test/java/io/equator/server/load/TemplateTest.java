package io.equator.server.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.SigV4;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A template's request stays valid HTTP whatever is put into it. */
class TemplateTest {

  private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

  @Test
  void fillsInNumbersWithLeadingZerosAndFreshLetters() {
    Template template = new Template("h:1", Operation.Step.GET, "{\"k\":\"a####-~~~~~~~~\"}");
    template.number(0, 42);
    template.letters(new SplittableRandom(1));
    String first = text(template);
    template.number(0, 9999);
    template.letters(new SplittableRandom(2));
    String second = text(template);

    assertThat(first)
        .startsWith("POST / HTTP/1.1\r\nHost: h:1\r\n")
        .contains("X-Amz-Target: DynamoDB_20120810.GetItem\r\n")
        .contains("Content-Length: 22\r\n")
        .contains("X-Amz-Date: 20260203T040506Z\r\n")
        .containsPattern("\r\n\r\n\\{\"k\":\"a0042-[a-p]{8}\"}$");
    assertThat(second).containsPattern("\"a9999-[a-p]{8}\"}$").hasSameSizeAs(first);
  }

  private static String text(Template template) {
    ByteBuffer out = ByteBuffer.allocate(template.sizeMax());
    template.write(SigV4.unsigned("us-west-2", () -> NOW), out);
    return new String(out.array(), 0, out.position(), StandardCharsets.UTF_8);
  }
}
