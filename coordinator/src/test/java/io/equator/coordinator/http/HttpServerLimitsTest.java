package io.equator.coordinator.http;

import static io.equator.coordinator.http.EdgeFixture.SMALL;
import static io.equator.coordinator.http.EdgeFixture.headers;
import static io.equator.coordinator.http.EdgeFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.http.RawClient.Response;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each limit from both sides: what is beyond is refused in words, or ended, never left hanging. */
@Timeout(60)
class HttpServerLimitsTest {
  private EdgeFixture edge;

  @BeforeEach
  void start() throws IOException {
    edge = EdgeFixture.start(SMALL);
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  @Test
  void closesConnectionsThatAreIdle() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(request("Echo", "{}"));
      assertThat(client.read().status()).isEqualTo(200);
      assertThat(client.atEnd()).isTrue();
    }
    Await.until("no connection is open", () -> edge.server().connectionCount() == 0);
  }

  @Test
  void doesNotCallAConnectionIdleThatWaitsForItsAnswer() throws Exception {
    try (RawClient client = edge.connect();
        RawClient idle = edge.connect()) {
      client.send(request("Wait", "{\"Text\":\"x\"}"));
      EdgeFixture.Waiting waiting = edge.nextWaiting();
      assertThat(idle.atEnd()).isTrue();
      waiting.release();
      assertThat(client.read().status()).isEqualTo(200);
    }
  }

  @Test
  void endsRequestsThatDoNotArrive() throws Exception {
    for (String begun :
        List.of(
            "POST / HT",
            "POST / HTTP/1.1\r\n" + headers("Echo") + "Content-Length: 9\r\n\r\n{",
            "POST / HTTP/1.1\r\n" + headers("Echo") + "Transfer-Encoding: chunked\r\n\r\n2\r\n{")) {
      try (RawClient client = edge.connect()) {
        client.send(begun);
        Response response = client.read();
        assertThat(response.status()).isEqualTo(408);
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(client.atEnd()).isTrue();
      }
    }
    assertThat(edge.server().bufferedBytes()).isZero();
  }

  @Test
  void endsConnectionsThatDoNotTakeTheirAnswers() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(request("Large", "{\"Text\":\"4000000\"}").repeat(8));
      Await.until("a connection is open", () -> edge.server().connectionCount() == 1);
      Await.until("no connection is open", () -> edge.server().connectionCount() == 0);
    }
  }

  @Test
  void turnsAwayConnectionsThatAreTooMany() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < SMALL.connectionsMax(); i++) {
        clients.add(edge.connect());
        clients.getLast().send(request("Wait", "{\"Text\":\"x\"}"));
      }
      Await.until(
          "as many requests wait as connections may be",
          () -> edge.waitingCount() == SMALL.connectionsMax());

      try (RawClient beyond = edge.connect()) {
        Response response = beyond.read();
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.text())
            .startsWith("{\"__type\":\"com.amazon.coral.service#ServiceUnavailableException\"");
        assertThat(beyond.atEnd()).isTrue();
      }
      for (int i = 0; i < SMALL.connectionsMax(); i++) {
        edge.nextWaiting().release();
      }
      for (RawClient client : clients) {
        assertThat(client.read().status()).isEqualTo(200);
      }
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
    Await.until("no connection is open", () -> edge.server().connectionCount() == 0);
    try (RawClient client = edge.connect()) {
      client.send(request("Echo", "{}"));
      assertThat(client.read().status()).isEqualTo(200);
    }
  }

  @Test
  void runsAtMostSoManyRequestsOfOneConnection() throws Exception {
    int beyond = 3;
    int count = SMALL.pipelinedMax() + beyond;
    try (RawClient client = edge.connect()) {
      client.send(request("Wait", "{\"Text\":\"x\"}").repeat(count));
      Await.until(
          "as many requests wait as may be pipelined",
          () -> edge.waitingCount() == SMALL.pipelinedMax());
      for (int i = 0; i < count; i++) {
        edge.nextWaiting().release();
        assertThat(client.read().text()).isEqualTo("{\"Text\":\"x\"}");
      }
      assertThat(edge.waitingCount()).isZero();
    }
  }

  @Test
  void holdsOnlySoManyBytesOfUnfinishedBodies() throws Exception {
    // Four bodies of nearly 64 KB fit into 256 KB, the fifth does not.
    int length = SMALL.bodyBytesMax() - 1;
    String begun =
        "POST / HTTP/1.1\r\n"
            + headers("Echo")
            + "Content-Length: "
            + length
            + "\r\n\r\n"
            + " ".repeat(length - 1);
    List<RawClient> clients = new ArrayList<>();
    try {
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        clients.add(edge.connect());
        clients.getLast().send(begun);
      }
      for (RawClient client : clients) {
        statuses.add(client.read().status());
      }
      // Those that fit are ended by their own time limit.
      assertThat(statuses).containsOnly(503, 408).contains(503, 408);
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
    Await.until("nothing is buffered", () -> edge.server().bufferedBytes() == 0);
  }

  @Test
  void finishesWhatHasBegunWhenItIsClosed() throws Exception {
    try (RawClient busy = edge.connect();
        RawClient idle = edge.connect()) {
      idle.send(request("Echo", "{}"));
      assertThat(idle.read().status()).isEqualTo(200);
      busy.send(request("Wait", "{\"Text\":\"x\"}"));
      EdgeFixture.Waiting waiting = edge.nextWaiting();

      Thread closing = Thread.startVirtualThread(() -> edge.close());
      assertThat(idle.atEnd()).isTrue();
      waiting.release();
      assertThat(busy.read().status()).isEqualTo(200);
      assertThat(busy.atEnd()).isTrue();
      closing.join();
    }
  }

  @Test
  void cutsWhatDoesNotFinishWithinASecond() throws Exception {
    try (RawClient client = edge.connect()) {
      client.send(request("Wait", "{\"Text\":\"x\"}"));
      EdgeFixture.Waiting waiting = edge.nextWaiting();
      int port = edge.server().address().getPort();
      long start = System.nanoTime();
      edge.close();
      assertThat(System.nanoTime() - start).isLessThan(1_500_000_000L);
      assertThat(ended(client)).isTrue();
      // An answer that comes now is dropped, and nothing breaks.
      waiting.release();
      assertThat(edge.frame().inFlight()).isZero();
      assertThat(refuses(port)).isTrue();
    }
  }

  private static boolean ended(RawClient client) throws IOException {
    try {
      return client.atEnd();
    } catch (SocketException _) {
      return true;
    }
  }

  private static boolean refuses(int port) throws IOException {
    try (RawClient client = new RawClient(new Socket(InetAddress.getLoopbackAddress(), port))) {
      return client.atEnd();
    } catch (ConnectException _) {
      return true;
    }
  }

  @Test
  void alsoRunsWithoutTheNativeTransport() throws Exception {
    HttpServerConfig plain =
        new HttpServerConfig(
            SMALL.host(),
            0,
            SMALL.region(),
            1,
            SMALL.connectionsMax(),
            SMALL.pipelinedMax(),
            SMALL.bodyBytesMax(),
            SMALL.bufferedBytesMax(),
            SMALL.idleTimeout(),
            SMALL.requestTimeout(),
            SMALL.shutdownTimeout(),
            false,
            null);
    try (EdgeFixture other = EdgeFixture.start(plain);
        RawClient client = other.connect()) {
      client.send(request("Echo", "{}").repeat(3));
      for (int i = 0; i < 3; i++) {
        assertThat(client.read().status()).isEqualTo(200);
      }
      client.send("nonsense\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(400);
      assertThat(client.atEnd()).isTrue();
    }
  }
}
