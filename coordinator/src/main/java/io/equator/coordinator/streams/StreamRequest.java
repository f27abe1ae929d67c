package io.equator.coordinator.streams;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.EnumValues;
import io.equator.coordinator.json.WireReader;
import org.jspecify.annotations.Nullable;

/** The members of all four requests, as they were sent. */
record StreamRequest(
    @Nullable String streamArn,
    @Nullable String tableName,
    @Nullable Integer limit,
    @Nullable String exclusiveStartStreamArn,
    @Nullable String exclusiveStartShardId,
    @Nullable String shardId,
    @Nullable String shardIteratorType,
    @Nullable String sequenceNumber,
    @Nullable String shardIterator,
    @Nullable String filterType,
    @Nullable String filterShardId) {
  private static final int ARN_MIN = 37;
  private static final int ARN_MAX = 1024;
  private static final int PAGE_MAX = 100;
  private static final int RECORDS_MAX = 1_000;
  private static final EnumValues TYPES =
      EnumValues.of("AFTER_SEQUENCE_NUMBER", "LATEST", "TRIM_HORIZON", "AT_SEQUENCE_NUMBER");
  private static final EnumValues FILTERS = EnumValues.of("CHILD_SHARDS");

  static StreamRequest read(WireReader in) {
    String streamArn = null;
    String tableName = null;
    Integer limit = null;
    String exclusiveStartStreamArn = null;
    String exclusiveStartShardId = null;
    String shardId = null;
    String shardIteratorType = null;
    String sequenceNumber = null;
    String shardIterator = null;
    String filterType = null;
    String filterShardId = null;
    while (in.nextMember()) {
      switch (in.member()) {
        case "StreamArn" -> streamArn = in.string();
        case "TableName" -> tableName = in.string();
        case "Limit" -> limit = in.integer();
        case "ExclusiveStartStreamArn" -> exclusiveStartStreamArn = in.string();
        case "ExclusiveStartShardId" -> exclusiveStartShardId = in.string();
        case "ShardId" -> shardId = in.string();
        case "ShardIteratorType" -> shardIteratorType = in.string();
        case "SequenceNumber" -> sequenceNumber = in.string();
        case "ShardIterator" -> shardIterator = in.string();
        case "ShardFilter" -> {
          Filter filter = Filter.read(in);
          filterType = filter.type();
          filterShardId = filter.shardId();
        }
        default -> in.skip();
      }
    }
    return new StreamRequest(
        streamArn,
        tableName,
        limit,
        exclusiveStartStreamArn,
        exclusiveStartShardId,
        shardId,
        shardIteratorType,
        sequenceNumber,
        shardIterator,
        filterType,
        filterShardId);
  }

  private record Filter(@Nullable String type, @Nullable String shardId) {
    static Filter read(WireReader in) {
      String type = null;
      String shardId = null;
      in.beginStruct("ShardFilter");
      while (in.nextMember()) {
        switch (in.member()) {
          case "Type" -> type = in.string();
          case "ShardId" -> shardId = in.string();
          default -> in.skip();
        }
      }
      return new Filter(type, shardId);
    }
  }

  void checkList() {
    Constraints constraints = new Constraints();
    constraints.length("tableName", tableName, 3, 255);
    constraints.range("limit", limit, 1, PAGE_MAX);
    constraints.length("exclusiveStartStreamArn", exclusiveStartStreamArn, ARN_MIN, ARN_MAX);
    constraints.throwIfAny();
  }

  void checkDescribe() {
    Constraints constraints = new Constraints();
    constraints.range("limit", limit, 1, PAGE_MAX);
    constraints.length("exclusiveStartShardId", exclusiveStartShardId, 28, 65);
    checkArn(constraints);
    constraints.enumValue("shardFilter.type", filterType, FILTERS);
    constraints.length("shardFilter.shardId", filterShardId, 28, 65);
    constraints.throwIfAny();
  }

  void checkIterator() {
    Constraints constraints = new Constraints();
    if (constraints.notNull("shardId", shardId)) {
      constraints.length("shardId", shardId, 28, 65);
    }
    if (constraints.notNull("shardIteratorType", shardIteratorType)) {
      constraints.enumValue("shardIteratorType", shardIteratorType, TYPES);
    }
    constraints.length("sequenceNumber", sequenceNumber, 21, 40);
    checkArn(constraints);
    constraints.throwIfAny();
  }

  void checkRecords() {
    Constraints constraints = new Constraints();
    constraints.range("limit", limit, 1, RECORDS_MAX);
    if (constraints.notNull("shardIterator", shardIterator)) {
      constraints.length("shardIterator", shardIterator, 1, 2048);
    }
    constraints.throwIfAny();
  }

  private void checkArn(Constraints constraints) {
    if (constraints.notNull("streamArn", streamArn)) {
      constraints.length("streamArn", streamArn, ARN_MIN, ARN_MAX);
    }
  }

  int limitOr(int otherwise) {
    return limit == null ? otherwise : limit;
  }
}
