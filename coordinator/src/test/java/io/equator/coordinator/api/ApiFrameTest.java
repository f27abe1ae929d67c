package io.equator.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order of the checks, and what becomes of each outcome. */
class ApiFrameTest {
  private static final RequestId ID = new RequestId(1, 2, 3, 4);
  private static final HeadOf UNSIGNED = new HeadOf(Map.of(), "");

  private final List<String> observed = new ArrayList<>();
  private final List<ApiReply> replies = new ArrayList<>();

  private record Named(String name, Function<ApiCall, CompletableFuture<ReplyBody>> body)
      implements Operation {
    @Override
    public CompletableFuture<ReplyBody> run(ApiCall call) {
      return body.apply(call);
    }
  }

  private ApiFrame frame(Function<ApiCall, CompletableFuture<ReplyBody>> body, int inFlightMax) {
    return new ApiFrame(
        OperationTable.of(
            List.of(new Named("Op", body), new DescribeEndpoints("nowhere"), new DescribeLimits())),
        new AnyCredentials("000000000000"),
        request ->
            observed.add(request.operation() + " " + request.table() + " " + request.error()),
        inFlightMax);
  }

  private static CompletableFuture<ReplyBody> parseOnly(ApiCall call) {
    call.parse(NoMembers.READER);
    return CompletableFuture.completedFuture(ReplyBody.EMPTY);
  }

  private void handle(ApiFrame frame, String target, RequestHead head, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    frame.handle(target, head, bytes, 0, bytes.length, ID, replies::add);
  }

  private String lastReply() {
    ApiReply reply = replies.getLast();
    WireWriter out = new WireWriter();
    int status = ApiFrame.write(reply, ID, out);
    return status + " " + out;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          DynamoDB_20120810.Op | true  | {}      | 200 {}
          DynamoDB_20120810.Op | true  | {"a":1} | 200 {}
          DynamoDB_20120810.Op | true  | ''      | 400 {"__type":"com.amazon.coral.service#SerializationException"}
          DynamoDB_20120810.Op | true  | {       | 400 {"__type":"com.amazon.coral.service#SerializationException"}
          DynamoDB_20120810.Op | false | {       | 400 {"__type":"com.amazon.coral.service#SerializationException"}
          DynamoDB_20120810.Op | false | {}      | 400 {"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}
          DynamoDB_20120810.Op | false | ''      | 400 {"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}
          DynamoDB_20120810.No | false | {       | 400 {"__type":"com.amazon.coral.service#SerializationException"}
          DynamoDB_20120810.No | false | {}      | 400 {"__type":"com.amazon.coral.service#UnknownOperationException"}
          DynamoDB_20120810.No | true  | ''      | 400 {"__type":"com.amazon.coral.service#UnknownOperationException"}
          DynamoDB_20111205.Op | true  | {}      | 400 {"__type":"com.amazon.coral.service#UnknownOperationException"}
          ''                   | true  | {}      | 400 {"__type":"com.amazon.coral.service#UnknownOperationException"}
          """)
  void checksInTheServicesOrder(String target, boolean signed, String body, String expected) {
    handle(frame(ApiFrameTest::parseOnly, 9), target, signed ? HeadOf.signed() : UNSIGNED, body);

    assertThat(replies).hasSize(1);
    assertThat(lastReply()).isEqualTo(expected);
  }

  private void run(ApiFrame frame) {
    handle(frame, "DynamoDB_20120810.Op", HeadOf.signed(), "{}");
  }

  @Test
  void tellsErrorsThrownAndErrorsOfTheFuture() {
    ApiError error =
        new ApiError(
            ErrorCode.CONDITIONAL_CHECK_FAILED,
            "The conditional request failed",
            EncodedItem.of(Map.of("pk", new AttributeValue.S("a"))));
    String expected =
        "400 {\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\","
            + "\"message\":\"The conditional request failed\",\"Item\":{\"pk\":{\"S\":\"a\"}}}";

    run(
        frame(
            _ -> {
              throw new ApiException(error);
            },
            9));
    assertThat(lastReply()).isEqualTo(expected);
    run(frame(_ -> CompletableFuture.failedFuture(new ApiException(error)), 9));
    assertThat(lastReply()).isEqualTo(expected);
    CompletableFuture<ReplyBody> later = new CompletableFuture<>();
    run(frame(_ -> later.thenApply(body -> body), 9));
    assertThat(replies).hasSize(2);
    later.completeExceptionally(new ApiException(error));
    assertThat(lastReply()).isEqualTo(expected);
    assertThat(observed)
        .containsExactly(
            "Op null CONDITIONAL_CHECK_FAILED",
            "Op null CONDITIONAL_CHECK_FAILED",
            "Op null CONDITIONAL_CHECK_FAILED");
  }

  @Test
  void makesAnInternalErrorOfWhatNobodyForesaw() {
    String expected =
        "500 {\"__type\":\"com.amazonaws.dynamodb.v20120810#InternalServerError\","
            + "\"message\":\"Internal server error\"}";

    run(
        frame(
            _ -> {
              throw new IllegalStateException("a bug");
            },
            9));
    assertThat(lastReply()).isEqualTo(expected);
    run(frame(_ -> CompletableFuture.failedFuture(new IllegalStateException("a bug")), 9));
    assertThat(lastReply()).isEqualTo(expected);
    run(
        frame(
            _ ->
                CompletableFuture.completedFuture(
                    out -> {
                      out.beginObject();
                      throw new IllegalStateException("a bug");
                    }),
            9));
    assertThat(lastReply()).isEqualTo(expected);
  }

  @Test
  void refusesMoreThanItHolds() {
    List<CompletableFuture<ReplyBody>> running = new ArrayList<>();
    ApiFrame frame =
        frame(
            _ -> {
              running.add(new CompletableFuture<>());
              return running.getLast();
            },
            2);
    run(frame);
    run(frame);
    assertThat(replies).isEmpty();
    assertThat(frame.inFlight()).isEqualTo(2);

    run(frame);
    assertThat(running).hasSize(2);
    assertThat(lastReply())
        .startsWith("503 {\"__type\":\"com.amazon.coral.service#ServiceUnavailableException\"");

    running.getFirst().complete(ReplyBody.EMPTY);
    run(frame);
    assertThat(running).hasSize(3);
    running.forEach(future -> future.complete(ReplyBody.EMPTY));
    assertThat(frame.inFlight()).isZero();
    assertThat(replies).hasSize(4);
  }

  private record About(String aboutTable) implements AboutTable {}

  @Test
  void tellsTheObserverOfEveryRequest() {
    ApiFrame frame =
        frame(
            call -> {
              call.parse(
                  in -> {
                    while (in.nextMember()) {
                      in.skip();
                    }
                    return new About("Music");
                  });
              return CompletableFuture.completedFuture(ReplyBody.EMPTY);
            },
            9);
    run(frame);
    handle(frame, "DynamoDB_20120810.No", HeadOf.signed(), "{}");
    handle(frame, "DynamoDB_20120810.Op", UNSIGNED, "{}");
    handle(frame, "DynamoDB_20120810.Op", HeadOf.signed(), "");
    handle(frame, "DynamoDB_20120810.Op", HeadOf.signed(), "{");
    assertThat(observed)
        .containsExactly(
            "Op Music null",
            "_unknown null UNKNOWN_OPERATION",
            "Op null MISSING_AUTHENTICATION_TOKEN",
            "Op null SERIALIZATION",
            "Op null SERIALIZATION");
  }

  @Test
  void namesTheOneTableOfSeveralKeys() {
    assertThat(AboutTable.of(List.of())).isNull();
    assertThat(AboutTable.of(List.of("a", "a"))).isEqualTo("a");
    assertThat(AboutTable.of(List.of("a", "b"))).isEqualTo(AboutTable.SEVERAL);
  }

  @Test
  void describesEndpointsAndLimits() {
    ApiFrame frame = frame(ApiFrameTest::parseOnly, 9);
    handle(frame, "DynamoDB_20120810.DescribeEndpoints", HeadOf.signed(), "{}");
    assertThat(lastReply())
        .isEqualTo(
            "200 {\"Endpoints\":[{\"Address\":\"db.example:8000\","
                + "\"CachePeriodInMinutes\":1440}]}");
    handle(frame, "DynamoDB_20120810.DescribeLimits", HeadOf.signed(), "{\"x\":[1]}");
    assertThat(lastReply())
        .isEqualTo(
            "200 {\"AccountMaxReadCapacityUnits\":80000,\"AccountMaxWriteCapacityUnits\":80000,"
                + "\"TableMaxReadCapacityUnits\":40000,\"TableMaxWriteCapacityUnits\":40000}");
  }

  @Test
  void makesRequestIdsThatLookLikeTheServices() {
    assertThat(ID.toString()).hasSize(RequestId.LENGTH).matches("[A-Z0-9]{48}AAJG");
    assertThat(new RequestId(1, 2, 3, 5)).doesNotHaveToString(ID.toString());
  }
}
