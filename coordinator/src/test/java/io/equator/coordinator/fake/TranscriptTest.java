package io.equator.coordinator.fake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Plays each transcript in {@code transcripts/}: a line that begins with an operation's name is a
 * request, the line that begins with {@code =} below it is the whole answer. Blank lines and lines
 * that begin with {@code #} are for people. {@code @} stands for long texts: {@code @S:2049@} is as
 * many letters.
 */
class TranscriptTest {
  static final List<String> NAMES =
      List.of(
          "put",
          "get",
          "update",
          "delete",
          "query",
          "scan",
          "local-indexes",
          "batch-get",
          "batch-write");

  @ParameterizedTest
  @FieldSource("NAMES")
  void answersAsWritten(String name) throws IOException {
    String transcript = read(name);
    StringBuilder played = new StringBuilder();
    try (DataPlane plane = new DataPlane(4)) {
      for (String line : transcript.split("\n", -1)) {
        if (line.startsWith("=")) {
          continue;
        }
        played.append(line).append('\n');
        if (!line.isBlank() && !line.startsWith("#")) {
          int blank = line.indexOf(' ');
          String operation = line.substring(0, blank);
          String answer = plane.call(operation, expanded(line.substring(blank + 1)));
          played.append("= ").append(shortened(answer)).append('\n');
        }
      }
    }
    played.setLength(played.length() - 1);
    String update = System.getProperty("equator.transcripts");
    if (update != null) {
      java.nio.file.Files.writeString(java.nio.file.Path.of(update, name + ".txt"), played);
      return;
    }
    assertThat(played.toString()).isEqualTo(transcript);
  }

  private static String expanded(String body) {
    StringBuilder expanded = new StringBuilder();
    int at = 0;
    for (int mark = body.indexOf("@S:"); mark >= 0; mark = body.indexOf("@S:", at)) {
      int end = body.indexOf('@', mark + 1);
      expanded
          .append(body, at, mark)
          .append("x".repeat(Integer.parseInt(body.substring(mark + 3, end))));
      at = end + 1;
    }
    return expanded.append(body.substring(at)).toString();
  }

  private static String shortened(String answer) {
    StringBuilder shortened = new StringBuilder();
    int at = 0;
    while (at < answer.length()) {
      int end = at;
      while (end < answer.length() && answer.charAt(end) == 'x') {
        end++;
      }
      if (end - at > 40) {
        shortened.append("@S:").append(end - at).append('@');
        at = end;
      } else {
        shortened.append(answer.charAt(at++));
      }
    }
    return shortened.toString();
  }

  private static String read(String name) throws IOException {
    try (InputStream in =
        TranscriptTest.class.getResourceAsStream("/transcripts/" + name + ".txt")) {
      if (in == null) {
        throw new IllegalArgumentException(name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
