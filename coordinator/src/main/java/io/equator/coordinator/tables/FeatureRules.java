package io.equator.coordinator.tables;

import static io.equator.coordinator.tables.Rules.invalid;

import io.equator.coordinator.tables.Shapes.Sse;
import io.equator.coordinator.tables.Shapes.Stream;
import io.equator.model.error.ApiException;
import io.equator.proto.PastStream;
import io.equator.proto.TableDescriptor;
import io.equator.proto.Tag;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What stream, encryption and tag settings must mean, and what they make of a descriptor. */
final class FeatureRules {
  /** How long a stream can be read after it was switched off. */
  static final long STREAM_READABLE_MILLIS = 24L * 60 * 60 * 1000;

  static final int TAGS_MAX = 50;

  private FeatureRules() {}

  // ---- streams

  static void checkStream(@Nullable Stream stream) {
    if (stream == null) {
      return;
    }
    boolean enabled = Boolean.TRUE.equals(stream.enabled());
    if (enabled && stream.viewType() == null) {
      throw invalid("StreamViewType must be specified when StreamEnabled is true");
    }
    if (!enabled && stream.viewType() != null) {
      throw invalid("StreamViewType cannot be specified when StreamEnabled is false");
    }
  }

  /**
   * Turns the stream on under a new label, or off; the label of the last stream is kept. The
   * table's schema version must be the new one already.
   */
  static void applyStream(TableDescriptor.Builder table, Stream stream, long nowMillis) {
    boolean enable = Boolean.TRUE.equals(stream.enabled());
    if (!enable && table.getStreamEnabled()) {
      table.addPastStreams(
          PastStream.newBuilder()
              .setStreamId(table.getStreamId())
              .setLabel(table.getStreamLabel())
              .setViewType(table.getStreamViewType())
              .setCreatedMillis(table.getStreamCreatedMillis())
              .setDisabledMillis(nowMillis)
              .setEndedSchemaVersion(table.getSchemaVersion()));
    }
    while (table.getPastStreamsCount() > 0 && isOver(table.getPastStreams(0), nowMillis)) {
      table.removePastStreams(0);
    }
    table.setStreamEnabled(enable);
    if (enable && stream.viewType() != null) {
      table
          .setStreamViewType(stream.viewType())
          .setStreamLabel(Descriptors.streamLabel(nowMillis))
          .setStreamId(table.getSchemaVersion())
          .setStreamCreatedMillis(nowMillis);
    }
  }

  /** What is left of a table's streams when it is deleted. */
  static TableDescriptor withoutStream(TableDescriptor table, long nowMillis) {
    TableDescriptor.Builder left = table.toBuilder();
    if (table.getStreamEnabled()) {
      left.setSchemaVersion(table.getSchemaVersion() + 1);
    }
    applyStream(left, new Stream(false, null), nowMillis);
    return left.build();
  }

  /** Whether a stream that was switched off cannot be read any more. */
  static boolean isOver(PastStream past, long nowMillis) {
    return nowMillis - past.getDisabledMillis() > STREAM_READABLE_MILLIS;
  }

  // ---- encryption at rest

  static void checkSse(@Nullable Sse sse) {
    if (sse == null) {
      return;
    }
    if ("AES256".equals(sse.type())) {
      throw invalid("SSEType AES256 is not supported, only KMS is supported");
    }
    boolean enabled = Boolean.TRUE.equals(sse.enabled());
    if (!enabled && (sse.type() != null || sse.keyId() != null)) {
      throw invalid("SSEType and KMSMasterKeyId can be specified only when SSE is enabled");
    }
  }

  static void applySse(TableDescriptor.Builder table, Sse sse, Arns arns) {
    boolean enabled = Boolean.TRUE.equals(sse.enabled());
    String keyId = sse.keyId();
    table
        .setSseEnabled(enabled)
        .setSseKmsKeyArn(enabled ? arns.key(keyId == null ? "" : keyId) : "");
  }

  // ---- tags

  /** The tags after these were added: by key, the newer value wins. */
  static Collection<Tag> addTags(Collection<Tag> present, Collection<Tag> added) {
    Map<String, Tag> byKey = new TreeMap<>();
    present.forEach(tag -> byKey.put(tag.getKey(), tag));
    for (Tag tag : added) {
      if (tag.getKey().startsWith("aws:")) {
        throw invalid("Tag keys that begin with aws: are reserved. Tag key: " + tag.getKey());
      }
      byKey.put(tag.getKey(), tag);
    }
    if (byKey.size() > TAGS_MAX) {
      throw ApiException.validation("The number of tags exceeds the limit of " + TAGS_MAX);
    }
    return byKey.values();
  }
}
