package io.equator.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.json.Mutations;
import io.equator.coordinator.json.RandomJson;
import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireValue;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedItem;
import io.equator.model.item.ValueLayer;
import io.equator.model.item.ValueProblem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Damaged and random bodies: each gets an answer that the API defines, and never an internal error.
 */
class BodyFuzzTest {
  private static final int ROUNDS = 10_000;
  private static final RequestId ID = new RequestId(1, 2, 3, 4);

  /** Reads every kind of member and echoes the item. */
  private static final class Everything implements Operation {
    private @Nullable ValueProblem problem;
    private EncodedItem item = EncodedItem.EMPTY;

    @Override
    public String name() {
      return "Everything";
    }

    @Override
    public CompletableFuture<ReplyBody> run(ApiCall call) {
      Everything read = call.parse(Everything::read);
      if (read.problem != null) {
        throw ApiException.validation(read.problem.message(ValueLayer.OLDER));
      }
      return CompletableFuture.completedFuture(out -> out.item(read.item));
    }

    private static Everything read(WireReader in) {
      Everything read = new Everything();
      while (in.nextMember()) {
        read.member(in);
      }
      return read;
    }

    private void member(WireReader in) {
      switch (in.member()) {
        case "Item" -> {
          WireItem found = in.attributeMap();
          item = found.item();
          note(found.problem());
        }
        case "Value" -> {
          WireValue found = in.attributeValue();
          note(found.problem());
        }
        case "Text" -> in.string();
        case "Limit" -> in.integer();
        case "Long" -> in.longValue();
        case "Double" -> in.doubleValue();
        case "Since" -> in.timestamp();
        case "Flag" -> in.bool();
        case "Blob" -> in.blob();
        case "Names" -> in.stringMap();
        case "Texts" -> in.stringList();
        case "Requests" -> {
          in.beginMap("java.util.List<WriteRequest>");
          while (in.nextEntry()) {
            in.beginParameterizedList();
            while (in.nextElement()) {
              in.beginStruct("WriteRequest");
              while (in.nextMember()) {
                member(in);
              }
            }
          }
        }
        default -> in.skip();
      }
    }

    private void note(@Nullable ValueProblem found) {
      if (problem == null) {
        problem = found;
      }
    }
  }

  private static String body(Random random) {
    RandomJson json = new RandomJson(random);
    return "{\"Text\":\"t\",\"Limit\":"
        + random.nextInt(100)
        + ",\"Long\":7,\"Double\":0.5,\"Since\":1.7e9,\"Flag\":true,\"Blob\":\"YWJj\",\"Names\":"
        + "{\"#a\":\"b\"},\"Texts\":[\"a\",\"b\"],\"Item\":"
        + json.item()
        + ",\"Value\":{\"S\":\"x\"},\"Requests\":{\"t\":[{\"Item\":"
        + json.item()
        + "},{}]},\"Other\":[1,{\"x\":null}]}";
  }

  @Test
  void answersWhateverComes() {
    ApiFrame frame =
        new ApiFrame(
            OperationTable.of(List.of(new Everything())),
            new AnyCredentials("000000000000"),
            RequestObserver.NONE,
            10);
    WireWriter out = new WireWriter();
    int good = 0;
    for (long seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      Mutations mutations = new Mutations(random);
      byte[] original = body(random).getBytes(StandardCharsets.UTF_8);
      byte[] body =
          switch (random.nextInt(20)) {
            case 0 -> original;
            case 1 -> mutations.noise();
            default -> mutations.of(original);
          };
      List<ApiReply> replies = new ArrayList<>();
      frame.handle(
          "DynamoDB_20120810.Everything", HeadOf.signed(), body, 0, body.length, ID, replies::add);
      assertThat(replies).as("seed %d", seed).hasSize(1);
      int status = ApiFrame.write(replies.getFirst(), ID, out);
      String text = out.toString();
      assertThat(WireReader.isJson(out.array(), 0, out.length())).as("seed %d", seed).isTrue();
      if (status == 200) {
        good++;
      } else {
        assertThat(status).as("seed %d: %s", seed, text).isEqualTo(400);
        assertThat(text)
            .as("seed %d", seed)
            .containsAnyOf(
                "\"com.amazon.coral.service#SerializationException\"",
                "\"com.amazon.coral.validate#ValidationException\"");
      }
    }
    assertThat(good).isGreaterThan(ROUNDS / 100);
    assertThat(frame.inFlight()).isZero();
  }
}
