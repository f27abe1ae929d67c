package io.equator.server.load;

import io.equator.server.RequestSigner;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One request as bytes, whole but for its signature, in which each use changes a few runs of
 * characters in place: so a request costs a copy, not a serialisation.
 *
 * <p>The body is given with marks: a run of {@code #} takes the digits of a number (see {@link
 * #number}), a run of {@code ~} takes random letters. Lengths never change, so neither does {@code
 * Content-Length}. One thread at a time.
 */
final class Template {

  private record Run(int start, int length) {}

  private final String host;
  private final String target;
  private final byte[] head;
  private final byte[] body;
  private final Run[] numbers;
  private final Run[] letters;

  Template(String host, Operation.Step step, String markedBody) {
    this.host = host;
    this.target = "DynamoDB_20120810." + step.target();
    this.body = markedBody.getBytes(StandardCharsets.UTF_8);
    this.numbers = runsOf('#');
    this.letters = runsOf('~');
    this.head =
        ("POST / HTTP/1.1\r\nHost: "
                + host
                + "\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: "
                + target
                + "\r\nContent-Length: "
                + body.length
                + "\r\n")
            .getBytes(StandardCharsets.US_ASCII);
  }

  private Run[] runsOf(char mark) {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < body.length; i++) {
      int start = i;
      while (i < body.length && body[i] == mark) {
        i++;
      }
      if (i > start) {
        runs.add(new Run(start, i - start));
      }
    }
    return runs.toArray(Run[]::new);
  }

  int numberCount() {
    return numbers.length;
  }

  /** Writes {@code value} into the {@code index}-th run of {@code #}, with leading zeros. */
  void number(int index, long value) {
    Run run = numbers[index];
    long rest = value;
    for (int i = run.start + run.length - 1; i >= run.start; i--) {
      body[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** Draws new letters for every run of {@code ~}. */
  void letters(RandomGenerator random) {
    for (Run run : letters) {
      long bits = random.nextLong();
      for (int i = 0; i < run.length; i++) {
        body[run.start + i] = (byte) ('a' + (bits & 15));
        bits = Long.rotateRight(bits, 4);
      }
    }
  }

  /** Puts the whole request, signed, into {@code out}, which has room for {@link #sizeMax}. */
  void write(RequestSigner signer, ByteBuffer out) {
    out.put(head)
        .put(signer.headers(host, target, body))
        .put((byte) '\r')
        .put((byte) '\n')
        .put(body);
  }

  /** Bytes of the request with the longest signature headers that we make. */
  int sizeMax() {
    return head.length + 1024 + body.length;
  }
}
