package io.equator.server.dev;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * One client that sends requests of every kind over sockets of its own, most of them good, many
 * bad, and some broken off in the middle.
 */
final class MixedRequests {

  private static final String TABLE = "Mixed";
  private static final int ITEMS = 200;
  private static final String ITEM =
      "{\"pk\":{\"S\":\"%s\"},\"n\":{\"N\":\"%d\"},\"text\":{\"S\":\"%s\"}}";
  private static final String KEY = "{\"pk\":{\"S\":\"%s\"}}";

  private final InetSocketAddress address;
  private final SplittableRandom random;

  MixedRequests(InetSocketAddress address, int client) {
    this.address = address;
    this.random = new SplittableRandom(client);
  }

  /** Makes the table and waits until it is there. */
  void createTable() throws IOException {
    try (Connection connection = new Connection()) {
      connection.exchange(
          post(
              "CreateTable",
              "{\"TableName\":\"Mixed\",\"BillingMode\":\"PAY_PER_REQUEST\","
                  + "\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}],"
                  + "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}]}"));
      for (int i = 0; i < 1000; i++) {
        if (connection
            .exchange(post("DescribeTable", "{\"TableName\":\"Mixed\"}"))
            .contains("\"ACTIVE\"")) {
          return;
        }
      }
    }
    throw new IOException("the table does not become active");
  }

  /**
   * Sends this many, one after the other, over a new connection every few hundred.
   *
   * @return how many were answered
   */
  long send(int count) throws IOException {
    long answered = 0;
    while (answered < count) {
      try (Connection connection = new Connection()) {
        long end = Math.min(count, answered + 100 + random.nextInt(400));
        while (answered < end) {
          byte[] request = request();
          connection.exchange(request);
          answered++;
        }
        if (random.nextBoolean()) {
          connection.breakOff(request());
        }
      }
    }
    return answered;
  }

  private byte[] request() {
    String key = "key-" + random.nextInt(ITEMS);
    int number = random.nextInt(1000);
    return switch (random.nextInt(24)) {
      case 0, 1, 2, 3, 4 ->
          onTable("PutItem", "\"Item\":" + ITEM.formatted(key, number, "x".repeat(number)));
      case 5, 6, 7, 8, 9 -> onTable("GetItem", "\"Key\":" + KEY.formatted(key));
      case 10 ->
          onTable(
              "UpdateItem",
              "\"Key\":"
                  + KEY.formatted(key)
                  + ",\"UpdateExpression\":\"SET n = n + :one\",\"ConditionExpression\":\"n <"
                  + " :max\","
                  + "\"ExpressionAttributeValues\":{\":one\":{\"N\":\"1\"},\":max\":{\"N\":\"500\"}}");
      case 11 ->
          onTable("DeleteItem", "\"ReturnValues\":\"ALL_OLD\",\"Key\":" + KEY.formatted(key));
      case 12 ->
          onTable(
              "Query",
              "\"KeyConditionExpression\":\"pk = :p\",\"ConsistentRead\":true,"
                  + "\"ExpressionAttributeValues\":{\":p\":{\"S\":\""
                  + key
                  + "\"}}");
      case 13 -> onTable("Scan", "\"Limit\":7");
      case 14 ->
          post(
              "BatchGetItem",
              "{\"RequestItems\":{\"Mixed\":{\"Keys\":[" + KEY.formatted(key) + "]}}}");
      case 15 ->
          post(
              "BatchWriteItem",
              "{\"RequestItems\":{\"Mixed\":[{\"PutRequest\":{\"Item\":"
                  + ITEM.formatted(key, number, "batch")
                  + "}}]}}");
      case 16 ->
          post(
              "TransactWriteItems",
              "{\"TransactItems\":[{\"Put\":{\"TableName\":\"Mixed\",\"Item\":"
                  + ITEM.formatted(key, number, "transaction")
                  + "}}]}");
      // From here on, bad ones.
      case 17 -> onTable("PutItem", "\"Item\":{\"other\":{\"S\":\"no key\"}}");
      case 18 -> onTable("GetItem", "\"Key\":{\"pk\":{\"N\":\"1\"}}");
      case 19 -> post("GetItem", "{\"TableName\":\"Absent\",\"Key\":" + KEY.formatted(key) + "}");
      case 20 -> post("PutItem", "{\"TableName\":\"Mixed\",\"Item\":{\"pk\":");
      case 21 -> post("NoSuchOperation", "{}");
      case 22 -> onTable("Scan", "\"FilterExpression\":\"n >\"");
      default -> onTable("UpdateItem", "\"Key\":" + KEY.formatted(key) + ",\"UpdateExpression\":7");
    };
  }

  private static byte[] onTable(String operation, String members) {
    return post(operation, "{\"TableName\":\"" + TABLE + "\"," + members + "}");
  }

  private static byte[] post(String operation, String body) {
    return ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n"
            + "Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-west-2/dynamodb/"
            + "aws4_request, SignedHeaders=host, Signature=00\r\n"
            + "X-Amz-Date: 20260101T000000Z\r\n"
            + "X-Amz-Target: DynamoDB_20120810."
            + operation
            + "\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** One connection to the endpoint. */
  private final class Connection implements AutoCloseable {

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;

    Connection() throws IOException {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(30_000);
      socket.connect(address);
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    }

    /** Sends a request and reads its answer, whatever it is. */
    String exchange(byte[] request) throws IOException {
      out.write(request);
      String status = line();
      int length = 0;
      for (String line = line(); !line.isEmpty(); line = line()) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring("content-length:".length()).strip());
        }
      }
      byte[] body = in.readNBytes(length);
      String answer = new String(body, StandardCharsets.UTF_8);
      if (body.length < length || !(status.contains(" 200 ") || status.contains(" 400 "))) {
        throw new IOException(status + " " + answer);
      }
      return answer;
    }

    /** Sends a part of a request, or all of it, and does not wait for the answer. */
    void breakOff(byte[] request) throws IOException {
      out.write(Arrays.copyOf(request, 1 + random.nextInt(request.length)));
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new EOFException("the connection ended after: " + line);
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
