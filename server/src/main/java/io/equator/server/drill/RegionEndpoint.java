package io.equator.server.drill;

import io.equator.server.HttpCall;
import io.equator.server.HttpCall.Answer;
import io.equator.server.RequestSigner;
import io.equator.server.SigV4;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;

/** A region as the drill's application reaches it. */
final class RegionEndpoint {
  /** An application that is to be back soon does not wait longer for an answer. */
  private static final Duration HASTE = Duration.ofSeconds(2);

  /** The drill itself, when it makes the table and compares, has time. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String region;
  private final String table;
  private final HttpCall hasty;
  private final HttpCall patient;

  /** A region of the drill's own, where any credentials will do. */
  RegionEndpoint(String region, InetSocketAddress address, String table) {
    this(region, address, table, SigV4.unsigned(region, InstantSource.system()));
  }

  /** A region whose requests are signed. */
  RegionEndpoint(String region, InetSocketAddress address, String table, RequestSigner signer) {
    this.region = region;
    this.table = table;
    this.hasty = new HttpCall(Socket::new, address, signer, HASTE);
    this.patient = new HttpCall(Socket::new, address, signer, PATIENCE);
  }

  String region() {
    return region;
  }

  /**
   * Asks for an operation.
   *
   * @throws IOException when there is no answer, or one that is not a success
   */
  String ask(String operation, String body) throws IOException {
    return ask(patient, operation, body);
  }

  private static String ask(HttpCall http, String operation, String body) throws IOException {
    Answer answer = http.post(operation, body);
    if (answer.status() != 200) {
      throw new IOException(operation + ": " + answer.status() + " " + answer.body());
    }
    return answer.body();
  }

  void put(String id, String value) throws IOException {
    String unused =
        ask(
            hasty,
            "PutItem",
            "{\"TableName\":\""
                + table
                + "\",\"Item\":{\"id\":{\"S\":\""
                + id
                + "\"},\"v\":{\"S\":\""
                + value
                + "\"}}}");
    if (unused.isEmpty()) {
      throw new IOException("an empty answer");
    }
  }

  /** The item as JSON text; {@code {}} when there is none. */
  String get(String id) throws IOException {
    return ask(patient, "GetItem", key(id));
  }

  /** The same for the application, which does not wait long. */
  String getSoon(String id) throws IOException {
    return ask(hasty, "GetItem", key(id));
  }

  private String key(String id) {
    return "{\"TableName\":\""
        + table
        + "\",\"ConsistentRead\":true,\"Key\":{\"id\":{\"S\":\""
        + id
        + "\"}}}";
  }

  boolean has(String id) throws IOException {
    return get(id).contains("\"Item\"");
  }
}
