package io.equator.coordinator.fake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Damaged requests end in one of the API's errors, or in an answer: never in an error of ours. The
 * requests are those of the transcripts, with bytes changed, pieces cut out, doubled, or put in
 * from another request. The seed is printed with a failure.
 */
class MutatedRequestsTest {
  private static final long SEED = 20_261_125;
  private static final int ROUNDS = 30;
  private static final String ALPHABET =
      "{}[]:,'\"\\#:.()=<>+-0123456789eEnulltrufasS \u00e4\u20ac\ud83d\ude00";

  /** One request of a transcript. */
  private record Request(String operation, String body) {}

  @Test
  void damagedRequestsAreRefusedInTheApisWords() throws IOException {
    List<Request> requests = requests();
    Random random = new Random(SEED);
    try (DataPlane plane = new DataPlane(3)) {
      for (int round = 0; round < ROUNDS; round++) {
        for (Request request : requests) {
          String other = requests.get(random.nextInt(requests.size())).body();
          String body = mutated(request.body(), other, random);
          String answer;
          try {
            answer =
                plane.callRaw(
                    request.operation(), body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
          } catch (RuntimeException e) {
            throw new AssertionError(
                "seed " + SEED + ", round " + round + ": " + request.operation() + " " + body, e);
          }
          assertThat(answer)
              .as("%s %s", request.operation(), body)
              .doesNotStartWith("InternalServerError")
              .doesNotStartWith("InternalFailure");
        }
      }
    }
  }

  private static String mutated(String body, String other, Random random) {
    StringBuilder text = new StringBuilder(body);
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && !text.isEmpty(); i++) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + 1 + random.nextInt(12));
      switch (random.nextInt(5)) {
        case 0 -> text.setCharAt(at, ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        case 1 -> text.delete(at, end);
        case 2 -> text.insert(at, text.substring(at, end));
        case 3 -> {
          int from = random.nextInt(other.length());
          text.insert(at, other, from, Math.min(other.length(), from + 1 + random.nextInt(30)));
        }
        default -> text.insert(at, ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
    }
    return text.toString();
  }

  private static List<Request> requests() throws IOException {
    List<Request> requests = new ArrayList<>();
    for (String name : TranscriptTest.NAMES) {
      try (InputStream in =
          MutatedRequestsTest.class.getResourceAsStream("/transcripts/" + name + ".txt")) {
        if (in == null) {
          throw new IllegalArgumentException(name);
        }
        for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
          int blank = line.indexOf(' ');
          if (blank > 0 && Character.isUpperCase(line.charAt(0)) && !line.contains("@S:")) {
            requests.add(new Request(line.substring(0, blank), line.substring(blank + 1)));
          }
        }
      }
    }
    return requests;
  }
}
