package io.equator.coordinator.http;

import static io.equator.coordinator.http.EdgeFixture.headers;
import static io.equator.coordinator.http.EdgeFixture.lastRequest;
import static io.equator.coordinator.http.EdgeFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.coordinator.http.RawClient.Response;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The wire, byte by byte: what DynamoDB's endpoint answers to what. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class HttpServerTest {
  private static final String NOT_FOUND = "<UnknownOperationException/>\n";
  private static final String SERIALIZATION =
      "{\"__type\":\"com.amazon.coral.service#SerializationException\"}";
  private static final String UNKNOWN =
      "{\"__type\":\"com.amazon.coral.service#UnknownOperationException\"}";

  private EdgeFixture edge;

  @BeforeAll
  void start() throws IOException {
    edge = EdgeFixture.start();
  }

  @AfterAll
  void stop() {
    edge.close();
  }

  private Response exchange(String request) throws IOException {
    try (RawClient client = edge.connect()) {
      client.send(request);
      return client.read();
    }
  }

  private static String post(String headers, String body) {
    return "POST / HTTP/1.1\r\nHost: h\r\n"
        + headers
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static long crc(byte[] body) {
    CRC32 crc = new CRC32();
    crc.update(body);
    return crc.getValue();
  }

  // ---- an answer

  @Test
  void answersWithAllThatClientsLookAt() throws Exception {
    Response response = exchange(request("Echo", "{\"Text\":\"h\"}"));

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Content-Type")).isEqualTo("application/x-amz-json-1.0");
    assertThat(response.header("Content-Length")).isEqualTo("" + response.body().length);
    assertThat(response.header("x-amz-crc32")).isEqualTo("" + crc(response.body()));
    assertThat(response.header("x-amzn-RequestId")).matches("[A-Z0-9]{48}AAJG");
    assertThat(response.header("Server")).isEqualTo("Server");
    Instant date =
        ZonedDateTime.parse(response.header("Date"), DateTimeFormatter.RFC_1123_DATE_TIME)
            .toInstant();
    assertThat(Duration.between(date, Instant.now())).isLessThan(Duration.ofMinutes(1));
    assertThat(response.headers().keySet())
        .containsExactlyInAnyOrder(
            "content-type", "content-length", "x-amz-crc32", "x-amzn-requestid", "server", "date");
  }

  @Test
  void answersErrorsWithTheSameHeaders() throws Exception {
    Response response = exchange(request("Echo", "{\"Text\":5}"));

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.text())
        .isEqualTo(
            "{\"__type\":\"com.amazon.coral.service#SerializationException\",\"Message\":"
                + "\"NUMBER_VALUE cannot be converted to String\"}");
    assertThat(response.header("Content-Type")).isEqualTo("application/x-amz-json-1.0");
    assertThat(response.header("x-amz-crc32")).isEqualTo("" + crc(response.body()));
    assertThat(response.header("x-amzn-RequestId")).hasSize(52);
  }

  @Test
  void givesEachRequestItsOwnId() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(request("Echo", "{}") + request("Echo", "{}"));
      assertThat(client.read().header("x-amzn-RequestId"))
          .isNotEqualTo(client.read().header("x-amzn-RequestId"));
    }
  }

  // ---- method and content type

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          application/x-amz-json-1.0                | application/x-amz-json-1.0
          application/x-amz-json-1.0; charset=utf-8 | application/x-amz-json-1.0
          application/json                          | application/json
          application/json   ;nonsense              | application/json
          """)
  void answersInTheContentTypeOfTheRequest(String sent, String answered) throws Exception {
    Response response = exchange(post("Content-Type: " + sent + "\r\n", "{}"));

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.text()).isEqualTo(UNKNOWN);
    assertThat(response.header("Content-Type")).isEqualTo(answered);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-amz-json-1.1\r\n",
        "Content-Type: application/jsonasdf\r\n",
        "Content-Type: application/x-amz-cbor-1.1\r\n"
      })
  void findsNothingForOtherContentTypes(String header) throws Exception {
    Response response = exchange(post(header, "{}"));

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.text()).isEqualTo(NOT_FOUND);
    assertThat(response.header("x-amz-crc32")).isEqualTo("3552371480");
    assertThat(response.header("x-amzn-RequestId")).hasSize(52);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "PATCH", "OPTIONS", "BREW"})
  void findsNothingForOtherMethods(String method) throws Exception {
    Response response = exchange(method + " / HTTP/1.1\r\nHost: h\r\n\r\n");

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.text()).isEqualTo(NOT_FOUND);
  }

  @Test
  void saysThatItIsHealthy() throws Exception {
    Response response = exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo("healthy: dynamodb.us-west-2.amazonaws.com ");
    assertThat(response.header("x-amz-crc32")).isEqualTo("" + crc(response.body()));
    assertThat(exchange("GET /?x HTTP/1.1\r\n\r\n").status()).isEqualTo(200);
    assertThat(exchange("GET /other HTTP/1.1\r\n\r\n").status()).isEqualTo(404);
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send("HEAD / HTTP/1.1\r\n\r\nHEAD /x HTTP/1.1\r\n\r\n" + request("Echo", "{}"));
      assertThat(client.readHead().status()).isEqualTo(200);
      assertThat(client.readHead().status()).isEqualTo(404);
      assertThat(client.read().text()).isEqualTo("{}");
    }
  }

  // ---- browsers

  @Test
  void letsBrowsersIn() throws Exception {
    Response response = exchange(post("Origin: http://x\r\n", ""));
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("*");

    Response preflight =
        exchange(
            """
            OPTIONS / HTTP/1.1
            Origin: http://x
            Access-Control-Request-Headers: a, b
            Access-Control-Request-Method: POST

            """
                .replace("\n", "\r\n"));
    assertThat(preflight.status()).isEqualTo(200);
    assertThat(preflight.body()).isEmpty();
    assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("a, b");
    assertThat(preflight.header("Access-Control-Allow-Methods")).isEqualTo("POST");
    assertThat(preflight.header("Access-Control-Max-Age")).isEqualTo("172800");

    Response bare = exchange("OPTIONS / HTTP/1.1\r\nOrigin: http://x\r\n\r\n");
    assertThat(bare.status()).isEqualTo(200);
    assertThat(bare.header("Access-Control-Allow-Headers")).isNull();
  }

  // ---- the order of the checks

  @Test
  void parsesTheBodyBeforeAnythingElse() throws Exception {
    String json = "Content-Type: application/json\r\n";
    assertThat(exchange(post(json, "{")).text()).isEqualTo(SERIALIZATION);
    assertThat(exchange(post(json, "{}")).text()).isEqualTo(UNKNOWN);
    assertThat(exchange(post("", "")).text()).isEqualTo(UNKNOWN);
    assertThat(exchange(post(json + "X-Amz-Target: DynamoDB_20120810.Echo\r\n", "{}")).text())
        .contains("MissingAuthenticationTokenException");
    assertThat(exchange(request("Echo", "")).text()).isEqualTo(SERIALIZATION);
    assertThat(exchange(request("Echo", "[]")).text()).isEqualTo(SERIALIZATION);
    assertThat(exchange(request("Nope", "{}")).text()).isEqualTo(UNKNOWN);
  }

  @Test
  void doesNotCareAboutThePath() throws Exception {
    Response response = exchange(request("Echo", "{}").replace("POST / ", "POST /some/path?x=y "));
    assertThat(response.text()).isEqualTo("{}");
  }

  // ---- connections

  @Test
  void keepsConnectionsAndClosesThemWhenAsked() throws Exception {
    try (RawClient client = edge.connect()) {
      for (int i = 0; i < 3; i++) {
        client.send(request("Echo", "{\"Text\":\"" + i + "\"}"));
        assertThat(client.read().text()).isEqualTo("{\"Text\":\"" + i + "\"}");
      }
      client.send(lastRequest("Echo", "{}"));
      assertThat(client.read().header("Connection")).isEqualTo("close");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void speaksToOldClients() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertThat(client.read().header("Connection")).isEqualTo("keep-alive");
      client.send("GET / HTTP/1.0\r\n\r\n");
      assertThat(client.read().header("Connection")).isEqualTo("close");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void answersAClientThatHasStoppedSending() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(request("Wait", "{\"Text\":\"a\"}"));
      client.shutdownOutput();
      edge.nextWaiting().release();
      assertThat(client.read().text()).isEqualTo("{\"Text\":\"a\"}");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(
          request("Wait", "{\"Text\":\"1\"}")
              + request("Echo", "{\"Text\":\"2\"}")
              + request("Wait", "{\"Text\":\"3\"}")
              + request("Nope", "{}")
              + "GET / HTTP/1.1\r\n\r\n");
      EdgeFixture.Waiting first = edge.nextWaiting();
      EdgeFixture.Waiting third = edge.nextWaiting();
      third.release();
      first.release();

      assertThat(client.read().text()).isEqualTo("{\"Text\":\"1\"}");
      assertThat(client.read().text()).isEqualTo("{\"Text\":\"2\"}");
      assertThat(client.read().text()).isEqualTo("{\"Text\":\"3\"}");
      assertThat(client.read().text()).isEqualTo(UNKNOWN);
      assertThat(client.read().text()).startsWith("healthy");
    }
  }

  @Test
  void answersManyPipelinedRequestsWhoseAnswersAreLarge() throws Exception {
    int count = 200;
    try (RawClient client = edge.connect()) {
      Thread sender =
          Thread.startVirtualThread(
              () -> {
                try {
                  client.send(request("Large", "{\"Text\":\"100000\"}").repeat(count));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      for (int i = 0; i < count; i++) {
        assertThat(client.read().body()).hasSize(100_000 + "{\"Text\":\"\"}".length());
      }
      sender.join();
    }
  }

  @Test
  void takesRequestsByteByByte() throws Exception {
    try (RawClient client = edge.connect()) {
      byte[] bytes =
          ("\r\n" + request("Echo", "{\"Text\":\"slow\"}")).getBytes(StandardCharsets.ISO_8859_1);
      for (byte b : bytes) {
        client.send(new byte[] {b});
      }
      assertThat(client.read().text()).isEqualTo("{\"Text\":\"slow\"}");
    }
  }

  // ---- bodies

  @Test
  void takesChunkedBodies() throws Exception {
    try (RawClient client = edge.connect()) {
      String head = "POST / HTTP/1.1\r\n" + headers("Echo") + "Transfer-Encoding: chunked\r\n\r\n";
      client.send(
          head
              + "3\r\n{\"T\r\n9;ext=1\r\next\":\"abc\r\n000a \r\ndefghij\"} \r\n0\r\nTrailer: x\r\n"
              + "\r\n"
              + request("Echo", "{}"));
      assertThat(client.read().text()).isEqualTo("{\"Text\":\"abcdefghij\"}");
      assertThat(client.read().text()).isEqualTo("{}");
    }
  }

  @Test
  void takesChunkedBodiesByteByByte() throws Exception {
    try (RawClient client = edge.connect()) {
      String request =
          "POST / HTTP/1.1\r\n"
              + headers("Echo")
              + "Transfer-Encoding: chunked\r\n\r\n"
              + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
      for (byte b : request.getBytes(StandardCharsets.ISO_8859_1)) {
        client.send(new byte[] {b});
      }
      assertThat(client.read().text()).isEqualTo("{}");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\n",
        "\r\n",
        "-1\r\n",
        "fffffffff\r\n",
        "1\n",
        "1\r\n{x",
        "1;\n",
        "1\r\n{\r\n0\r\nX\r\r",
        "0\r\n\rx"
      })
  void refusesBrokenChunks(String chunks) throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(
          "POST / HTTP/1.1\r\n" + headers("Echo") + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
      Response response = client.read();
      assertThat(response.status()).isEqualTo(400);
      assertThat(response.body()).isEmpty();
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void asksForTheBodyWhenTheClientWaits() throws Exception {
    String body = "{\"Text\":\"x\"}";
    String head =
        "POST / HTTP/1.1\r\n"
            + headers("Echo")
            + "Expect: 100-continue\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n";
    try (RawClient client = edge.connect()) {
      client.send(head);
      assertThat(client.read().status()).isEqualTo(100);
      client.send(body);
      assertThat(client.read().text()).isEqualTo(body);
      // Not when the body comes without waiting.
      client.send(head + body);
      assertThat(client.read().text()).isEqualTo(body);
    }
    assertThat(exchange(head.replace("100-continue", "cake")).status()).isEqualTo(417);
  }

  @Test
  void takesSixteenMegabytesAndNotOneByteMore() throws Exception {
    int limit = 16 << 20;
    String frame = "{\"Ignored\":\"\"}";
    String body = "{\"Ignored\":\"" + "x".repeat(limit - frame.length()) + "\"}";
    try (RawClient client = edge.connect()) {
      client.send(request("Echo", body));
      assertThat(client.read().text()).isEqualTo("{}");
      client.send(request("Echo", body + " "));
      Response response = client.read();
      assertThat(response.status()).isEqualTo(413);
      assertThat(response.body()).isEmpty();
      assertThat(response.header("Connection")).isEqualTo("close");
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(edge.server().bufferedBytes()).isZero();
  }

  @Test
  void refusesAnnouncedBodiesThatAreTooLargeBeforeTheyCome() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(
          "POST / HTTP/1.1\r\n"
              + headers("Echo")
              + "Expect: 100-continue\r\nContent-Length: 16777217\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(413);
    }
  }

  @Test
  void refusesChunkedBodiesThatGrowTooLarge() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send("POST / HTTP/1.1\r\n" + headers("Echo") + "Transfer-Encoding: chunked\r\n\r\n");
      byte[] chunk =
          ("1000000\r\n" + "x".repeat(1 << 24) + "\r\n").getBytes(StandardCharsets.UTF_8);
      client.send(chunk);
      client.send("1\r\n");
      assertThat(client.read().status()).isEqualTo(413);
    }
  }

  // ---- what is no HTTP

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nonsense                                                            | 400
          GET / HTTP/2.0                                                      | 505
          POST / HTTP/1.1~Content-Length: 1~Content-Length: 2                 | 400
          POST / HTTP/1.1~Content-Length: 1~Transfer-Encoding: chunked        | 400
          POST / HTTP/1.1~Transfer-Encoding: gzip                             | 501
          """)
  void refusesBrokenRequestsAndEndsTheConnection(String head, int status) throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(request("Echo", "{}") + head.replace("~", "\r\n") + "\r\n\r\n{}");
      assertThat(client.read().status()).isEqualTo(200);
      Response response = client.read();
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.body()).isEmpty();
      assertThat(response.header("Connection")).isEqualTo("close");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void refusesATlsGreetingAtOnce() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3});
      assertThat(client.read().status()).isEqualTo(400);
    }
  }

  @Test
  void refusesHeadsThatDoNotEnd() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send("GET / HTTP/1.1\r\nX: " + "y".repeat(Connection.HEAD_BYTES_MAX));
      assertThat(client.read().status()).isEqualTo(431);
    }
    String large = "GET / HTTP/1.1\r\nX: " + "y".repeat(Connection.HEAD_BYTES_MAX) + "\r\n\r\n";
    assertThat(exchange(large).status()).isEqualTo(431);
    String allowed = "GET / HTTP/1.1\r\nX: " + "y".repeat(20_000) + "\r\n\r\n";
    assertThat(exchange(allowed).status()).isEqualTo(200);
  }

  // ---- a real client

  @Test
  void servesTheJdksClient() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder builder =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + edge.server().address().getPort() + "/"))
              .expectContinue(true);
      for (String line : headers("Echo").split("\r\n", -1)) {
        if (!line.isEmpty() && !line.startsWith("Host:")) {
          builder.header(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(' ')));
        }
      }
      String item = "{\"Item\":{\"pk\":{\"S\":\"a\"},\"n\":{\"N\":\"1.50\"}}}";
      for (String body : List.of("{}", item, "{\"Text\":\"" + "z".repeat(300_000) + "\"}")) {
        HttpResponse<String> response =
            client.send(
                builder.POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(body.replace("1.50", "1.5"));
      }
    }
  }

  @Test
  void saysWhenThePortIsTaken() {
    HttpServerConfig taken =
        HttpServerConfig.of("127.0.0.1", edge.server().address().getPort(), "r");

    assertThatThrownBy(() -> EdgeFixture.start(taken).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on 127.0.0.1:");
  }
}
