package io.equator.coordinator.api;

import java.util.concurrent.CompletableFuture;

/** Tells the provisioned-capacity limits of the account and of a table: DynamoDB's defaults. */
public final class DescribeLimits implements Operation {
  private static final int ACCOUNT_UNITS_MAX = 80_000;
  private static final int TABLE_UNITS_MAX = 40_000;

  /** The operation. */
  public DescribeLimits() {}

  @Override
  public String name() {
    return "DescribeLimits";
  }

  @Override
  public CompletableFuture<ReplyBody> run(ApiCall call) {
    call.parse(NoMembers.READER);
    return CompletableFuture.completedFuture(
        out -> {
          out.beginObject();
          out.field("AccountMaxReadCapacityUnits", ACCOUNT_UNITS_MAX);
          out.field("AccountMaxWriteCapacityUnits", ACCOUNT_UNITS_MAX);
          out.field("TableMaxReadCapacityUnits", TABLE_UNITS_MAX);
          out.field("TableMaxWriteCapacityUnits", TABLE_UNITS_MAX);
          out.endObject();
        });
  }
}
