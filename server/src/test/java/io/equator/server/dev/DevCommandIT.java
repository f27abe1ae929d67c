package io.equator.server.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.server.HttpCall;
import io.equator.server.SigV4;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code equator dev} from outside: what it says, what it refuses, what is left of it. */
class DevCommandIT {

  private static final String TABLE =
      "{\"TableName\":\"Kept\",\"BillingMode\":\"PAY_PER_REQUEST\",\"AttributeDefinitions\":"
          + "[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}],"
          + "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}]}";

  @TempDir private Path temporary;

  @Test
  void greetsKeepsItsDataAndEndsWithZero() throws Exception {
    Path data = temporary.resolve("data");
    try (DevProcess first = DevProcess.start("--port", "0", "--data", data.toString())) {
      String url = first.awaitReady();
      assertThat(first.output())
          .contains("region    us-west-2")
          .contains("data      " + data.toAbsolutePath())
          .contains("any credentials are accepted")
          .contains("aws dynamodb list-tables --endpoint-url " + url + " --region us-west-2")
          .containsPattern("Ready: ListTables answered [0-9]+\\.[0-9]{2} s after the start");
      assertThat(call(url, "CreateTable", TABLE)).contains("\"TableName\":\"Kept\"");
      long begun = System.nanoTime();
      assertThat(first.stop()).isZero();
      // Two seconds are promised; a machine that is busy with other tests gets more.
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      assertThat(first.output()).endsWith("Stopped.");
    }
    try (DevProcess second = DevProcess.start("--port", "0", "--data", data.toString())) {
      assertThat(call(second.awaitReady(), "ListTables", "{}"))
          .isEqualTo("{\"TableNames\":[\"Kept\"]}");
    }
  }

  @Test
  void inMemoryLeavesNothingBehind() throws Exception {
    try (DevProcess process = inMemory()) {
      process.awaitReady();
      assertThat(process.output()).contains("in memory, gone at the end");
      assertThat(process.stop()).isZero();
    }
    assertThat(temporary).isEmptyDirectory();
  }

  /** The stop waits for the start, so that it can put away what the start has made. */
  @Test
  void aStopInTheMiddleOfTheStartLeavesNothingBehind() throws Exception {
    try (WatchService watch = temporary.getFileSystem().newWatchService()) {
      temporary.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      try (DevProcess process = inMemory()) {
        assertThat(watch.poll(60, TimeUnit.SECONDS)).as(process.output()).isNotNull();
        assertThat(process.stop()).as(process.output()).isZero();
        assertThat(process.output()).endsWith("Stopped.");
      }
    }
    assertThat(temporary).isEmptyDirectory();
  }

  /** With a temporary folder that no other process uses. */
  private DevProcess inMemory() throws IOException {
    return DevProcess.start(List.of("-Djava.io.tmpdir=" + temporary), "--port", "0", "--in-memory");
  }

  @Test
  void threeNodesComeBackOnTheirPorts() throws Exception {
    String data = temporary.resolve("three").toString();
    try (DevProcess first = DevProcess.start("--port", "0", "--nodes", "3", "--data", data)) {
      assertThat(call(first.awaitReady(), "CreateTable", TABLE)).contains("CREATING");
      first.kill();
    }
    String ports = Files.readString(Path.of(data, "cluster.properties"));
    try (DevProcess second = DevProcess.start("--port", "0", "--data", data)) {
      assertThat(call(second.awaitReady(), "ListTables", "{}")).contains("Kept");
      assertThat(second.output()).contains("3 nodes that replicate, 1 partition");
    }
    assertThat(Files.readString(Path.of(data, "cluster.properties"))).isEqualTo(ports);
  }

  @Test
  void servesHttpsWithACertificateOfItsOwn() throws Exception {
    try (DevProcess process =
        DevProcess.start("--port", "0", "--data", temporary.resolve("tls").toString(), "--tls")) {
      assertThat(process.awaitReady()).startsWith("https://localhost:");
    }
  }

  @Test
  void aPortThatIsTakenIsOneSentence() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
      refuses(
          "equator: port " + taken.getLocalPort() + " at localhost cannot be listened at (",
          "--port",
          Integer.toString(taken.getLocalPort()),
          "--data",
          temporary.resolve("port").toString());
    }
  }

  @Test
  void aFolderInUseIsOneSentence() throws Exception {
    Path data = temporary.resolve("used");
    try (DevProcess first = DevProcess.start("--port", "0", "--data", data.toString())) {
      first.awaitReady();
      refuses(
          "equator: the data folder "
              + data.toAbsolutePath()
              + " is in use by process "
              + first.pid()
              + "; stop it, or choose another folder with --data.",
          "--port",
          "0",
          "--data",
          data.toString());
    }
  }

  @Test
  void aFolderOfANewerVersionIsOneSentence() throws Exception {
    Files.writeString(
        temporary.resolve("cluster.properties"), "format=999\nversion=9.0\nnodes=1\n");
    refuses(
        "equator: the data folder "
            + temporary.toAbsolutePath()
            + " was written by a newer version of Equator (9.0, format 999; this one reads up to"
            + " format 1); use that version, or choose another folder with --data.",
        "--port",
        "0",
        "--data",
        temporary.toString());
  }

  @Test
  void aFolderOfAnotherShapeIsOneSentence() throws Exception {
    Files.writeString(
        temporary.resolve("cluster.properties"),
        "format=1\nversion=x\nregion=local\nnodes=1\npartitions=1\n");
    refuses(
        "equator: the data folder "
            + temporary.toAbsolutePath()
            + " was made with --nodes 1, not 3; leave the option out, or choose another folder"
            + " with --data.",
        "--port",
        "0",
        "--nodes",
        "3",
        "--data",
        temporary.toString());
  }

  private static void refuses(String sentence, String... arguments) throws Exception {
    try (DevProcess process = DevProcess.start(arguments)) {
      assertThat(process.awaitExit()).as(process.output()).isEqualTo(1);
      assertThat(process.output()).startsWith(sentence).hasLineCount(1);
    }
  }

  private static String call(String url, String operation, String body) throws IOException {
    URI uri = URI.create(url);
    HttpCall.Answer answer =
        new HttpCall(
                Socket::new,
                new InetSocketAddress(uri.getHost(), uri.getPort()),
                SigV4.unsigned("us-west-2", InstantSource.system()),
                Duration.ofSeconds(30))
            .post(operation, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
