package io.equator.coordinator.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parser of heads: what it understands and what it refuses. */
class HttpHeadTest {
  private final HttpHead head = new HttpHead();

  private int parse(String text) {
    String padded = "xyz" + text + "\r\n\r\nbody";
    byte[] bytes = padded.getBytes(StandardCharsets.ISO_8859_1);
    int end = HttpHead.endOfHead(bytes, 3, 3, bytes.length);
    assertThat(end).isPositive();
    return head.parse(bytes, 3, end);
  }

  private void accept(String text) {
    assertThat(parse(text)).as(text).isPositive();
  }

  @Test
  void readsWhatMatters() {
    accept(
        "POST /x?a=b&c HTTP/1.1\r\nHost:  h:1 \r\nX-AMZ-Target:T.o\r\nContent-Length: 12\r\n"
            + "Content-Type: application/JSON ; charset=x\r\nEmpty:\r\nOrigin: null");

    assertThat(head.method()).isEqualTo(HttpHead.Method.POST);
    assertThat(head.target()).isEqualTo("/x?a=b&c");
    assertThat(head.query()).isEqualTo("a=b&c");
    assertThat(head.isRoot()).isFalse();
    assertThat(head.header("host")).isEqualTo("h:1");
    assertThat(head.header("x-amz-target")).isEqualTo("T.o");
    assertThat(head.header("empty")).isEmpty();
    assertThat(head.header("absent")).isNull();
    assertThat(head.has("origin")).isTrue();
    assertThat(head.contentLength()).isEqualTo(12);
    assertThat(head.isMediaType("content-type", "application/json")).isTrue();
    assertThat(head.isMediaType("content-type", "application/json-1.0")).isFalse();
    assertThat(head.keepAlive()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "GET,GET",
    "POST,POST",
    "HEAD,HEAD",
    "OPTIONS,OPTIONS",
    "PUT,PUT",
    "DELETE,DELETE",
    "PATCH,OTHER",
    "get,OTHER"
  })
  void tellsMethodsApart(String text, HttpHead.Method method) {
    accept(text + " / HTTP/1.1");
    assertThat(head.method()).isEqualTo(method);
    assertThat(head.isRoot()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"/,/,''", "/a/b,/a/b,''", "/a?b=c&d,/a,b=c&d", "/a?,/a,''"})
  void tellsPathAndQueryApart(String target, String path, String query) {
    accept("GET " + target + " HTTP/1.1");
    assertThat(head.path()).isEqualTo(path);
    assertThat(head.query()).isEqualTo(query);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          HTTP/1.1 | X: y                            | true
          HTTP/1.1 | Connection: close               | false
          HTTP/1.1 | Connection: foo, Close          | false
          HTTP/1.1 | Connection: keep-alive          | true
          HTTP/1.1 | Connection: closed              | true
          HTTP/1.0 | X: y                            | false
          HTTP/1.0 | Connection: Keep-Alive          | true
          HTTP/1.0 | Connection: keep-alive, close   | false
          """)
  void knowsWhetherTheConnectionStays(String version, String header, boolean stays) {
    accept("POST / " + version + "\r\n" + header);
    assertThat(head.keepAlive()).isEqualTo(stays);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /",
        "POST / HTTP/1.1 ",
        "POST  HTTP/1.1",
        "POST / / HTTP/1.1",
        " POST / HTTP/1.1",
        "PO(ST / HTTP/1.1",
        "POST /\u0001 HTTP/1.1",
        "POST / HTTP/x.1",
        "POST / http/1.1",
        "x",
        "POST / HTTP/1.1\r\nNoColon",
        "POST / HTTP/1.1\r\n: v",
        "POST / HTTP/1.1\r\nName : v",
        "POST / HTTP/1.1\r\nA: b\r\n folded",
        "POST / HTTP/1.1\r\nA: b\nC: d",
        "POST / HTTP/1.1\r\nA: b\rC: d",
        "POST / HTTP/1.1\r\nA: b\u0000",
        "POST / HTTP/1.1\r\nContent-Length: -1",
        "POST / HTTP/1.1\r\nContent-Length: +1",
        "POST / HTTP/1.1\r\nContent-Length: 1 1",
        "POST / HTTP/1.1\r\nContent-Length: ",
        "POST / HTTP/1.1\r\nContent-Length: 9999999999999999999",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked",
        "POST / HTTP/1.1\nA: b",
      })
  void refusesWhatIsNoRequest(String text) {
    int complaint = parse(text);
    assertThat(complaint == HttpHead.BAD_REQUEST || complaint == HttpHead.VERSION_NOT_SUPPORTED)
        .as("%s gave %d", text, complaint)
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "GET / HTTP/2.0,-505",
    "PRI * HTTP/2.0,-505",
    "GET / HTTP/1.2,-505",
    "GET / HTTP/0.9,-505"
  })
  void refusesOtherVersions(String text, int complaint) {
    assertThat(parse(text)).isEqualTo(complaint);
  }

  @Test
  void refusesOtherEncodingsAndTooManyHeaders() {
    assertThat(parse("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked"))
        .isEqualTo(HttpHead.NOT_IMPLEMENTED);
    assertThat(parse("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"))
        .isEqualTo(HttpHead.NOT_IMPLEMENTED);
    accept("POST / HTTP/1.1" + "\r\nA: b".repeat(HttpHead.HEADERS_MAX));
    assertThat(parse("POST / HTTP/1.1" + "\r\nA: b".repeat(HttpHead.HEADERS_MAX + 1)))
        .isEqualTo(HttpHead.TOO_MANY_FIELDS);
  }

  @Test
  void knowsExpectations() {
    accept("POST / HTTP/1.1\r\nExpect: 100-Continue");
    assertThat(head.expectsContinue()).isTrue();
    assertThat(head.expectsUnknown()).isFalse();
    accept("POST / HTTP/1.0\r\nExpect: 100-continue");
    assertThat(head.expectsContinue()).isFalse();
    accept("POST / HTTP/1.1\r\nExpect: cake");
    assertThat(head.expectsUnknown()).isTrue();
    accept("POST / HTTP/1.1");
    assertThat(head.expectsUnknown()).isFalse();
  }

  /** The skipping search against the obvious one. */
  @Test
  void findsTheEndWhereverItIs() {
    Random random = new Random(7);
    byte[] alphabet = {'\r', '\n', 'a', '\r', '\n'};
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(24)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = alphabet[random.nextInt(alphabet.length)];
      }
      int start = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      int found = text.indexOf("\r\n\r\n", start);
      int expected = found < 0 ? HttpHead.INCOMPLETE : found + 4;
      assertThat(HttpHead.endOfHead(bytes, start, start, bytes.length)).isEqualTo(expected);
      // What was scanned in vain before is not scanned again, and nothing is missed.
      int cut = start + (bytes.length - start) / 2;
      if (HttpHead.endOfHead(bytes, start, start, cut) == HttpHead.INCOMPLETE) {
        assertThat(HttpHead.endOfHead(bytes, start, cut, bytes.length)).isEqualTo(expected);
      }
    }
  }
}
