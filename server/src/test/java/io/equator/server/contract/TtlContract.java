package io.equator.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Identity;
import software.amazon.awssdk.services.dynamodb.model.OperationType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/** Time to live: which items go, and how a stream shows it. */
@SuppressWarnings("unchecked") // The SDK takes its builders as arrays of generic types.
interface TtlContract extends StreamContract {
  /** What the issue asks for is half a minute. */
  long PATIENCE = 30_000_000_000L;

  private static long in(long seconds) {
    return Instant.now().getEpochSecond() + seconds;
  }

  private void enable(String table) {
    dynamo()
        .updateTimeToLive(
            r ->
                r.tableName(table)
                    .timeToLiveSpecification(s -> s.enabled(true).attributeName("expires")));
  }

  private void awaitGone(String table, String key) {
    long deadline = System.nanoTime() + PATIENCE;
    while (!get(table, "pk", key).isEmpty()) {
      assertThat(System.nanoTime()).as("%s goes", key).isLessThan(deadline);
    }
  }

  @Test
  default void expiredItemsGoAndOthersStay() {
    String table = "Contract.Ttl." + UUID.randomUUID();
    create(
        Contract.plain(table).toBuilder()
            .streamSpecification(
                s -> s.streamEnabled(true).streamViewType(StreamViewType.OLD_IMAGE))
            .build());
    put(table, "pk", "before", "expires", in(-100));
    enable(table);
    put(table, "pk", "old", "expires", in(-60));
    put(table, "pk", "extended", "expires", in(-60));
    put(table, "pk", "extended", "expires", in(3600));
    put(table, "pk", "young", "expires", in(3600));
    put(table, "pk", "ancient", "expires", in(-6L * 365 * 86400));
    put(table, "pk", "text", "expires", "" + in(-60));
    put(table, "pk", "none");
    put(table, "pk", "soon", "expires", in(2));
    awaitGone(table, "old");
    awaitGone(table, "before");
    awaitGone(table, "soon");
    for (String key : new String[] {"young", "ancient", "text", "none"}) {
      assertThat(get(table, "pk", key)).as(key).isNotEmpty();
    }
    String arn = dynamo().describeTable(r -> r.tableName(table)).table().latestStreamArn();
    assertThat(all(arn))
        .filteredOn(r -> r.eventName() == OperationType.REMOVE)
        .allSatisfy(
            r ->
                assertThat(r.userIdentity())
                    .isEqualTo(
                        Identity.builder()
                            .principalId("dynamodb.amazonaws.com")
                            .type("Service")
                            .build()))
        .extracting((Record r) -> r.dynamodb().keys().get("pk").s())
        .contains("old", "before", "soon")
        .doesNotContain("young", "ancient", "text", "none");
  }

  /** The index knows whole seconds only; such an item must not be taken for one that lives. */
  @Test
  default void fractionsOfASecondDoNotKeepAnItem() {
    String table = "Contract.Ttl." + UUID.randomUUID();
    create(Contract.plain(table));
    enable(table);
    for (int i = 0; i < 5; i++) {
      put(table, "pk", "fraction" + i, "expires", AttributeValue.fromN(in(1 + i) + ".9"));
    }
    for (int i = 0; i < 5; i++) {
      awaitGone(table, "fraction" + i);
    }
  }
}
